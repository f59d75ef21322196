import { channel } from 'node:diagnostics_channel'
import { invalidType, invalidValue } from '../options.js'
import type { ClientChange, ClientProblem } from './registry.js'

const errors = channel('countersign:error')

/** Who is told of changes and problems of a registry. A listener that throws harms nobody; its error goes to `countersign:error`. */
export class ClientEvents {
  readonly #change = new Set<(change: ClientChange) => void>()
  readonly #error = new Set<(problem: ClientProblem) => void>()
  readonly #heard: ((isHeard: boolean) => void) | undefined

  /** @param heard - told when somebody has begun to listen, and when nobody does any more */
  constructor(heard?: (isHeard: boolean) => void) {
    this.#heard = heard
  }

  on(factory: string, event: unknown, listener: unknown): () => void {
    if (event !== 'change' && event !== 'error') throw invalidValue(factory, 'event', "must be 'change' or 'error'")
    if (typeof listener !== 'function') throw invalidType(factory, 'listener', 'a function', listener)
    // A function of its own for each subscription, so that one ended twice does not end another's.
    const own = (told: ClientChange & ClientProblem) => (listener as (told: object) => unknown)(told)
    const listeners: Set<typeof own> = event === 'change' ? this.#change : this.#error
    listeners.add(own)
    this.#heard?.(true)
    return () => {
      listeners.delete(own)
      if (this.#change.size + this.#error.size === 0) this.#heard?.(false)
    }
  }

  /** @param clientId - absent: anything may have changed */
  changed(clientId?: string): void {
    tell(this.#change, Object.freeze(clientId === undefined ? {} : { clientId }))
  }

  failed(error: unknown): void {
    errors.publish(Object.freeze({ authenticator: 'clients', reason: 'a client registry cannot read its source', error }))
    tell(this.#error, Object.freeze({ error }))
  }
}

function tell<E>(listeners: ReadonlySet<(event: E) => unknown>, event: E): void {
  const report = (error: unknown) => errors.publish(Object.freeze({ authenticator: 'clients', reason: 'a listener threw', error }))
  for (const listener of [...listeners]) {
    try {
      const answer = listener(event)
      if (answer instanceof Promise) answer.catch(report)
    } catch (error) {
      report(error)
    }
  }
}
