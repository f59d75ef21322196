import type { Secret } from '@countersign/core/base'
import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { Handshake } from '../definition/definition.js'
import { Problems } from '../definition/problems.js'
import { SchemeRefusal } from '../refusal.js'
import { Reading, type RequestView } from '../request/reading.js'
import { type CompiledText, stringOfText, type TextEnv } from '../template/compiled-text.js'
import { constantPart, type Part, requestPart } from '../template/parts.js'
import { compileTemplate } from '../template/template-text.js'

/** What is written in answer to a handshake. */
export interface HandshakeAnswer {
  readonly status: 200
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A vendor's handshake, ready to be recognised and answered. */
export interface CompiledHandshake {
  readonly definition: Handshake
  /** Whether the handshake sits in the body, so that it has to be read first. */
  readonly inBody: boolean
  /** Whether an unsigned request gets an HMAC under the secret; then no body may look like a challenge. */
  readonly oracle: boolean
  /** The reading of a request that is one, by method and shape; undefined: it is none. */
  readonly read: (request: RequestView, body: Uint8Array) => Reading | undefined
  /** What the request has to know; undefined when the handshake asks for nothing. */
  readonly token: (reading: Reading) => string | undefined
  /** The challenge or the secret that it brings; undefined when it brings none, or one of other characters or of more than 512. */
  readonly challenge: (reading: Reading) => string | undefined
  /** @param secret - for answers that hold an HMAC */
  readonly answer: (reading: Reading, challenge: string, secret: Secret | undefined) => HandshakeAnswer
}

/** What may be echoed or signed: nothing that a message of a scheme, or JSON, could be made of. */
const CHALLENGE = /^[A-Za-z0-9._~+/=-]{1,512}$/

/** Whether a body could have been sent as a challenge. */
export function looksLikeChallenge(body: Uint8Array): boolean {
  return body.length <= 512 && CHALLENGE.test(Buffer.from(body).toString('latin1'))
}

/**
 * Compiles the handshake of a scheme; undefined where it has none.
 *
 * @throws TypeError that lists every mistake with its place in the definition
 */
export function compileHandshake(scheme: CompiledScheme): CompiledHandshake | undefined {
  const definition = scheme.definition.handshake
  if (definition === undefined) return undefined
  const problems = new Problems(scheme.definition.name)
  const parts = new Parts(problems)
  const current = { text: '' }
  const env = answerEnv(scheme, problems, current)
  const when = Object.entries(definition.when ?? {}).map(([source, text]) => ({ part: parts.part(source, 'handshake.when'), text }))
  const token = definition.token === undefined ? undefined : parts.part(definition.token, 'handshake.token')
  const brought = definition.challenge ?? definition.learns
  const challenge =
    brought === undefined ? undefined : parts.part(brought, definition.challenge === undefined ? 'handshake.learns' : 'handshake.challenge')
  const answer = compileAnswer(definition, env)
  problems.throwIfAny()
  const sources = [...Object.keys(definition.when ?? {}), definition.token, brought].filter((source) => source !== undefined)
  return {
    definition,
    inBody: sources.some((source) => source.startsWith('json:')),
    oracle: definition.signed !== true && sources.length > 0 && JSON.stringify(definition.answer ?? '').includes('|hmac'),
    read: (request, body) => {
      if (request.method !== definition.method) return undefined
      const reading = new Reading(request, 0)
      reading.body = body
      const present = challenge === undefined || textOf(challenge, reading) !== undefined
      return present && when.every(({ part, text }) => matches(textOf(part, reading), text)) ? reading : undefined
    },
    token: (reading) => (token === undefined ? undefined : (textOf(token, reading) ?? '')),
    challenge: (reading) => {
      const text = challenge === undefined ? '' : textOf(challenge, reading)
      return text !== undefined && (challenge === undefined || CHALLENGE.test(text)) ? text : undefined
    },
    answer: (reading, text, secret) => {
      reading.key = secret === undefined ? undefined : scheme.key.make(secret, scheme.hash, reading)
      current.text = text
      try {
        return answer(reading)
      } finally {
        current.text = ''
      }
    },
  }
}

function matches(text: string | undefined, wanted: string): boolean {
  return wanted === '*' ? text !== undefined : text === wanted
}

/** A part that is not there, or cannot be read, makes the request no handshake. */
function textOf(part: Part, reading: Reading): string | undefined {
  try {
    const value = part.get(reading)
    return typeof value === 'string' ? value : undefined
  } catch (error) {
    if (error instanceof SchemeRefusal) return undefined
    throw error
  }
}

/** Finds `query:NAME`, `header:NAME` and `json:/PTR`. */
class Parts {
  readonly #problems: Problems

  constructor(problems: Problems) {
    this.#problems = problems
  }

  part(source: string, path: string): Part {
    const colon = source.indexOf(':')
    const found = colon < 0 ? undefined : requestPart(source.slice(0, colon), source.slice(colon + 1))
    if (typeof found === 'object') return found
    this.#problems.add(path, found ?? `"${source}" is no part; write query:NAME, header:NAME or json:/POINTER`)
    return constantPart('')
  }
}

function answerEnv(scheme: CompiledScheme, problems: Problems, current: { text: string }): TextEnv {
  const challenge: Part = { ...constantPart(''), get: () => current.text, constant: false }
  return {
    problems,
    resolve: (name, argument) => (name === 'challenge' && argument === undefined ? challenge : undefined),
    names: () => ['challenge'],
    slots: scheme.names,
    signature: scheme.definition.signature,
    signatureHeaders: () => [],
    units: [],
    listField: () => undefined,
  }
}

function compileAnswer(definition: Handshake, env: TextEnv): (reading: Reading) => HandshakeAnswer {
  const { answer } = definition
  if (answer === undefined) return () => written({}, '')
  if (answer === 'text') return answerText(compileTemplate('{challenge}', 'handshake.answer', env))
  if ('header' in answer) {
    const text = compileTemplate('{challenge}', 'handshake.answer', env)
    return (reading) => written({ [answer.header]: stringOfText(text, reading) }, '')
  }
  const members = Object.entries(answer.json).map(([name, source]): [string, CompiledText] => [
    name,
    compileTemplate(source, `handshake.answer.json.${name}`, env),
  ])
  return (reading) => {
    const json = Object.fromEntries(members.map(([name, text]) => [name, stringOfText(text, reading)]))
    return written({ 'Content-Type': 'application/json' }, JSON.stringify(json))
  }
}

function answerText(text: CompiledText): (reading: Reading) => HandshakeAnswer {
  return (reading) => written({ 'Content-Type': 'text/plain; charset=utf-8' }, stringOfText(text, reading))
}

function written(headers: Record<string, string>, body: string): HandshakeAnswer {
  return { status: 200, headers: { ...headers, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' }, body }
}
