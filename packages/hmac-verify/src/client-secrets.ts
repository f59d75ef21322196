import type { ClientLookup, HmacCredential, Match } from '@countersign/core'
import { type Clock, type Secret, type SecretSet, secretSet, within } from '@countersign/core/base'

/** What the secrets of a registry are read with. */
export interface ClientSecretsOptions {
  readonly now: Clock
  readonly timeoutMs: number
  readonly allowWeak: boolean
}

/** The secrets of a registry's clients, and whose each is. */
export interface ClientSecrets extends SecretSet {
  /** Whose the secret is; undefined for one that is none of these. */
  matchOf(secret: Secret): Match<HmacCredential> | undefined
}

/** Finds secrets by key id in a registry of clients. A credential that does not hold now counts as unknown. */
export function clientSecrets(factory: string, clients: ClientLookup, options: ClientSecretsOptions): ClientSecrets {
  const sets = new WeakMap<Match<HmacCredential>, SecretSet>()
  const owners = new WeakMap<Secret, Match<HmacCredential>>()
  const secretsOf = (match: Match<HmacCredential>): readonly Secret[] => {
    const set = sets.get(match) ?? secretSet(factory, 'clients', match.credential.secret(), options)
    sets.set(match, set)
    const secrets = set.active(undefined) as readonly Secret[]
    for (const secret of secrets) owners.set(secret, match)
    return secrets
  }
  const active = (found: readonly Match<HmacCredential>[] | undefined): readonly Secret[] =>
    (found ?? []).filter((match) => match.state(options.now()) === 'active').flatMap(secretsOf)
  return {
    lookup: true,
    matchOf: (secret) => owners.get(secret),
    active(keyId) {
      if (keyId === undefined) return []
      const found = within(options.timeoutMs, () => clients.findHmacKey(keyId))
      return found instanceof Promise
        ? found.then((late) => within(options.timeoutMs, () => active(late)))
        : within(options.timeoutMs, () => active(found))
    },
  }
}
