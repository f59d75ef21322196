import type { IncomingMessage } from 'node:http'
import type { ClientLookup } from '@countersign/core'
import {
  type BodyOptions,
  type Clock,
  checkRegistry,
  coreError,
  defaultMaxBodyBytes,
  invalidType,
  invalidValue,
  memoryReplayStore,
  OptionReader,
  quotedRealm,
  type ReplayStore,
  type Secret,
  type SecretInput,
  secretSet,
} from '@countersign/core/base'
import {
  type CompiledScheme,
  type CompileOptions,
  checkDecoded,
  checkedOrigin,
  compileOptions,
  compileScheme,
  hexSignature,
  type Scheme,
} from '@countersign/schemes/verifier'
import { type ClientSecretsOptions, clientSecrets } from './client-secrets.js'
import { readExplain } from './explainer.js'
import { type HandshakeOptions, readHandshake } from './handshake.js'
import type { HmacSettings } from './settings.js'

/** What `hmacAuthenticator` and `hmacVerify` take. */
export interface HmacVerifyOptions extends CompileOptions {
  /** The signing scheme. Default `hexSignature`: hex HMAC-SHA256 of the body in X-Signature. */
  readonly scheme?: Scheme
  /**
   * The secret or secrets, or a function that finds those of a key id. A string is the vendor's text and is decoded as the scheme
   * says; octets and a KeyObject are the key itself. At least 16 octets unless `allowWeakSecret`. Either this or `clients` is needed.
   */
  readonly secret?: SecretInput
  /** A registry whose clients have HMAC keys, found by the key id that the scheme carries. `req.auth` is that client, with its groups. */
  readonly clients?: ClientLookup
  /**
   * Where accepted requests are remembered; false: nowhere. Default: the memory of this process, where the scheme signs a nonce or a
   * time; otherwise none, since honest requests can be identical.
   */
  readonly replay?: ReplayStore | false
  /** How long a request is remembered where the scheme signs no time, seconds. Needed there when `replay` is on. */
  readonly replayTtlSeconds?: number
  /** What becomes of a request while the replay store is down. Default `refuse` (503). */
  readonly onStoreError?: 'refuse' | 'allow'
  /** Whether a request whose handler answered with status 500 or above may be sent again as it is. Default true. */
  readonly releaseOnServerError?: boolean
  /** The largest body, octets. Default 1048576. */
  readonly maxBodyBytes?: number
  /** Whether the body counts as sent, or with its Content-Encoding taken off. Default `wire`. */
  readonly digestOver?: 'wire' | 'decoded'
  /**
   * Where a host keeps the octets of a body that it has read itself. Default `req.rawBody`, when it is a Buffer. For an event of AWS Lambda
   * that an adapter keeps on the request: `({ event }) => Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8')`.
   */
  readonly rawBody?: (message: IncomingMessage) => Uint8Array | undefined
  /** Where clients send requests to, `https://api.example.com`. Needed by schemes that sign the URL; never taken from a header. */
  readonly publicOrigin?: string
  /** The client that a secret without id belongs to. Default the scheme's name. */
  readonly clientId?: string
  /** Answers the vendor's handshake (see the scheme's documentation). Default false: it is judged as any other request. */
  readonly handshake?: boolean | HandshakeOptions
  /** The realm of the challenge. Default `api`. */
  readonly realm?: string
  /** How long a look-up or a store may take, milliseconds. Default 5000. */
  readonly timeoutMs?: number
  /** Accepts secrets of fewer than 16 octets. Default false. */
  readonly allowWeakSecret?: boolean
  /** Accepts requests of which the scheme signs nothing. Default false. */
  readonly allowEmptyBody?: boolean
  /**
   * Logs why a signature does not hold, with `process.emitWarning`: the cause, the fix, the strings to sign; no secret, no signature.
   * For development: refused where NODE_ENV is production. The answer stays what it is. A flood is explained in part. Default false.
   */
  readonly explain?: boolean
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Clock
}

const NAMES = [
  'scheme',
  'secret',
  'clients',
  'params',
  'toleranceSeconds',
  'mustInclude',
  'replay',
  'replayTtlSeconds',
  'onStoreError',
  'releaseOnServerError',
  'maxBodyBytes',
  'digestOver',
  'rawBody',
  'publicOrigin',
  'clientId',
  'realm',
  'handshake',
  'timeoutMs',
  'allowWeakSecret',
  'allowUnboundBody',
  'allowEmptyBody',
  'allowInsecureScheme',
  'explain',
  'now',
] as const satisfies readonly (keyof HmacVerifyOptions)[]

/**
 * Checks the options.
 *
 * @throws TypeError that names the option and says what to write instead
 */
export function readOptions(factory: string, options: HmacVerifyOptions): HmacSettings {
  const reader = new OptionReader(factory, options, NAMES)
  const now = reader.callback<Clock>('now') ?? Date.now
  const timeoutMs = reader.integer('timeoutMs', 5000, 'milliseconds')
  const allowWeak = reader.boolean('allowWeakSecret', false)
  const compile = compileOptions(reader)
  const scheme = compileScheme(schemeOf(factory, options, reader), compile, factory)
  const clients = clientsOf(factory, reader, scheme, { now, timeoutMs, allowWeak })
  const secrets = clients?.secrets ?? secretSet(factory, 'secret', reader.raw('secret'), { now, timeoutMs, allowWeak })
  if (!secrets.lookup) for (const secret of secrets.active(undefined) as readonly Secret[]) checkDecoded(factory, scheme, secret, allowWeak)
  const publicOrigin = reader.text('publicOrigin')
  if (scheme.facts.needsOrigin && publicOrigin === undefined) {
    throw invalidValue(
      factory,
      'publicOrigin',
      `is required: scheme '${scheme.definition.name}' signs the URL; write publicOrigin: 'https://api.example.com'`,
    )
  }
  return {
    scheme,
    secrets,
    clients,
    checkSecret: secretCheck(factory, scheme, allowWeak),
    ...replayOf(factory, reader, scheme, now),
    allowStoreError: reader.oneOf('onStoreError', ['refuse', 'allow'], 'refuse') === 'allow',
    releaseOnServerError: reader.boolean('releaseOnServerError', true),
    body: bodyOptions(reader),
    publicOrigin: publicOrigin === undefined ? undefined : checkedOrigin(factory, publicOrigin),
    clientId: reader.text('clientId', scheme.definition.name),
    realm: quotedRealm(reader),
    handshake: readHandshake(reader, scheme, timeoutMs, allowWeak),
    timeoutMs,
    allowEmptyBody: reader.boolean('allowEmptyBody', false),
    explainer: readExplain(reader, compile),
    now,
  }
}

/** The registry, when secrets come from one: then the scheme has to carry a key id, and no other secret may be given. */
function clientsOf(factory: string, reader: OptionReader, scheme: CompiledScheme, options: ClientSecretsOptions): HmacSettings['clients'] {
  if (!reader.has('clients')) return undefined
  const registry = checkRegistry<ClientLookup>(factory, reader.raw('clients'), 'findHmacKey')
  for (const other of ['secret', 'clientId']) {
    if (reader.has(other)) throw invalidValue(factory, other, 'cannot be combined with clients, which have their own secrets and ids')
  }
  if (!scheme.facts.keyId) {
    throw invalidValue(factory, 'clients', `cannot be used with scheme '${scheme.definition.name}', which carries no key id; give a secret`)
  }
  return { registry, secrets: clientSecrets(factory, registry, options) }
}

/** Checks each secret when it is first seen. */
function secretCheck(factory: string, scheme: CompiledScheme, allowWeak: boolean): (secret: Secret) => void {
  const good = new WeakSet<Secret>()
  return (secret) => {
    if (good.has(secret)) return
    try {
      checkDecoded(factory, scheme, secret, allowWeak)
    } catch (error) {
      throw coreError('ERR_SECRET_UNUSABLE', (error as Error).message, error)
    }
    good.add(secret)
  }
}

/** A `scheme` that is there and undefined is a misspelt import: it may not become the default, which checks something else. */
function schemeOf(factory: string, options: HmacVerifyOptions, reader: OptionReader): Scheme {
  if (!Object.hasOwn(options ?? {}, 'scheme')) return hexSignature
  const scheme = reader.raw('scheme')
  if (typeof scheme !== 'object' || scheme === null || Array.isArray(scheme)) {
    throw invalidType(factory, 'scheme', "a scheme object, such as github from '@countersign/schemes'", scheme)
  }
  return scheme as Scheme
}

/** Ten years: a store that remembers for longer never forgets. */
const MOST_TTL_SECONDS = 86_400 * 3660

function replayOf(
  factory: string,
  reader: OptionReader,
  scheme: CompiledScheme,
  now: Clock,
): Pick<HmacSettings, 'replay' | 'replayTtlSeconds'> {
  // A store that is there and undefined is a setting that was not found: it may not become none.
  const given = reader.asksFor('replay') ? reader.raw('replay') : undefined
  const { facts } = scheme
  if (given !== undefined && given !== false && !isStore(given)) {
    throw invalidType(factory, 'replay', 'a ReplayStore with claim and release, such as memoryReplayStore(), or false', given)
  }
  const replayTtlSeconds = reader.has('replayTtlSeconds') ? reader.integer('replayTtlSeconds', 0, 'seconds') : undefined
  if (replayTtlSeconds !== undefined && replayTtlSeconds > MOST_TTL_SECONDS)
    throw invalidValue(factory, 'replayTtlSeconds', `must be at most ${MOST_TTL_SECONDS} seconds; got ${replayTtlSeconds}`)
  if (given === false || (given === undefined && !facts.distinct)) return { replay: undefined, replayTtlSeconds: undefined }
  if (!facts.binds.timestamp && replayTtlSeconds === undefined) {
    const problem = `is required: scheme '${scheme.definition.name}' signs no time, so nothing limits how long a request must be remembered; write replayTtlSeconds: 86400, or replay: false`
    throw invalidValue(factory, 'replayTtlSeconds', problem)
  }
  return { replay: (given as ReplayStore | undefined) ?? memoryReplayStore({ now }), replayTtlSeconds }
}

function isStore(value: unknown): value is ReplayStore {
  const store = value as Partial<ReplayStore> | null
  return typeof store === 'object' && store !== null && typeof store.claim === 'function' && typeof store.release === 'function'
}

function bodyOptions(reader: OptionReader): BodyOptions {
  const rawBody = reader.callback<NonNullable<HmacVerifyOptions['rawBody']>>('rawBody')
  return {
    maxBodyBytes: reader.integer('maxBodyBytes', defaultMaxBodyBytes, 'octets'),
    digestOver: reader.oneOf('digestOver', ['wire', 'decoded'], 'wire'),
    ...(rawBody !== undefined && { rawBody }),
  }
}
