import type { ClientLookup } from '@countersign/core'
import type { BodyOptions, Clock, ReplayStore, Secret, SecretSet, Verdict } from '@countersign/core/base'
import type { CompiledScheme, CompileOptions, RequestView } from '@countersign/schemes/verifier'
import type { ClientSecrets } from './client-secrets.js'
import type { HandshakeSettings } from './handshake.js'

/** The options, checked and with their defaults. */
export interface HmacSettings {
  readonly scheme: CompiledScheme
  readonly secrets: SecretSet
  /** The registry and its secrets, where they come from one. */
  readonly clients: { readonly registry: ClientLookup; readonly secrets: ClientSecrets } | undefined
  /** @throws CountersignError `ERR_SECRET_UNUSABLE` when a secret of a look-up or a file does not decode as the scheme says */
  readonly checkSecret: (secret: Secret) => void
  readonly replay: ReplayStore | undefined
  readonly replayTtlSeconds: number | undefined
  readonly allowStoreError: boolean
  readonly releaseOnServerError: boolean
  readonly body: BodyOptions
  readonly publicOrigin: string | undefined
  readonly clientId: string
  /** A quoted-string. */
  readonly realm: string
  readonly handshake: HandshakeSettings | undefined
  readonly timeoutMs: number
  readonly allowEmptyBody: boolean
  readonly explainer: Explainer | undefined
  readonly now: Clock
}

/** Explains refusals to whoever runs the process, one at a time; those that come in between are counted. */
export interface Explainer {
  readonly compileOptions: CompileOptions
  /** Takes a refusal over. Answers at once; whatever comes of it goes to the log alone. */
  readonly take: (seen: Seen, verdict: Verdict) => void
}

/** What was seen of a request while it was judged. */
export interface Seen {
  readonly settings: HmacSettings
  readonly view: RequestView
  /** The body; undefined where it was not read. */
  readonly body: Uint8Array | undefined
  readonly secrets: ReadonlyMap<string | undefined, readonly Secret[]>
}
