import { callsIn } from '../definition/calls.js'
import type { Template } from '../definition/definition.js'
import { partMeant } from '../definition/other-syntax.js'
import { meantBy } from '../definition/other-words.js'
import { isLiteral, parseTemplate, quoted, type Slot } from '../definition/template.js'
import { nearestWord } from '../definition/words.js'
import type { HmacKey } from '../hash/hmac.js'
import type { Pipe } from '../pipe/pipe-kit.js'
import { compilePipes, runPipes } from '../pipe/pipes.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import type { Shape, Value } from '../text/shape.js'
import { type Branch, type CompiledText, contentOfText, type Emit, type FlatPiece, type TextEnv, type TextPart } from './compiled-text.js'
import { losesDigits, losesTime } from './lost-time.js'

/** Compiles a template. */
export function compileTemplate(source: Template, path: string, env: TextEnv): CompiledText {
  const pieces: FlatPiece[] = []
  const emits: Emit[] = []
  let latin1 = false
  let single: CompiledSlot['value'] | undefined
  const parsed = parseTemplate(source, path, env.problems)
  for (const call of callsIn(parsed)) env.problems.add(path, `${call} in ${quoted(source)}`)
  for (const piece of parsed) {
    if (isLiteral(piece)) {
      const { literal } = piece
      pieces.push(piece)
      emits.push((_reading, out) => out.text(literal))
      continue
    }
    const slot = compileSlot(piece, source, path, env)
    if (slot === undefined) continue
    latin1 ||= slot.latin1
    emits.push(slot.emit)
    single = slot.value
    pieces.push(...slot.pieces)
  }
  if (emits.length !== 1) single = undefined
  return { shape: shapeOf(pieces), latin1, emit: sequence(emits), single, branches: [{ when: undefined, pieces }] }
}

/** A slot, ready to print itself. */
interface CompiledSlot {
  readonly shape: Shape
  readonly latin1: boolean
  readonly emit: Emit
  /** The value through its pipes; undefined when it is absent or empty and may be. */
  readonly value: (reading: Reading) => Value | undefined
  readonly pieces: readonly FlatPiece[]
}

/** Compiles one slot; undefined when `env.problems` says what is wrong. */
function compileSlot(slot: Slot, source: string, path: string, env: TextEnv): CompiledSlot | undefined {
  const part = env.resolve(slot.part, slot.argument)
  if (part === undefined || typeof part === 'string') {
    const problem = part ?? `unknown part ${slot.source}${nearestPart(slot, env.names())}`
    env.problems.add(path, `column ${slot.column}: ${problem} in ${quoted(source)}`)
    return undefined
  }
  if (slot.repeated) {
    env.problems.add(path, `column ${slot.column}: "+" in ${slot.source} stands only behind {signature} in a format`)
    return undefined
  }
  if (slot.optional && slot.part === 'secret')
    env.problems.add(path, `column ${slot.column}: ${slot.source} in ${quoted(source)}: the secret is always there; take "?" away`)
  if (!part.binds.some((name) => name === 'key' || name === 'secret') && slot.pipes.some(({ name }) => name === 'pbkdf2'))
    env.problems.add(path, `column ${slot.column}: pipe "pbkdf2" in ${quoted(source)} takes long, and so only what {secret} prints`)
  const { text } = part
  if (text !== undefined && slot.pipes.length === 0 && !slot.optional) {
    const pieces = text.branches.length === 1 ? (text.branches[0] as Branch).pieces : [piece(part, slot, text.shape, text)]
    return { shape: text.shape, latin1: text.latin1, emit: text.emit, value: part.get, pieces }
  }
  const compiled = compilePipes(part.shape, slot.pipes, { path, source: quoted(source), column: slot.column }, env.problems)
  if (compiled === undefined) return undefined
  const rewrites = part.constant !== true && slot.pipes.some(({ name }) => REWRITING_PIPES.has(name))
  const loses = losesTime(part.shape, compiled) || (rewrites && losesDigits(part.shape, compiled, env.units))
  const shape = loses ? { ...compiled.shape, cut: true } : compiled.shape
  const value = slotValue(slot, part, compiled.pipes)
  const latin1 = part.latin1 && !compiled.decoded
  return {
    shape,
    latin1,
    value,
    emit: (reading, out) => {
      const result = value(reading)
      if (result !== undefined) out.value(result, latin1)
    },
    pieces: [piece(part, slot, shape, text)],
  }
}

function piece(part: TextPart, slot: Slot, shape: Shape, text: CompiledText | undefined): FlatPiece {
  const { source, optional, pipes } = slot
  return { shape, part, source, optional, piped: pipes.length > 0, through: text, membersBut: membersBut(part, slot) }
}

/** The members that the JSON of a body is printed without; undefined where it is not printed as JSON, or not all of it. */
function membersBut({ binds }: TextPart, { pipes }: Slot): readonly string[] | undefined {
  if (binds.length !== 1 || binds[0] !== 'body' || !pipes.every(({ name }) => WITHOUT.has(name) || WHOLE_JSON.has(name))) return undefined
  return pipes.flatMap(({ name, argument }) => (WITHOUT.has(name) && argument !== undefined ? [argument] : []))
}

/** What a scheme has to declare before its message can hold it. */
const DECLARED: Readonly<Record<string, string>> = {
  timestamp: '"timestamp": { "header": "...", "unit": "seconds" }',
  nonce: '"nonce": { "header": "..." }',
  keyId: '"keyId": { "header": "..." }',
}

function nearestPart(slot: Slot, names: readonly string[]): string {
  const role = meantBy(slot.part, names) === undefined ? meantBy(slot.part, [...Object.keys(DECLARED), 'method']) : undefined
  const declared = role === undefined || names.includes(role) ? undefined : DECLARED[role]
  if (declared !== undefined) return `; declare ${declared} beside "signature" and write {${role}}`
  const other = partMeant(slot.part)
  if (other !== undefined) return `; ${other}`
  const word = nearestWord(slot.part, names)
  return word.replace(/"(.*)"\?$/, '{$1}?')
}

function slotValue(slot: Slot, part: TextPart, pipes: readonly Pipe[]): (reading: Reading) => Value | undefined {
  const { optional, source } = slot
  const { latin1, text } = part
  const first = slot.pipes[0]?.name
  const asContent = text !== undefined && first !== undefined && OCTET_PIPES.has(first)
  const wire = latin1 && !asContent
  const get = (reading: Reading) => {
    const value = asContent ? contentOfText(text, reading) : part.get(reading)
    if (value === undefined || (optional && value.length === 0)) {
      if (optional || first === 'default') return first === 'default' ? runPipes('', pipes, reading, wire) : undefined
      throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `${source} is not in the request`)
    }
    return pipes.length === 0 ? value : runPipes(value, pipes, reading, wire)
  }
  return part.constant === true && slot.pipes.some(({ name }) => name === 'hmac') ? oncePerKey(get) : get
}

/** What a key makes of a constant is made once. */
function oncePerKey(get: (reading: Reading) => Value | undefined): (reading: Reading) => Value | undefined {
  const made = new WeakMap<HmacKey, Value | undefined>()
  return (reading) => {
    const key = reading.key as HmacKey
    const known = made.get(key)
    if (known !== undefined) return known
    const value = get(reading)
    made.set(key, value)
    return value
  }
}

/** Pipes that leave one member out. */
const WITHOUT = new Set(['without', 'omit'])

/** Pipes that leave every member of a JSON text as it is, and what writes the octets of it. */
const WHOLE_JSON = new Set([
  ...['jcs', 'sorted', 'stringify', 'minify', 'spaced', 'escapeUnicode', 'escapeSlashes'],
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'hmac', 'utf8', 'hex', 'base64', 'base64url', 'base64urlPadded'],
])

/** Pipes that can make one character of several. */
const REWRITING_PIPES = new Set(['remove', 'removeFirst', 'replace', 'lower', 'upper'])

/** Pipes that read the octets of what is before them, so that text of the wire and UTF-8 text must not be mixed up. */
const OCTET_PIPES = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'hmac', 'utf8', 'length'])

function sequence(emits: readonly Emit[]): Emit {
  const [first] = emits
  if (emits.length === 1 && first !== undefined) return first
  return (reading, out) => {
    for (const emit of emits) emit(reading, out)
  }
}

function shapeOf(pieces: readonly FlatPiece[]): Shape {
  const octets = pieces.some((p) => 'shape' in p && p.shape.kind === 'octets')
  const only = pieces.length === 1 ? pieces[0] : undefined
  if (only !== undefined && 'shape' in only && !only.optional) return only.shape
  const width = pieces.reduce<number | undefined>((sum, p) => add(sum, widthOf(p)), 0)
  return { kind: octets ? 'octets' : 'text', alphabet: 'any', width }
}

function widthOf(p: FlatPiece): number | undefined {
  if ('literal' in p) return Buffer.byteLength(p.literal)
  return 'shape' in p && !p.optional ? p.shape.width : undefined
}

function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b
}
