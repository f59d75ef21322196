import type { SchemeDefinition } from '../definition/definition.js'
import type { Names } from '../definition/names.js'
import type { HashName } from '../hash/hmac.js'
import type { CompiledHome } from '../home/home.js'
import type { SchemeFacts } from '../judge/facts.js'
import type { GuardSets } from '../judge/guards.js'
import type { KeyMaker } from '../key/keys.js'
import type { MacWriter } from '../key/mac.js'
import type { Reading } from '../request/reading.js'
import type { CompiledText } from '../template/compiled-text.js'
import type { CompiledField } from './fields.js'
import type { Hint } from './hint.js'
import type { Unsent } from './unsent.js'

/** A role's or field's home. */
export interface CarriedHome {
  readonly name: string
  readonly home: CompiledHome
}

/** The home of the signature, and what stands between several in it. */
interface SignatureHome extends CarriedHome {
  readonly list: string | undefined
  /** Whether the elements of its list carry more than a signature and a key id, so that each is judged by its own. */
  readonly apart: boolean
}

/** A scheme for one set-up, ready to verify and sign. */
export interface CompiledScheme extends GuardSets {
  readonly definition: SchemeDefinition
  readonly names: Names
  readonly facts: SchemeFacts
  readonly hash: HashName
  /** What the wire may call a hash; undefined when it says nothing. */
  readonly algorithms: ReadonlyMap<string, HashName> | undefined
  readonly mac: MacWriter
  readonly key: KeyMaker
  readonly signature: SignatureHome
  readonly maxSignatures: number
  /** The Dictionary fields whose members are signatures of their own; empty where a request is judged as a whole. */
  readonly labelled: readonly string[]
  /** The parameter of the query that carries the signature. */
  readonly signatureQuery: string | undefined
  /** The form field that holds the JSON, where the body is a form. */
  readonly jsonField: string | undefined
  /** What the signature is a part of, read before it; it stands among `carried` too. */
  readonly ahead: readonly CarriedHome[]
  /** Each behind what it is read from. */
  readonly carried: readonly CarriedHome[]
  readonly fields: readonly CompiledField[]
  /** What a refusal for its time tells, once the signature has held. */
  readonly hint: Hint | undefined
  /** The time, where it is signed and not sent. */
  readonly unsent: Unsent | undefined
  readonly message: CompiledText
  readonly branchOf: (reading: Reading) => number
  readonly scope: readonly string[] | undefined
  readonly unboundBody: boolean
}
