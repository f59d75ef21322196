import type { TimeUnit, When } from '../definition/definition.js'
import type { Binding } from './judge.js'

/** What was derived about a scheme. */
export interface SchemeFacts {
  /** What the signature binds, per branch of the message; one entry when there is no choice. */
  readonly branches: readonly { readonly when: When | undefined; readonly binding: Binding }[]
  /** What every branch binds. */
  readonly binds: Binding
  readonly injective: boolean
  readonly timestamp: { readonly unit: TimeUnit; readonly toleranceSeconds: number; readonly futureSeconds: number } | undefined
  readonly nonce: boolean
  readonly keyId: boolean
  /** Whether credentials sit in the body, so that it has to be read before anything can be judged. */
  readonly bodyFirst: boolean
  /** Whether the configured public origin is needed. */
  readonly needsOrigin: boolean
  /** Whether honest requests always differ: a nonce or a timestamp is signed. */
  readonly distinct: boolean
  /** Whether the time or the nonce is signed by the key alone, which is made with it: the message is the same without it. */
  readonly keyDiffers: boolean
  /** Whether the message holds the secret itself, so that it must not be shown. */
  readonly secretInMessage: boolean
}

/** What all of the branches bind. */
export function commonBinding(bindings: readonly Binding[]): Binding {
  const every = (of: (binding: Binding) => boolean) => bindings.every(of)
  const bodies = bindings.map((binding) => binding.body)
  return {
    body: bodies.includes('none') ? 'none' : bodies.includes('data') ? 'data' : 'octets',
    method: every((binding) => binding.method),
    path: every((binding) => binding.path),
    query: every((binding) => binding.query),
    timestamp: every((binding) => binding.timestamp),
    nonce: every((binding) => binding.nonce),
    keyId: every((binding) => binding.keyId),
  }
}
