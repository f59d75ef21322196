import { once } from 'node:events'
import type { Invocation } from '../command-spec.js'
import { DeliveryJudge, type Judged } from '../delivery-judge.js'
import { DeliveryView } from '../delivery-view.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { loadScheme } from '../input/scheme-source.js'
import { type GivenSecret, readSecrets } from '../input/secret.js'
import { SavedRequests } from '../saved-requests.js'
import { type Received, type Reply, startReceiver } from '../webhook-receiver.js'

const DEFAULT_PORT = 3000
const DEFAULT_MAX_BODY = 1024 * 1024

/**
 * `countersign listen`: a receiver for webhooks that verifies each and explains each failure, until Ctrl-C or --count. Ends with 0 when all
 * that came held. A sender is told 200 or 401 and no more.
 */
export async function run({ args, flags, terminal }: Invocation): Promise<ExitCode> {
  const port = flags.integer('port', 'a port', 0, 65_535) ?? DEFAULT_PORT
  const host = flags.text('host') ?? '127.0.0.1'
  const count = flags.integer('count', 'requests', 1)
  const maxBodyBytes = flags.integer('max-body', 'octets', 0) ?? DEFAULT_MAX_BODY
  const definition = loadScheme(args[0] ?? '')
  const secrets = await readSecrets(flags, terminal, false)
  const judge = new DeliveryJudge(definition, secrets, flags)
  const folder = flags.text('save')
  const saved = folder === undefined ? undefined : new SavedRequests(folder)
  const view = new DeliveryView(terminal, definition.name, flags.has('json'))
  const end = new AbortController()
  const receive = async (received: Received): Promise<Reply> => {
    // Behind the last that was asked for: it came meanwhile, or in one piece with that.
    if (end.signal.aborted) return { status: 503, headers: { Connection: 'close' } }
    const judged = judge.judge(received)
    const path = saved?.save(received, fileName(view.count + 1, judged))
    view.show({ ...received, target: withoutSecrets(received.target, secrets) }, judged, path)
    if (view.count === count) end.abort()
    return judged.reply
  }
  const receiver = await startReceiver({
    host,
    port,
    maxBodyBytes,
    receive: (received) => told(receive(received), end),
    unreadable: (reason) => view.unreadable(reason),
  })
  view.listening(receiver.url, judge.notes)
  await stopped(end.signal)
  await receiver.close()
  view.end()
  if (end.signal.reason instanceof Error && end.signal.reason.name !== 'AbortError') throw end.signal.reason
  return view.refused === 0 ? exitCodes.success : exitCodes.negative
}

/** A request that cannot be kept or judged ends the command: going on would lose the next ones as well. */
async function told(reply: Promise<Reply>, end: AbortController): Promise<Reply> {
  try {
    return await reply
  } catch (error) {
    end.abort(error)
    return { status: 500 }
  }
}

/** A sender may put anything into a URL, what it should keep to itself too. */
function withoutSecrets(target: string, secrets: readonly GivenSecret[]): string {
  return secrets.reduce(
    (text, secret) => text.replaceAll(secret.text, '[secret]').replaceAll(encodeURIComponent(secret.text), '[secret]'),
    target,
  )
}

function fileName(index: number, { at, ok }: Judged): string {
  const time = new Date(at).toISOString().replace(/[:.]/g, '-')
  return `${time}-${String(index).padStart(4, '0')}-${ok ? 'valid' : 'refused'}`
}

/** Resolves at the end of the count, at Ctrl-C and at SIGTERM. */
async function stopped(signal: AbortSignal): Promise<void> {
  const waits = new AbortController()
  const options = { signal: waits.signal }
  const ended = signal.aborted ? Promise.resolve() : once(signal, 'abort', options)
  await Promise.race(
    [ended, once(process, 'SIGINT', options), once(process, 'SIGTERM', options)].map((wait) => wait.catch(() => undefined)),
  )
  waits.abort()
}
