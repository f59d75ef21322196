/** One element of DER: where its header starts, and where its content starts and ends. */
export interface DerElement {
  readonly tag: number
  readonly at: number
  readonly start: number
  readonly end: number
}

/** Octets that are no DER, or not the structure that was looked for. Caught by whoever reads untrusted octets. */
export class DerError extends Error {}

/** The tags that certificates use (ITU-T X.690 section 8). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/**
 * Reads the element that starts at `at`, by the distinguished rules: a definite length in its shortest form.
 *
 * @param end - where what holds the element ends
 * @throws DerError
 */
function derElement(octets: Uint8Array, at: number, end: number): DerElement {
  const tag = octets[at]
  let length = octets[at + 1]
  if (tag === undefined || length === undefined || at + 2 > end) throw new DerError('the octets end inside an element')
  // Tag numbers above 30 do not occur in a certificate.
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of more than one octet')
  let start = at + 2
  if (length >= 0x80) {
    const count = length - 0x80
    if (count === 0 || count > 3) throw new DerError('an indefinite or absurd length')
    length = 0
    for (let i = 0; i < count; i += 1) length = length * 256 + (octets[start + i] ?? 0)
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('a length that is not in its shortest form')
    start += count
  }
  if (start + length > end) throw new DerError('an element is longer than what holds it')
  return { tag, at, start, end: start + length }
}

/** Walks through the elements of a constructed element, one `take` at a time. */
export class DerReader {
  readonly octets: Uint8Array
  readonly #end: number
  #at: number

  constructor(octets: Uint8Array, start = 0, end = octets.length) {
    this.octets = octets
    this.#at = start
    this.#end = end
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  /** The tag of the next element; undefined at the end. */
  get next(): number | undefined {
    return this.done ? undefined : this.octets[this.#at]
  }

  /**
   * The next element, which must have this tag, or any when none is given.
   *
   * @throws DerError
   */
  take(tag?: number): DerElement {
    const element = derElement(this.octets, this.#at, this.#end)
    if (tag !== undefined && element.tag !== tag) throw new DerError('an element of another kind than expected')
    this.#at = element.end
    return element
  }

  /** The next element if it has this tag. */
  takeIf(tag: number): DerElement | undefined {
    return this.next === tag ? this.take(tag) : undefined
  }

  /** A reader of what a constructed element holds. */
  inside(element: DerElement): DerReader {
    return new DerReader(this.octets, element.start, element.end)
  }

  /** The content of an element. */
  content(element: DerElement): Uint8Array {
    return this.octets.subarray(element.start, element.end)
  }

  /** @throws DerError when something is left */
  finish(): void {
    if (!this.done) throw new DerError('octets follow the last element')
  }
}

/** As many octets as one arc may take: enough for the UUIDs below 2.25. */
const MOST_ARC_OCTETS = 19

/** An object identifier's content as dotted text, such as `2.5.4.3`. */
export function oidText(content: Uint8Array): string {
  if (content.length === 0 || ((content.at(-1) as number) & 0x80) !== 0) throw new DerError('an object identifier breaks off')
  const arcs: bigint[] = []
  let arc = 0n
  let octets = 0
  for (const octet of content) {
    if (octets === 0 && octet === 0x80) throw new DerError('an object identifier that is not in its shortest form')
    arc = (arc << 7n) | BigInt(octet & 0x7f)
    octets += 1
    if (octets > MOST_ARC_OCTETS) throw new DerError('an object identifier with an absurd arc')
    if ((octet & 0x80) !== 0) continue
    if (arcs.length === 0) {
      const first = arc >= 80n ? 2n : arc / 40n
      arcs.push(first, arc - 40n * first)
    } else arcs.push(arc)
    arc = 0n
    octets = 0
  }
  return arcs.join('.')
}

/** The text of a string element; undefined when it is none of the string types, or its octets are no text of its type. */
export function stringText(tag: number, content: Uint8Array): string | undefined {
  const octets = Buffer.from(content.buffer, content.byteOffset, content.length)
  switch (tag) {
    case TAG.utf8String:
      return utf8Text(octets)
    case TAG.printableString:
    case TAG.ia5String:
    case TAG.numericString:
      return octets.every((octet) => octet < 0x80) ? octets.toString('latin1') : undefined
    case TAG.teletexString:
      return octets.toString('latin1')
    case TAG.bmpString:
      return octets.length % 2 === 0 ? Buffer.from(octets).swap16().toString('utf16le') : undefined
    default:
      return undefined
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8Text(octets: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(octets)
  } catch {
    return undefined
  }
}

// RFC 5280 section 4.1.2.5: Z, with seconds, and never a fraction.
const TIME = /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/**
 * A UTCTime or GeneralizedTime, as milliseconds since the epoch.
 *
 * @throws DerError
 */
export function timeValue(tag: number, content: Uint8Array): number {
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1')
  const length = tag === TAG.utcTime ? 13 : tag === TAG.generalizedTime ? 15 : 0
  const time = text.length === length ? asn1Time(text) : undefined
  if (time === undefined) throw new DerError('a date that RFC 5280 does not allow')
  return time
}

/** `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` as milliseconds since the epoch; undefined when it is no such date. */
export function asn1Time(text: string): number | undefined {
  const match = text.length > 15 ? null : TIME.exec(text)
  if (match === null) return undefined
  const field = (group: number) => Number(match[group])
  // RFC 5280 section 4.1.2.5.1: 50 to 99 are the years 1950 to 1999.
  const century = match[1] === undefined ? (field(2) >= 50 ? 19 : 20) : field(1)
  const date = new Date(0)
  date.setUTCFullYear(century * 100 + field(2), field(3) - 1, field(4))
  if (date.getUTCMonth() !== field(3) - 1 || date.getUTCDate() !== field(4)) return undefined
  if (field(5) > 23 || field(6) > 59 || field(7) > 59) return undefined
  return date.setUTCHours(field(5), field(6), field(7))
}
