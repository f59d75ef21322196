import { splitWritten, unescaped } from '../definition/template.js'
import { SchemeRefusal } from '../refusal.js'
import { excludes, isOf } from '../text/alphabet.js'
import { isAscii } from '../text/ascii.js'
import { trimBlanks } from '../text/blanks.js'
import { decodePercent, encodeParam, encodePath, encodeRfc3986, encodeUri } from '../text/percent.js'
import { lossy, octets, part, type Shape, text, type Value } from '../text/shape.js'
import { charactersOf, type Make, onCharacters, onText, wireText } from './pipe-kit.js'

const COUNT = /^[0-9]{1,4}$/
const DECIMALS = /^[0-9]$/
const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD']

/** Capitals, digits and the hex of a digest have one case, so that nothing is lost by another. */
function recased({ alphabet, width, lossy = false, starts }: Shape): Shape {
  const oneCase = alphabet === 'capitals' || alphabet === 'hex' || alphabet === 'digits'
  const caseless = starts !== undefined && !/[A-Za-z]/.test(starts)
  return { ...text(alphabet === 'capitals' ? 'letters' : alphabet, width, lossy || !oneCase), ...(caseless && { starts }) }
}

/** Of text of the wire only ASCII has letters: its other characters are octets, and may be parts of one. */
function recase(to: 'toLowerCase' | 'toUpperCase'): Make {
  const make = onText(recased, (value) => value[to]())
  return (input, argument) => {
    const pipe = make(input, argument)
    if (typeof pipe === 'string') return pipe
    const ascii = (value: string) => (isAscii(value) ? value[to]() : value.replace(/[A-Za-z]+/g, (letters) => letters[to]()))
    return { ...pipe, run: (value, tools, latin1) => (latin1 ? ascii(value as string) : pipe.run(value, tools, latin1)) }
  }
}

/** A pipe whose argument is a count of characters, or of octets. */
function counted(shape: (input: Shape, count: number) => Shape, run: (value: Value, count: number) => Value, example: string): Make {
  return (input, argument) => {
    if (!COUNT.test(argument ?? '')) return `needs a count, such as ${example}`
    const count = Number(argument)
    return { shape: { ...shape(input, count), kind: input.kind }, run: (value) => run(value, count) }
  }
}

/** Nothing is behind the padding of base64. */
const beforeMark = (input: Shape, mark: string): Shape =>
  mark === '=' && (input.alphabet === 'base64' || input.alphabet === 'base64url') ? lossy(input) : part(input)

/** What encoding leaves: characters of its alphabet, and nothing is lost by it. */
const encoded = (alphabet: Shape['alphabet']) => (input: Shape) => text(alphabet, undefined, input.lossy)

const joined = (input: Shape, argument: string): Shape => {
  const alphabet = isOf(input.alphabet, argument) ? input.alphabet : 'any'
  return text(alphabet, input.width === undefined ? undefined : input.width + Buffer.byteLength(argument), input.lossy)
}

const begun = (input: Shape, argument: string): Shape => {
  const [starts] = argument
  const { alphabet, behind = alphabet, delimited, label = '' } = input
  return {
    ...joined(input, argument),
    label: argument + label,
    behind,
    ...(delimited !== undefined && { delimited: delimited === false ? delimited : 'forward' }),
    ...(starts !== undefined && isAscii(starts) && { starts }),
  }
}

/** Behind what it cannot hold, the text has an end of its own. */
const ended = (input: Shape, argument: string): Shape => {
  const { alphabet, behind = alphabet, label, starts } = input
  const isEnd = argument !== '' && excludes(behind, argument[0] as string)
  return { ...joined(input, argument), ...(label !== undefined && { label, starts }), ...(isEnd && { delimited: 'forward' }) }
}

/** What an encoder writes, with its escapes in capitals: nothing is lost where these are written small. */
const ESCAPED: readonly Shape['alphabet'][] = ['unreserved', 'encoded']

/** The octets of text in another charset than UTF-8, so many for each character of ASCII. */
function inCharset(write: (value: string) => Buffer, each: number): Make {
  return (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'text') return 'takes text; read the octets of a body as text first'
    const width = input.width === undefined ? undefined : input.width * each
    return { shape: octets(width, input.lossy), run: (value, _tools, latin1) => write(charactersOf(value, latin1)) }
  }
}

/** Characters beyond ISO 8859-1 are refused: cut to an octet, one would stand for another. */
function inLatin1(value: string): Buffer {
  if (/[\u0100-\uffff]/.test(value)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value has characters beyond ISO 8859-1')
  return Buffer.from(value, 'latin1')
}

/** The same characters from the last to the first: nothing is lost, and what it began with or ended by is somewhere else. */
const reversed = (input: Shape) => text(input.alphabet, input.width, input.lossy)

/** Pipes that take text apart and put it together. */
export const TEXT_PIPES: Readonly<Record<string, Make>> = {
  lower: recase('toLowerCase'),
  upper: recase('toUpperCase'),
  trim: onText(lossy, trimBlanks),
  squeeze: onText(lossy, squeeze),
  strip: onText(lossy, strip, 'strip:whsec_'),
  unprefix: onText(lossy, (value, prefix) => (value.startsWith(prefix) ? value.slice(prefix.length) : value), 'unprefix:whsec_'),
  unsuffix: onText(lossy, (value, end) => (value.endsWith(end) ? value.slice(0, value.length - end.length) : value), 'unsuffix:/'),
  remove: onText(lossy, (value, word) => value.replaceAll(word, ''), 'remove:-'),
  removeFirst: onText(lossy, (value, word) => value.replace(word, () => ''), 'removeFirst:-'),
  replace: replace(),
  prepend: onText(begun, (value, front) => front + value, 'prepend:id='),
  append: onText(ended, (value, end) => value + end, 'append:;'),
  reverse: onCharacters(reversed, (value) => [...value].reverse().join('')),
  drop: counted(
    (input, count) => part(input, (input.width ?? 0) - count),
    (value, count) => value.slice(count),
    'drop:8',
  ),
  first: counted(
    (input, count) => ({ ...part(input, count), width: count }),
    (value, count) => exactly(value, count).slice(0, count),
    'first:8',
  ),
  last: counted(
    (input, count) => ({ ...part(input, count), width: count }),
    (value, count) => exactly(value, count).slice(value.length - count),
    'last:8',
  ),
  before: onText(beforeMark, (value, mark) => cut(value, value.indexOf(mark), 0, value), 'before:;'),
  beforeLast: onText(beforeMark, (value, mark) => cut(value, value.lastIndexOf(mark), 0, value), 'beforeLast:/'),
  after: onText(
    (input) => part(input),
    (value, mark) => cut(value, value.indexOf(mark), mark.length, ''),
    'after:=',
  ),
  afterLast: onText(
    (input) => part(input),
    (value, mark) => cut(value, value.lastIndexOf(mark), mark.length, value),
    'afterLast:/',
  ),
  default: onText(
    (input, fallback) => text(isOf(input.alphabet, fallback) ? input.alphabet : 'any', undefined, true),
    (value, fallback) => (value === '' ? fallback : value),
    'default:0',
  ),
  decimals: (input, argument) => {
    if (!DECIMALS.test(argument ?? '')) return 'needs how many decimals, such as decimals:2'
    return onText(
      () => text('unreserved', undefined, true),
      (value) => withDecimals(value, Number(argument)),
    )(input, undefined)
  },
  unless: onText(lossy, (value, word) => (value === word ? '' : value), 'unless:0'),
  encode: onCharacters(encoded('unreserved'), encodeRfc3986),
  encodeUri: onCharacters(encoded('encoded'), encodeUri),
  encodeForm: onCharacters(encoded('encoded'), (value) => encodeRfc3986(value).replaceAll('%20', '+')),
  encodeParam: onCharacters(encoded('unreserved'), encodeParam),
  encodePath: onCharacters(encoded('path'), encodePath),
  decode: onCharacters(() => text('any', undefined, true), decodePercent),
  normalize: (input, argument) => {
    if (!FORMS.includes(argument ?? '')) return 'needs a form of Unicode, such as normalize:NFKD'
    return onCharacters(
      () => text('any', undefined, true),
      (value) => value.normalize(argument),
    )(input, undefined)
  },
  text: onCharacters(
    (input) => text('any', input.width, input.lossy),
    (value) => value,
    { octetsToo: true },
  ),
  length: (_input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    return {
      shape: { ...text('digits', undefined, true), cut: true, starts: '0123456789' },
      run: (value, _tools, latin1) => lengthOf(value, latin1),
    }
  },
  lowerEscapes: onText(
    (input) => (ESCAPED.includes(input.alphabet) ? input : lossy(input)),
    (value) => value.replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase()),
  ),
  utf16le: inCharset((value) => Buffer.from(value, 'utf16le'), 2),
  utf16be: inCharset((value) => Buffer.from(value, 'utf16le').swap16(), 2),
  latin1: inCharset(inLatin1, 1),
  utf8: (input, argument) => {
    if (argument !== undefined) return 'takes no argument'
    if (input.kind !== 'text') return 'takes text'
    return {
      shape: octets(input.width, input.lossy),
      run: (value, _tools, latin1) => Buffer.from(value as string, latin1 ? 'latin1' : 'utf8'),
    }
  },
}

function strip(value: string, prefix: string): string {
  if (!value.startsWith(prefix)) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `a value does not begin with "${prefix}"`)
  return value.slice(prefix.length)
}

/** `replace:&/_` puts `_` for every `&`; a slash of its own is written `\/`. */
function replace(): Make {
  return (input, _argument, written = '') => {
    const [from, to, ...more] = splitWritten(written, '/').map(unescaped)
    if (from === undefined || from === '' || to === undefined || more.length > 0)
      return 'needs what to replace and by what, such as replace:&/_'
    const shape = (whole: Shape) => (isOf(whole.alphabet, to) ? lossy(whole) : text('any', undefined, true))
    const pipe = onText(shape, (value) => value.replaceAll(from, () => to))(input, undefined)
    const [wireFrom, wireTo] = [wireText(from), wireText(to)]
    if (typeof pipe === 'string' || (wireFrom === from && wireTo === to)) return pipe
    const onWire = (value: Value) => (value as string).replaceAll(wireFrom, () => wireTo)
    return { ...pipe, run: (value, tools, latin1) => (latin1 ? onWire(value) : pipe.run(value, tools, latin1)) }
  }
}

function exactly(value: Value, count: number): Value {
  if (value.length < count) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `a value is shorter than ${count} characters`)
  return value
}

function cut(value: string, at: number, skip: number, otherwise: string): string {
  if (at < 0) return otherwise
  return skip === 0 ? value.slice(0, at) : value.slice(at + skip)
}

/** The number of octets; of text, of its UTF-8. */
function lengthOf(value: string | Uint8Array, latin1: boolean): string {
  return String(typeof value === 'string' && !latin1 ? Buffer.byteLength(value) : value.length)
}

/** Trims, and makes each run of blanks one space (AWS SigV4, canonical headers). */
function squeeze(value: string): string {
  const trimmed = trimBlanks(value)
  return trimmed.includes('  ') || trimmed.includes('\t') ? trimmed.replace(/[ \t]+/g, ' ') : trimmed
}

/** A decimal number with so many decimals; nothing is rounded. */
function withDecimals(value: string, count: number): string {
  const [whole = '', fraction = '', ...others] = value.split('.')
  const isNumber = /^-?(?:0|[1-9][0-9]*)$/.test(whole) && others.length === 0 && (value === whole || /^[0-9]+$/.test(fraction))
  if (!isNumber) throw new SchemeRefusal('ERR_HMAC_MALFORMED', 'a value is no decimal number')
  if (/[1-9]/.test(fraction.slice(count))) throw new SchemeRefusal('ERR_HMAC_MALFORMED', `a number has more than ${count} decimals`)
  return count === 0 ? whole : `${whole}.${fraction.slice(0, count).padEnd(count, '0')}`
}
