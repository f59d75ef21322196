import type { Choose, Field, List, Template, Text, When } from './definition.js'
import type { MessageParts } from './hmac.js'
import { compileList } from './list.js'
import type { Part } from './parts.js'
import { compilePipes, type Pipe, runPipes, type Shape, type Value } from './pipes.js'
import type { Problems } from './problems.js'
import type { Reading } from './reading.js'
import { SchemeRefusal } from './refusal.js'
import { isLiteral, parseTemplate, quoted, type Slot } from './template.js'
import { compileWhen, type WhenTest } from './when.js'
import { nearestWord } from './words.js'

/** Finds the parts that a text names, and collects what is wrong with it. */
export interface TextEnv {
  readonly problems: Problems
  /** A part by name and argument; a text says what is wrong; undefined: unknown. */
  readonly resolve: (name: string, argument: string | undefined) => TextPart | string | undefined
  /** The names that may stand in this text, for the hint at an unknown one. */
  readonly names: () => readonly string[]
  /** A field of the scheme that is a list of names. */
  readonly listField: (name: string) => Field | undefined
}

/** A part, or a text that stands for itself inside another. */
export type TextPart = Part & { readonly text?: CompiledText }

/** One piece of a branch, as it is judged. */
export type FlatPiece =
  | { readonly literal: string }
  | { readonly shape: Shape; readonly part: TextPart; readonly source: string; readonly optional: boolean; readonly through?: CompiledText | undefined }
  | { readonly list: CompiledListFacts }

export interface CompiledListFacts {
  /** Why two different lists can print the same; undefined when they cannot. */
  readonly ambiguous: string | undefined
  /** What the list ends with and what its items may hold. */
  readonly alphabet: Shape['alphabet']
  readonly binds: readonly string[]
  readonly data: boolean
}

export interface Branch {
  readonly when: When | undefined
  readonly pieces: readonly FlatPiece[]
}

/** A text, ready to be printed for any request. */
export interface CompiledText {
  readonly shape: Shape
  readonly latin1: boolean
  readonly emit: (reading: Reading, out: MessageBuilder) => void
  readonly branches: readonly Branch[]
  /** Which of the branches a request takes; absent where there is one. */
  readonly branchOf?: (reading: Reading) => number
}

/** Gathers a message. Neighbouring text becomes one string; octets stay what they are, and nothing is concatenated with them. */
export class MessageBuilder {
  readonly parts: (string | Uint8Array)[] = []
  #open = false

  /** Text whose octets are UTF-8. */
  text(value: string): void {
    if (value === '') return
    if (this.#open) {
      this.parts[this.parts.length - 1] = (this.parts[this.parts.length - 1] as string) + value
    } else {
      this.parts.push(value)
      this.#open = true
    }
  }

  /** Text that stands for the octets of the wire one by one. */
  wire(value: string): void {
    if (Buffer.byteLength(value) === value.length) this.text(value)
    else this.octets(Buffer.from(value, 'latin1'))
  }

  octets(value: Uint8Array): void {
    if (value.length === 0) return
    this.parts.push(value)
    this.#open = false
  }

  value(value: Value, latin1: boolean): void {
    if (typeof value !== 'string') this.octets(value)
    else if (latin1) this.wire(value)
    else this.text(value)
  }
}

/** The octets of a gathered message as one value. */
export function joined(parts: MessageParts): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') return only
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

/** Compiles a text; `path` is where in the definition it stands. Problems are collected in `env`. */
export function compileText(text: Text, path: string, env: TextEnv): CompiledText {
  if (typeof text === 'string') return compileTemplate(text, path, env)
  if ('choose' in text) return compileChoose(text, path, env)
  return compileList(text as List, path, env)
}

type Emit = (reading: Reading, out: MessageBuilder) => void

function compileTemplate(source: Template, path: string, env: TextEnv): CompiledText {
  const pieces: FlatPiece[] = []
  const emits: Emit[] = []
  let latin1 = false
  for (const piece of parseTemplate(source, path, env.problems)) {
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
    pieces.push(...slot.pieces)
  }
  return { shape: shapeOf(pieces), latin1, emit: sequence(emits), branches: [{ when: undefined, pieces }] }
}

/** A slot, ready to print itself. */
export interface CompiledSlot {
  readonly shape: Shape
  readonly latin1: boolean
  readonly emit: Emit
  /** The value through its pipes; undefined when it is absent or empty and may be. */
  readonly value: (reading: Reading) => Value | undefined
  readonly pieces: readonly FlatPiece[]
}

/** Compiles one slot; undefined when `env.problems` says what is wrong. */
export function compileSlot(slot: Slot, source: string, path: string, env: TextEnv): CompiledSlot | undefined {
  const part = env.resolve(slot.part, slot.argument)
  if (part === undefined || typeof part === 'string') {
    const problem = part ?? `unknown part ${slot.source}${nearestPart(slot, env.names())}`
    env.problems.add(path, `${problem} in ${quoted(source)}`)
    return undefined
  }
  if (slot.repeated) {
    env.problems.add(path, `"+" in ${slot.source} stands only behind {signature} in a format`)
    return undefined
  }
  const { text } = part
  if (text !== undefined && slot.pipes.length === 0 && !slot.optional) {
    const pieces = text.branches.length === 1 ? (text.branches[0] as Branch).pieces : [piece(part, slot, text.shape, text)]
    return { shape: text.shape, latin1: text.latin1, emit: text.emit, value: part.get, pieces }
  }
  const compiled = compilePipes(part.shape, slot.pipes, { path, source: quoted(source) }, env.problems)
  if (compiled === undefined) return undefined
  const value = slotValue(slot, part, compiled.pipes)
  const { latin1 } = part
  return {
    shape: compiled.shape,
    latin1,
    value,
    emit: (reading, out) => {
      const result = value(reading)
      if (result !== undefined) out.value(result, latin1)
    },
    pieces: [piece(part, slot, compiled.shape, text)],
  }
}

function piece(part: TextPart, slot: Slot, shape: Shape, text: CompiledText | undefined): FlatPiece {
  return { shape, part, source: slot.source, optional: slot.optional, through: text }
}

function nearestPart(slot: Slot, names: readonly string[]): string {
  const word = nearestWord(slot.part, names)
  return word.replace(/"(.*)"\?$/, '{$1}?')
}

function slotValue(slot: Slot, part: TextPart, pipes: readonly Pipe[]): (reading: Reading) => Value | undefined {
  const { optional, source } = slot
  const { latin1, text } = part
  const first = slot.pipes[0]?.name
  const asOctets = text !== undefined && first !== undefined && OCTET_PIPES.has(first)
  return (reading) => {
    const value = asOctets ? octetsOfText(text, reading) : part.get(reading)
    if (value === undefined || (optional && value.length === 0)) {
      if (optional || pipes.length > 0 && first === 'default') return first === 'default' ? runPipes('', pipes, reading, latin1) : undefined
      throw new SchemeRefusal('ERR_HMAC_INCOMPLETE', `${source} is not in the request`)
    }
    return pipes.length === 0 ? value : runPipes(value, pipes, reading, latin1)
  }
}

/** Pipes that read the octets of what is before them, so that text of the wire and UTF-8 text must not be mixed up. */
const OCTET_PIPES = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'hmac', 'utf8'])

/** The octets of a text. */
export function octetsOfText(text: CompiledText, reading: Reading): Uint8Array {
  const out = new MessageBuilder()
  text.emit(reading, out)
  return joined(out.parts)
}

/** The string of a text that holds no octets. */
export function stringOfText(text: CompiledText, reading: Reading): string {
  const out = new MessageBuilder()
  text.emit(reading, out)
  if (out.parts.length === 1 && typeof out.parts[0] === 'string') return out.parts[0]
  return Buffer.from(joined(out.parts)).toString(text.latin1 ? 'latin1' : 'utf8')
}

function compileChoose(text: Choose, path: string, env: TextEnv): CompiledText {
  const branches: Branch[] = []
  const tests: { readonly test: WhenTest | undefined; readonly text: CompiledText; readonly first: number }[] = []
  text.choose.forEach((branch, i) => {
    const at = `${path}.choose[${i}]`
    const last = i === text.choose.length - 1
    if (last !== (branch.when === undefined)) {
      env.problems.add(at, last ? 'the last branch must have no "when", so that every request has one' : 'only the last branch has no "when"')
    }
    const compiled = compileText(branch.use, `${at}.use`, env)
    tests.push({ test: branch.when && compileWhen(branch.when), text: compiled, first: branches.length })
    for (const inner of compiled.branches) branches.push({ when: branch.when ?? inner.when, pieces: inner.pieces })
  })
  const chosen = (reading: Reading) => tests.find(({ test }) => test === undefined || test(reading)) ?? (tests.at(-1) as (typeof tests)[number])
  const emit: Emit = (reading, out) => chosen(reading).text.emit(reading, out)
  const branchOf = (reading: Reading) => {
    const { text: inner, first } = chosen(reading)
    return first + (inner.branchOf?.(reading) ?? 0)
  }
  const octets = tests.some((test) => test.text.shape.kind === 'octets')
  return { shape: { kind: octets ? 'octets' : 'text', alphabet: 'any' }, latin1: tests.some((test) => test.text.latin1), emit, branches, branchOf }
}

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
  return { kind: octets ? 'octets' : 'text', alphabet: 'any', width, lossy: pieces.some((p) => 'shape' in p && p.shape.lossy === true) }
}

function widthOf(p: FlatPiece): number | undefined {
  if ('literal' in p) return Buffer.byteLength(p.literal)
  return 'shape' in p && !p.optional ? p.shape.width : undefined
}

function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b
}
