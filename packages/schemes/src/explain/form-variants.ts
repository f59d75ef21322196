import { compileScheme } from '../compile/compile.js'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { CompileOptions } from '../compile/safety.js'
import type { SchemeDefinition } from '../definition/definition.js'
import { HASHES, type HashName, isProvided } from '../hash/hmac.js'
import { type Cause, type Told, told } from './causes.js'

/** A change of the scheme itself: another hash, another encoding, another text around the signature. */
interface FormChange {
  readonly cause: Cause
  readonly title: (definition: SchemeDefinition) => string
  readonly change: (definition: SchemeDefinition) => SchemeDefinition | undefined
}

/** A scheme that a sender may have meant. */
export interface Form {
  readonly told: readonly Told[]
  readonly scheme: CompiledScheme
}

interface Encoding {
  readonly cause: Cause
  readonly encoding: string
  readonly name: string
  /** The encoding of the scheme that this is a mistake of; any. */
  readonly of?: string
}

const UNPADDED = 'base64|unsuffix:=|unsuffix:='

const ENCODINGS: readonly Encoding[] = [
  { cause: 'signature-case', encoding: 'hex|upper', name: 'hex in capitals' },
  { cause: 'signature-padding', encoding: UNPADDED, name: 'base64 without "="', of: 'base64' },
  { cause: 'signature-padding', encoding: 'base64urlPadded', name: 'base64url with "="', of: 'base64url' },
  { cause: 'signature-encoding', encoding: 'hex', name: 'hex' },
  { cause: 'signature-encoding', encoding: 'base64', name: 'base64' },
  { cause: 'signature-encoding', encoding: 'base64url', name: 'base64url' },
  { cause: 'signature-encoding', encoding: 'base64urlPadded', name: 'base64url with "="' },
  { cause: 'signature-encoding', encoding: UNPADDED, name: 'base64 without "="' },
  { cause: 'signature-encoding', encoding: 'hex|utf8|base64', name: 'the base64 of hex' },
  { cause: 'signature-encoding', encoding: 'hex|append:\n|utf8|base64', name: 'the base64 of hex and a line feed (base64 behind echo)' },
  ...['', 'SHA2-256', 'SHA256', 'SHA1'].map(
    (hash): Encoding => ({
      cause: 'signature-encoding',
      encoding: `hex|prepend:${hash}(stdin)= |append:\n|utf8|base64`,
      name: 'the base64 of what openssl prints; openssl dgst -binary prints the octets',
    }),
  ),
  { cause: 'signature-escaped', encoding: 'base64|encode', name: 'percent-encoded base64' },
  { cause: 'signature-escaped', encoding: `${UNPADDED}|encode`, name: 'percent-encoded base64 without "="' },
  {
    cause: 'signature-escaped',
    encoding: 'base64|replace:+/ ',
    name: 'base64 whose "+" became a blank, since it was not percent-encoded in the URL',
  },
]

const encodings: readonly FormChange[] = ENCODINGS.map(({ cause, encoding, name, of }) => ({
  cause,
  title: () => `the signature is written in ${name}`,
  change: (definition) => {
    const { encoding: own = 'hex', ...signature } = definition.signature
    if (own === encoding || (of !== undefined && own !== of)) return undefined
    return { ...definition, signature: { ...signature, encoding } }
  },
}))

/** No sender is known that takes them, and each hash is tried with every other change. */
const UNSEARCHED: readonly string[] = ['sha3-224', 'sha3-384']

const SEARCHED = (Object.keys(HASHES) as HashName[]).filter((hash) => !UNSEARCHED.includes(hash) && isProvided(hash))

const algorithms: readonly FormChange[] = SEARCHED.map((hash) => ({
  cause: 'algorithm',
  title: () => `the signature is made with HMAC-${hash.toUpperCase()}`,
  change: (definition) => {
    const { algorithm = 'sha256' } = definition
    if (algorithm === hash) return undefined
    if (typeof algorithm === 'string') return { ...definition, algorithm: hash }
    return { ...definition, algorithm: Object.fromEntries(Object.keys(algorithm).map((word) => [word, hash])) }
  },
}))

const DIGEST_ENCODINGS = [
  ['base64', 'hex'],
  ['hex', 'base64'],
] as const

/** The digest of the body inside the string to sign, in another encoding. */
const digests: readonly FormChange[] = DIGEST_ENCODINGS.map(([own, other]) => ({
  cause: 'body-digest',
  title: () => `the sender signs the digest of the body in ${other}, and the scheme has it in ${own}`,
  change: (definition) => {
    const message = rewritten(definition.message, new RegExp(`(\\{body\\??\\|(?:md5|sha1|sha256|sha512)\\|)${own}\\}`, 'g'), `$1${other}}`)
    return message === definition.message ? undefined : { ...definition, message }
  },
}))

/** The same with other texts in it; itself where nothing is found. */
function rewritten<T>(value: T, pattern: RegExp, text: string): T {
  if (typeof value === 'string') return value.replace(pattern, text) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, member]) => [name, rewritten(member, pattern, text)] as const)
  if (entries.every(([name, member]) => member === (value as Record<string, unknown>)[name])) return value
  return (Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries)) as T
}

/** Texts that senders put in front of a signature. */
const FRONTS = [
  'sha256=',
  'sha1=',
  'sha512=',
  'v0=',
  'v1=',
  'v1,',
  'hmac ',
  'HMAC ',
  'hmac-sha256=',
  'Bearer ',
  'Signature ',
  'sha256:',
  'signature=',
  '0x',
  '(stdin)= ',
  'SHA2-256(stdin)= ',
  'SHA256(stdin)= ',
  'SHA1(stdin)= ',
]

const prefixes: readonly FormChange[] = [
  framed(
    'prefix-missing',
    (front) => `"${front}" is missing in front of the signature`,
    (front, rest) => (front === '' ? undefined : rest),
  ),
  framed(
    'prefix-doubled',
    (front) => `"${front}" stands twice in front of the signature`,
    (front, rest) => (front === '' ? undefined : front + front + rest),
  ),
  framed(
    'signature-quoted',
    () => 'the signature stands in quotes',
    (front, rest) => `"${front}${rest}"`,
  ),
  framed(
    'signature-quoted',
    () => 'the signature stands in quotes',
    (front, rest) => `${front}"${rest}"`,
  ),
  framed(
    'prefix-other',
    (front) => `"${front}" stands in capitals in front of the signature`,
    (front, rest) => (front === front.toUpperCase() ? undefined : front.toUpperCase() + rest),
  ),
  framed(
    'prefix-other',
    (front) => `a blank stands between "${front}" and the signature`,
    (front, rest) => (front === '' || front.endsWith(' ') ? undefined : `${front} ${rest}`),
  ),
  framed(
    'signature-escaped',
    (front) => `"${front}" stands percent-encoded in front of what the signature carries, as in a cookie`,
    (front, rest) => (encodeURIComponent(front) === front ? undefined : encodeURIComponent(front) + rest),
  ),
  ...FRONTS.map((other) =>
    framed(
      'prefix-other',
      (front) =>
        front === '' ? `"${other}" stands in front of the signature` : `"${other}" stands in front of the signature in place of "${front}"`,
      (front, rest) => (front === other ? undefined : other + rest),
    ),
  ),
]

/** The whole text, encoded or not. */
const wrappings: readonly FormChange[] = ([undefined, 'base64', 'base64url'] as const).map((wrapped) => ({
  cause: 'signature-form',
  title: ({ signature }) =>
    wrapped === undefined
      ? `the text that carries the signature stands as it is, and the scheme has it in ${signature.wrapped}`
      : `the text that carries the signature stands in ${wrapped} as a whole: "wrapped"`,
  change: (definition) => {
    const { wrapped: own, ...signature } = definition.signature
    if (own === wrapped || signature.format === undefined || signature.dictionary !== undefined || signature.path !== undefined)
      return undefined
    return { ...definition, signature: wrapped === undefined ? signature : { ...signature, wrapped } }
  },
}))

/** Changes the text in front of the first slot of the signature's format; formats of members have names instead. */
function framed(cause: Cause, title: (front: string) => string, change: (front: string, rest: string) => string | undefined): FormChange {
  return {
    cause,
    title: (definition) => title(frontOf(definition)[0]),
    change: (definition) => {
      const { signature } = definition
      if (signature.members !== undefined || signature.dictionary !== undefined || signature.path !== undefined) return undefined
      const [front, rest] = frontOf(definition)
      const format = change(front, rest)
      return format === undefined ? undefined : { ...definition, signature: { ...signature, format } }
    },
  }
}

function frontOf({ signature }: SchemeDefinition): readonly [front: string, rest: string] {
  const { format = '{signature}' } = signature
  const slot = format.indexOf('{')
  return [format.slice(0, slot), format.slice(slot)]
}

/**
 * The forms in which the request can be read at all: those with one change, and where there is none, those with two.
 *
 * @param reads - whether a request can be read with a scheme
 * @param isRead - whether it can with this one
 */
export function readableForms(
  definition: SchemeDefinition,
  options: CompileOptions,
  reads: (scheme: CompiledScheme) => boolean,
  isRead: boolean,
): readonly Form[] {
  const single = [...encodings, ...prefixes, ...algorithms, ...digests, ...wrappings]
  const forms = compiledForms(
    definition,
    options,
    reads,
    single.map((one) => [one]),
  )
  // What has no length of its own can be read as anything.
  if (isRead || forms.some(({ scheme }) => scheme.mac.shape.width !== undefined)) return forms
  const pairs = [...cross(encodings, algorithms), ...cross(prefixes, encodings), ...cross(prefixes, algorithms)]
  return [...forms, ...compiledForms(definition, options, reads, pairs).slice(0, MOST_PAIRS)]
}

const MOST_PAIRS = 8

function cross(first: readonly FormChange[], second: readonly FormChange[]): readonly (readonly FormChange[])[] {
  return first.flatMap((one) => second.map((other) => [one, other]))
}

function compiledForms(
  definition: SchemeDefinition,
  options: CompileOptions,
  reads: (scheme: CompiledScheme) => boolean,
  lists: readonly (readonly FormChange[])[],
): readonly Form[] {
  return lists.flatMap((changes) => {
    let changed: SchemeDefinition | undefined = definition
    for (const { change } of changes) changed = changed === undefined ? undefined : change(changed)
    const scheme = changed === undefined ? undefined : compiledOr(changed, options)
    if (scheme === undefined || !reads(scheme)) return []
    return [{ scheme, told: changes.map(({ cause, title }) => told(cause, title(definition))) }]
  })
}

/** A scheme that compiles; undefined for one that the language refuses. */
export function compiledOr(definition: SchemeDefinition, options: CompileOptions): CompiledScheme | undefined {
  try {
    return compileScheme(definition, options)
  } catch (error) {
    if (error instanceof TypeError && (error as { code?: unknown }).code === 'ERR_INVALID_ARG_VALUE') return undefined
    throw error
  }
}
