import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { hmacVerify } from '@countersign/hmac-verify/express'
import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Registry } from 'prom-client'
import { observe } from '../../examples/observability/opentelemetry.js'
import { count } from '../../examples/observability/prometheus.js'

const SECRET = 'an-example-secret-of-32-octets!!'
const spans = new InMemorySpanExporter()
const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })
const metering = new MeterProvider({ readers: [reader] })
const registry = new Registry()
let server
let end

before(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  end = observe(metering.getMeter('countersign'))
  count(registry)
  const guard = hmacVerify({ secret: SECRET, clientId: 'orders' })
  const tracer = tracing.getTracer('test')
  server = createServer((req, res) =>
    tracer.startActiveSpan('request', (span) => {
      res.on('finish', () => span.end())
      guard(req, res, () => res.end('{}'))
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

after(async () => {
  end()
  server.close()
  await metering.shutdown()
  await tracing.shutdown()
  context.disable()
  metrics.disable()
  trace.disable()
})

async function post(signature) {
  const url = `http://127.0.0.1:${server.address().port}/orders?token=not-to-be-shown`
  const { status } = await fetch(url, { method: 'POST', body: '{}', headers: { 'X-Signature': signature } })
  return status
}

test('OpenTelemetry and Prometheus are told what was decided, and no credential', async () => {
  const right = createHmac('sha256', SECRET).update('{}').digest('hex')
  assert.equal(await post(right), 200)
  assert.equal(await post('0'.repeat(64)), 401)

  const [granted, refused] = spans.getFinishedSpans()
  assert.equal(granted.attributes['user.id'], 'orders')
  assert.deepEqual(refused.attributes, {})
  const [{ name, attributes }] = refused.events
  assert.equal(name, 'countersign.refused')
  assert.deepEqual(
    { ...attributes, 'countersign.reason': undefined },
    {
      'countersign.authenticator': 'hmac-verify',
      'http.request.method': 'POST',
      'error.type': 'ERR_HMAC_MISMATCH',
      'http.response.status_code': 401,
      'url.path': '/orders',
      'countersign.reason': undefined,
    },
  )

  await reader.forceFlush()
  const [{ scopeMetrics }] = measured.getMetrics().slice(-1)
  const points = scopeMetrics[0].metrics[0].dataPoints.map(({ attributes: of, value }) => [of['countersign.decision'], value])
  assert.deepEqual(points.sort(), [
    ['granted', 1],
    ['refused', 1],
  ])

  const text = await registry.metrics()
  assert.match(text, /countersign_decisions_total\{authenticator="hmac-verify",decision="granted",code=""\} 1/)
  assert.match(text, /countersign_decisions_total\{authenticator="hmac-verify",decision="refused",code="ERR_HMAC_MISMATCH"\} 1/)
  const all = JSON.stringify([granted.attributes, refused.events, text])
  for (const secret of [right, '0'.repeat(64), 'not-to-be-shown']) assert.ok(!all.includes(secret))
})
