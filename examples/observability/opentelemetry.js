import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { SpanStatusCode, trace } from '@opentelemetry/api'

const DECISIONS = { 'countersign:granted': 'granted', 'countersign:refused': 'refused', 'countersign:error': 'error' }

/**
 * Tells OpenTelemetry what countersign decides: a counter `countersign.decisions`, and on the span of the request its client, or why it
 * was refused. Attributes have the names of the semantic conventions where these have one; no attribute holds a credential.
 *
 * @param {import('@opentelemetry/api').Meter} meter
 * @returns {() => void} ends it
 */
export function observe(meter) {
  const decisions = meter.createCounter('countersign.decisions', { description: 'Requests that were judged', unit: '{request}' })
  const listeners = Object.entries(DECISIONS).map(([channel, decision]) => {
    const listener = (event) => {
      decisions.add(1, { ...common(event), 'countersign.decision': decision })
      mark(trace.getActiveSpan(), event, decision)
    }
    subscribe(channel, listener)
    return () => unsubscribe(channel, listener)
  })
  return () => {
    for (const end of listeners) end()
  }
}

/** Few different values each: neither client nor path, which would make a time series of every one. */
function common({ authenticator, method, code, status }) {
  return {
    'countersign.authenticator': authenticator,
    'http.request.method': method,
    ...(code !== undefined && { 'error.type': code }),
    ...(status !== undefined && { 'http.response.status_code': status }),
  }
}

function mark(span, event, decision) {
  if (span === undefined) return
  if (decision === 'granted') {
    span.setAttributes({ 'user.id': event.principal.clientId, 'countersign.scheme': event.principal.scheme })
    return
  }
  span.addEvent(`countersign.${decision}`, { ...common(event), 'url.path': event.path, 'countersign.reason': event.reason ?? '' })
  // A refusal is the caller's fault: the span of a server has no error then.
  if (decision === 'error') span.setStatus({ code: SpanStatusCode.ERROR })
}
