import type { DistinguishedName, NameAttribute } from '@countersign/core/certificates'

/** A distinguished name as text said it, in the order of the certificate. */
export interface ParsedName {
  readonly name: DistinguishedName
  /**
   * `rfc4514`: `CN=a,O=b,C=US`, the most specific first. `openssl`: `C = US, O = b, CN = a`, as openssl prints it. `slash`:
   * `/C=US/O=b/CN=a`, in which a slash in a value cannot be told from the start of the next attribute.
   */
  readonly form: 'rfc4514' | 'openssl' | 'slash'
}

// RFC 4514 section 3 and RFC 4519; the further spellings are those of openssl and of Java.
const OIDS = new Map([
  ['CN', '2.5.4.3'],
  ['COMMONNAME', '2.5.4.3'],
  ['SURNAME', '2.5.4.4'],
  ['SN', '2.5.4.4'],
  ['SERIALNUMBER', '2.5.4.5'],
  ['C', '2.5.4.6'],
  ['COUNTRYNAME', '2.5.4.6'],
  ['L', '2.5.4.7'],
  ['LOCALITYNAME', '2.5.4.7'],
  ['ST', '2.5.4.8'],
  ['S', '2.5.4.8'],
  ['STATEORPROVINCENAME', '2.5.4.8'],
  ['STREET', '2.5.4.9'],
  ['STREETADDRESS', '2.5.4.9'],
  ['O', '2.5.4.10'],
  ['ORGANIZATIONNAME', '2.5.4.10'],
  ['OU', '2.5.4.11'],
  ['ORGANIZATIONALUNITNAME', '2.5.4.11'],
  ['TITLE', '2.5.4.12'],
  ['BUSINESSCATEGORY', '2.5.4.15'],
  ['POSTALCODE', '2.5.4.17'],
  ['GIVENNAME', '2.5.4.42'],
  ['GN', '2.5.4.42'],
  ['INITIALS', '2.5.4.43'],
  ['DNQUALIFIER', '2.5.4.46'],
  ['ORGANIZATIONIDENTIFIER', '2.5.4.97'],
  ['UID', '0.9.2342.19200300.100.1.1'],
  ['USERID', '0.9.2342.19200300.100.1.1'],
  ['DC', '0.9.2342.19200300.100.1.25'],
  ['DOMAINCOMPONENT', '0.9.2342.19200300.100.1.25'],
  ['EMAILADDRESS', '1.2.840.113549.1.9.1'],
  ['E', '1.2.840.113549.1.9.1'],
])

const DOTTED = /^(?:OID\.)?(\d{1,40}(?:\.\d{1,40}){1,30})$/
const WORD = /^[A-Z][A-Z0-9-]{0,63}$/
// RFC 4514 section 2.4; the backslash itself is dealt with on its own.
const ESCAPABLE = new Set([' ', '"', '#', '+', ',', ';', '<', '=', '>', '\\'])
const UNQUOTED = new Set(['"', ';', '<', '>'])

/** More attributes than any name has; each costs time before it is found to be another name. */
const MOST_ATTRIBUTES = 256

/**
 * Reads a distinguished name in any of the three forms, of at most 256 attributes. Linear in its length.
 *
 * @returns undefined when the text is none, or is empty
 */
export function parseName(text: string): ParsedName | undefined {
  if (text.startsWith('/')) {
    const name = slashName(text)
    return name === undefined ? undefined : { name, form: 'slash' }
  }
  const name = new NameReader(text).read()
  if (name === undefined) return undefined
  // openssl's own form goes from the root down, and is told by the blanks around its equals signs.
  if (/^[^=]*\s=/.test(text)) return { name, form: 'openssl' }
  return { name: name.reverse(), form: 'rfc4514' }
}

/** The object identifier of an attribute type; of one that is not known its name in capitals; undefined when it is neither. */
export function attributeType(text: string): string | undefined {
  const upper = text.toUpperCase()
  return OIDS.get(upper) ?? DOTTED.exec(upper)?.[1] ?? (WORD.test(upper) ? upper : undefined)
}

/** Whether two names are the same: the same RDNs in the same order, the values letter by letter. */
export function sameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return a.length === b.length && a.every((rdn, i) => sameRdn(rdn, b[i] as readonly NameAttribute[]))
}

/** The values of one attribute type, in order. */
export function attributeValues(name: DistinguishedName, type: string): string[] {
  return name.flatMap((rdn) => rdn.filter((attribute) => attribute.type === type && !attribute.opaque).map((attribute) => attribute.value))
}

function sameRdn(a: readonly NameAttribute[], b: readonly NameAttribute[]): boolean {
  // An RDN is a set; DER sorts it by its octets, which text cannot know.
  if (a.length !== b.length) return false
  const rest = [...b]
  return a.every((one) => {
    const at = rest.findIndex((other) => one.type === other.type && one.value === other.value && one.opaque === other.opaque)
    if (at !== -1) rest.splice(at, 1)
    return at !== -1
  })
}

/** Reads the RDNs of RFC 4514, and of openssl's form with blanks, in the order of the text. */
class NameReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): NameAttribute[][] | undefined {
    const rdns: NameAttribute[][] = [[]]
    for (let count = 0; count < MOST_ATTRIBUTES; count += 1) {
      const attribute = this.#attribute()
      if (attribute === undefined) return undefined
      rdns.at(-1)?.push(attribute)
      const separator = this.#text[this.#at]
      if (separator === undefined) return rdns
      this.#at += 1
      if (separator === ',') rdns.push([])
      else if (separator !== '+') return undefined
    }
    return undefined
  }

  #attribute(): NameAttribute | undefined {
    const equals = this.#text.indexOf('=', this.#at)
    if (equals === -1) return undefined
    const type = attributeType(this.#text.slice(this.#at, equals).trim())
    this.#at = equals + 1
    this.#skipBlanks()
    const value = this.#text[this.#at] === '"' ? this.#quoted() : this.#plain()
    if (type === undefined || value === undefined) return undefined
    return value.startsWith('#') ? opaqueAttribute(type, value.slice(1)) : { type, value: value.slice(1) }
  }

  #skipBlanks(): void {
    while (this.#text[this.#at] === ' ') this.#at += 1
  }

  /** A value up to the next separator, with a first character that says whether it is text (`=`) or DER in hex (`#`). */
  #plain(): string | undefined {
    const start = this.#at
    let end = start
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] as string
      if (char === ',' || char === '+') break
      if (UNQUOTED.has(char)) return undefined
      // What follows a backslash is no separator, and a blank after one belongs to the value.
      this.#at += char === '\\' ? 2 : 1
      if (char !== ' ') end = this.#at
    }
    const text = this.#text.slice(start, end)
    if (text.startsWith('#')) return text
    const value = unescaped(text, rfcEscape)
    return value === undefined ? undefined : `=${value}`
  }

  /** RFC 2253 section 4 still allows quotes around a whole value, and openssl writes them. */
  #quoted(): string | undefined {
    const start = this.#at + 1
    let end = start
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1
    if (end >= this.#text.length) return undefined
    this.#at = end + 1
    this.#skipBlanks()
    const value = unescaped(this.#text.slice(start, end), rfcEscape)
    return value === undefined ? undefined : `=${value}`
  }
}

function opaqueAttribute(type: string, hex: string): NameAttribute | undefined {
  return /^(?:[0-9A-Fa-f]{2})+$/.test(hex) ? { type, value: hex.toLowerCase(), opaque: true } : undefined
}

/** `/C=US/O=b/CN=a`: a slash starts an attribute where a type and an equals sign follow, and is part of the value elsewhere. */
function slashName(text: string): NameAttribute[][] | undefined {
  const starts: RegExpExecArray[] = []
  for (const match of text.matchAll(/\/([A-Za-z][A-Za-z0-9-]{0,63}|\d[\d.]{0,63})=/g)) {
    if (!isEscaped(text, match.index)) starts.push(match)
    if (starts.length > MOST_ATTRIBUTES) return undefined
  }
  if (starts[0]?.index !== 0) return undefined
  const name: NameAttribute[][] = []
  for (const [i, match] of starts.entries()) {
    const type = attributeType(match[1] as string)
    const value = unescaped(text.slice(match.index + match[0].length, starts[i + 1]?.index), slashEscape)
    if (type === undefined || value === undefined) return undefined
    name.push([{ type, value }])
  }
  return name
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}

/** The octet that an escape stands for, and how many characters it takes; undefined when it is none. */
type Escape = { readonly octet: number; readonly length: number } | undefined

/** `\` and one special character, or two hex digits, which are one octet of UTF-8 (RFC 4514 section 3). */
function rfcEscape(text: string, at: number): Escape {
  const octet = hexOctet(text, at + 1)
  if (octet !== undefined) return { octet, length: 3 }
  return ESCAPABLE.has(text.charAt(at + 1)) ? { octet: text.charCodeAt(at + 1), length: 2 } : undefined
}

/** `\/`, `\\` and openssl's `\xC3`; any other backslash stands for itself, since some proxies do not escape at all. */
function slashEscape(text: string, at: number): Escape {
  const char = text.charAt(at + 1)
  const octet = char === 'x' ? hexOctet(text, at + 2) : undefined
  if (octet !== undefined) return { octet, length: 4 }
  return char === '/' || ESCAPABLE.has(char) ? { octet: char.charCodeAt(0), length: 2 } : { octet: BACKSLASH, length: 1 }
}

const BACKSLASH = 0x5c

function hexOctet(text: string, at: number): number | undefined {
  const high = hexDigit(text.charCodeAt(at))
  const low = hexDigit(text.charCodeAt(at + 1))
  return high === undefined || low === undefined ? undefined : high * 16 + low
}

function hexDigit(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text with its escapes undone; undefined when one is wrong, or their octets are no UTF-8. */
function unescaped(text: string, read: (text: string, at: number) => Escape): string | undefined {
  let at = text.indexOf('\\')
  if (at === -1) return text
  const octets = Buffer.alloc(Buffer.byteLength(text))
  let length = 0
  let start = 0
  while (at !== -1) {
    length += octets.write(text.slice(start, at), length)
    const found = read(text, at)
    if (found === undefined) return undefined
    octets[length] = found.octet
    length += 1
    start = at + found.length
    at = text.indexOf('\\', start)
  }
  length += octets.write(text.slice(start), length)
  try {
    return strictUtf8.decode(octets.subarray(0, length))
  } catch {
    return undefined
  }
}
