import type { Derivation } from '../hash/derivations.js'
import type { HashName } from '../hash/hmac.js'

/** Text with slots, such as `{timestamp}.{body}`; `{{` and `}}` are literal braces. */
export type Template = string

/** What a branch is chosen by; all that is given must hold. */
export interface When {
  readonly method?: string | readonly string[]
  /** Media type without parameters, lower case. */
  readonly contentType?: string | readonly string[]
  /** Whether the request has a body of at least one octet. */
  readonly body?: boolean
  /** A role or field that the request carries. */
  readonly carries?: string
  /** Templates of parts, and what they print: a text or several. Of branches only: `{ '{json:/event}': ['PAID', 'FAILED'] }`. */
  readonly is?: Readonly<Record<Template, string | readonly string[]>>
}

/** The same message for all requests, or one by method, content type or body; the last branch has no `when`. */
export interface Choose {
  readonly choose: readonly { readonly when?: When; readonly use: Text }[]
}

/** What a canonical list repeats. */
export type ListSource = 'query' | 'form' | 'json' | 'xml' | 'headers'

/** A canonical list: which things, how each prints, what stands between. */
export interface List {
  readonly each: ListSource | readonly ListSource[]
  /** The field with `names` that says which, and in which order, such as `{signed}`. */
  readonly names?: Template
  /** All whose name begins so; of headers, whose lower-case name does. */
  readonly prefix?: string
  /** json: a JSON pointer to the object. Default the body itself. xml: the path of the element that holds them, such as `/xml`. */
  readonly at?: string
  /**
   * json: what stands between the names where members are objects or lists themselves; `[]`: inner names in brackets, `a[b][0]`; `.[]`: only
   * places in lists, `a.b[0]`. Default: such a value is its JSON.
   */
  readonly flatten?: string
  readonly only?: readonly string[]
  /** The place of the signature itself is left out in any case. */
  readonly except?: readonly string[]
  /** Further pairs, by name, that take part as if they were carried. */
  readonly with?: Readonly<Record<string, Template>>
  /**
   * json: numbers, and what has members itself, print as they are spelt in the body, without blanks. Default as JavaScript writes them.
   * `quoted`: all values do, strings with their quotes and escapes, null as `null`.
   */
  readonly spelt?: boolean | 'quoted'
  /** json: leaves out members that are objects or lists. They are not signed. */
  readonly scalars?: boolean
  /** json: what true and false print. Default `true` and `false`. */
  readonly booleans?: readonly [string, string]
  /** Leaves out what has an empty value, but no entry of `named`. */
  readonly skipEmpty?: boolean
  /** Whether query and form names and values are decoded first; default true. */
  readonly decode?: boolean
  /** How names and values are encoded again. */
  readonly encode?: 'rfc3986' | 'form' | 'uri'
  /** Compared by UTF-16 code unit, after encoding; `name-any-case`: by their lower case; `name-natural`: numbers in names by their value. */
  readonly sort?: 'name' | 'name-any-case' | 'name-natural' | 'name-value' | 'item'
  /** Leaves out repeats of the same name and value. */
  readonly distinct?: boolean
  /** Pairs of one name are one, with this between their values. */
  readonly merge?: string
  /** Prints one: `{name}`, `{value}`. */
  readonly item: Template
  readonly join: string
  /** Stands before the list where it is not empty. */
  readonly before?: string
  /** headers: what stands between the values of a header that stands several times. Default: such a request is refused. */
  readonly repeated?: string
  /** headers: entries of the list that are no header, by their name. Of components: the derived ones, such as `@method`. */
  readonly named?: Readonly<Record<string, Template>>
}

/** What a message, or a part of one, is written as: a template, a choice of texts, or a list. */
export type Text = Template | Choose | List

/** Where something is carried; at most one of the places. */
export interface Home {
  /** A header field; several names: any of them; with `{n}`: numbered 1, 2, 3 ... `{param:x}` is replaced at set-up. */
  readonly header?: string | readonly string[]
  /** The Authorization field with this auth-scheme (RFC 9110 section 11.4; any case). */
  readonly authorization?: string
  /** A field that is a Dictionary (RFC 9651 section 3.2). Without `label` the value is the whole field, serialized. */
  readonly dictionary?: string
  /**
   * Each member of the Dictionary is a signature of its own: octets, or what one covers (`names: 'components'`). All that stands under
   * one label is judged together, and any label may hold; this is the one that our signer writes.
   */
  readonly label?: string
  readonly query?: string
  readonly form?: string
  readonly cookie?: string
  /** A JSON pointer (RFC 6901) into the body. */
  readonly json?: string
  /** The path of an element in a body of XML, from the root: `/xml/sign`. */
  readonly xml?: string
  /** The whole path, as a format: `/hooks/{signature}/{rest}`. */
  readonly path?: Template
  /** With `scope`: a JSON pointer into the item. */
  readonly item?: string
  /** A part of something else that is carried, and so never written: `{payload|fromBase64|json:/nonce}`. */
  readonly from?: Template
  /** The exact printed form; default the slot alone. */
  readonly format?: Template
  /** The value is a list of such forms with this between them; other elements are ignored. */
  readonly list?: string
  /** The text is this encoding of the format: `Basic` is base64 of `{keyId}:{signature}`. */
  readonly wrapped?: 'base64' | 'base64url'
  /** json: our signer writes a number and not a string. */
  readonly number?: boolean
  /** The format is a list of `name=value` members with this between them; read in any order. */
  readonly members?: string
}

/** The named ways to write a time. */
export type NamedUnit =
  | 'seconds'
  | 'milliseconds'
  | 'microseconds'
  | 'nanoseconds'
  | 'ticks'
  | 'hex-seconds'
  | 'hex-seconds-upper'
  | 'base62-seconds'
  | 'base64url-seconds'
  | 'float-seconds'
  | 'http-date'
  | 'rfc3339'
  | 'rfc3339-ms'
  | 'iso-basic'
  | 'compact'

/**
 * How a time is written: a name, or a pattern of UTC made of YYYY or YY, MM or MMM (Jan), DD, HH, mm, ss, SSS, ddd (Mon) and literals, letters
 * among them in brackets, such as `YYYY-MM-DDTHH:mm:ss` or `ddd, DD MMM YYYY HH:mm:ss [UTC]`; of another zone with that behind it, as in
 * `YYYYMMDDHHmmss@+07:00`.
 */
export type TimeUnit = NamedUnit | `${string}YY${string}`

/** Something else that is carried or signed; in a home of its own, or captured by another home's format. */
export interface Field extends Home {
  /** Recomputed and compared in constant time; what the signer writes. */
  readonly value?: Template
  /**
   * Like value; any of them holds, the signer writes the first. With `list`: of the elements that begin as one of these does (the text
   * before its first slot, in any case) there is at least one, and each of them holds; others are ignored.
   */
  readonly oneOf?: readonly Template[]
  /** What stands in place of `value` where the body is not signed; holds only where the set-up says allowUnboundBody. */
  readonly unbound?: string
  /**
   * The param that the signer writes; where it is not empty, the verifier asks for exactly it. With `unit`: the signature's life in
   * seconds; the verifier asks for a deadline.
   */
  readonly param?: string
  /** What our signer writes where the caller gives nothing; the verifier takes anything. */
  readonly write?: Template
  readonly when?: Omit<When, 'is'>
  /** A deadline: refused when it has passed. `life`: the seconds that the signature holds from its timestamp on. */
  readonly unit?: TimeUnit | 'life'
  /**
   * A list of names with this between them. `components`: an Inner List of the components of RFC 9421, in a Dictionary with `label`; its
   * format holds the parameters behind it, a String in quotes and an Integer bare: `;created={timestamp};keyid="{keyId?}"`.
   */
  readonly names?: string
  /** components: the types of structured fields that are not registered as such. */
  readonly structured?: Readonly<Record<string, 'item' | 'list' | 'dictionary'>>
  /** What our signer puts on the list, written like mustInclude. Default mustInclude. */
  readonly sign?: readonly string[]
  /**
   * What has to be on the list: a `name`; `a or b c`, a or both b and c; `x-amz-*`, every header of the request that begins so;
   * `name?`, where the request has it (the header; for a pseudo name such as `(expires)` the field `expires`). The header of a field
   * with `when` counts while that holds.
   */
  readonly mustInclude?: readonly string[]
  /** The list is this constant. */
  readonly exactly?: readonly string[]
  /** The list is sorted. */
  readonly sort?: boolean
  /** The text that counts where nothing is carried. */
  readonly default?: string
}

/** How a derived key of a chain is written: its octets, or the text that is the key in their place. */
export type KeyEncoding = 'octets' | 'hex' | 'base64' | 'base64url'

/** A part that a handshake looks at: `query:hub.mode`, `header:x-hook-secret`, `json:/type`. */
export type HandshakePart = `query:${string}` | `header:${string}` | `json:/${string}`

/** A request of a vendor's that is answered by the guard itself, when the route asks for it. */
export interface Handshake {
  readonly method: 'GET' | 'POST' | 'HEAD'
  /** Whether it is signed as any other request; then it is verified first. */
  readonly signed?: boolean
  /** What tells it from other requests: each part has this text; `*`: any. */
  readonly when?: Readonly<Record<string, string>>
  /** The part that has to be the set-up's `verifyToken`. */
  readonly token?: HandshakePart
  /** What is answered: at most 512 octets of `A-Z a-z 0-9 . _ ~ + / = -`. */
  readonly challenge?: HandshakePart
  /** The secret that it brings; taken only while the set-up waits for one. */
  readonly learns?: HandshakePart
  /** `text`: the challenge as text/plain; an object: as JSON members or in a field, `{challenge}` and pipes such as `{challenge|hmac|hex}`. */
  readonly answer?: 'text' | { readonly json: Readonly<Record<string, Template>> } | { readonly header: string }
}

/** A signing scheme: pure data, used to verify, sign and explain. See LANGUAGE.md. */
export interface SchemeDefinition {
  /** Lower-case words with hyphens. Part of the replay key. */
  readonly name: string
  /** The page that documents the scheme. */
  readonly docs?: string
  /** How the scheme was proved: against published values, the vendor's SDK, or its documentation alone. */
  readonly evidence?: 'published' | 'sdk' | 'documented'
  /** Default sha256; an object maps what the wire may say to a hash, or to a param that names one: `{param:hs2019}`. */
  readonly algorithm?: HashName | Readonly<Record<string, HashName | `{param:${string}}`>>
  /** Values of a set-up, with defaults; null: the set-up has to give one. */
  readonly params?: Readonly<Record<string, string | null>>
  /**
   * Default `{secret}`. A chain derives: k0 is the first, k[i] = HMAC(k[i-1], i-th); with `encoding`, each derived key is that text of
   * the HMAC and not its octets; a list names one for each derived key. `by`: what derives; a hash: k[i] = hash(k[i-1], i-th). Of a cipher there are two, k1 is the second encrypted under the first, in CBC from a
   * vector of zeros: `3des` takes 24 octets and fills up with zeros, `aes-128` takes 16 and fills up as PKCS #7 says.
   */
  readonly key?:
    | Template
    | {
        readonly chain: readonly Template[]
        readonly by?: Derivation
        readonly encoding?: KeyEncoding | readonly KeyEncoding[]
      }
  readonly signature: Home & {
    /** How the MAC is written: an encoder, and text pipes behind it. Default `hex`. */
    readonly encoding?: string
    /** The most signatures that are compared; more are refused. Default 16. */
    readonly max?: number
  }
  readonly timestamp?: Home & {
    readonly unit: TimeUnit
    /** Accepted difference to our clock, seconds, both ways. Default 300. */
    readonly toleranceSeconds?: number
    /** Accepted lead over our clock, seconds. Default toleranceSeconds. */
    readonly futureSeconds?: number
    /**
     * The time is signed and not sent: the verifier tries each second of its window, an HMAC each, at most 600 for a secret and fewer
     * with a long body. It has no place then, and no unit finer than a second.
     */
    readonly unsent?: true
    /**
     * What a request is told whose signature holds and whose time does not: a header field of the refusal. `{now}` is our clock in
     * `unit`, `{text}` the text beside it, and `hmac` takes the request's own key: `tsm="{text|hmac|base64}"`.
     */
    readonly hint?: { readonly header: string; readonly text: Template; readonly value: Template }
  }
  readonly nonce?: Home & {
    /** Octets of randomness that the signer writes; of `digits`, how many. Default 16. */
    readonly random?: number
    /** How the signer writes them; a UUID is of version 4. Default base64url. */
    readonly as?: 'base64url' | 'hex' | 'digits' | 'uuid'
  }
  readonly keyId?: Home
  readonly fields?: Readonly<Record<string, Field>>
  /** Named texts for the message, never carried. */
  readonly define?: Readonly<Record<string, Text>>
  readonly message: Text
  /** Each item at the pointer (one `*`) is signed for itself; all must hold. */
  readonly scope?: { readonly json: string; readonly hold: 'all' }
  /**
   * The form field that holds the JSON, where the body is a form (urlencoded or multipart); else the body is the JSON. What else the form
   * holds is never signed, so that only schemes with `allowUnboundBody` have it.
   */
  readonly jsonField?: string
  /** What the vendor asks before it sends; answered only where a route says so. */
  readonly handshake?: Handshake
  /** Why a vendor's message is not injective. Refused when it is. */
  readonly ambiguous?: string
  /** Why a vendor's scheme leaves the body open. */
  readonly allowUnboundBody?: string
  /** Why the scheme is not safe at all: it is refused unless the set-up says allowInsecureScheme. */
  readonly insecure?: string
  /** `hash`: the plain hash of the message, which holds `{secret}`, instead of HMAC; only with `insecure`. */
  readonly construction?: 'hmac' | 'hash'
}
