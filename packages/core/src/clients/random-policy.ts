import { hash } from 'node:crypto'
import { equalOctets } from '../compare.js'
import type { BasicCredential } from './client.js'
import type { Match } from './match.js'
import type { FindUser, PasswordAnswer, PasswordPolicy } from './passwords.js'

const VERIFIER = /^sha256:[0-9a-f]{64}$/
const PREFIX = 'sha256:'
const DECOY = PREFIX + '0'.repeat(64)

/**
 * Passwords that we issued: 256 random bits each, of which SHA-256 is kept. Nobody can guess through that, so neither salt nor work
 * is needed, and a check costs a microsecond. A password that somebody chose is not safe that way and is refused.
 */
export class RandomPolicy implements PasswordPolicy {
  readonly name = 'random'

  problemOf(verifier: string): string | undefined {
    if (VERIFIER.test(verifier)) return undefined
    return 'is not the verifier of an issued password, sha256:<64 hex digits>; passwords that people chose need passwords: "scrypt"'
  }

  shareDerivation(): boolean {
    return true
  }

  async verifierOf(password: string): Promise<string> {
    return this.verifierNow(password)
  }

  verifierNow(password: string): string {
    return PREFIX + hash('sha256', password, 'hex')
  }

  check(password: string, find: FindUser): PasswordAnswer | Promise<PasswordAnswer> {
    const found = find()
    return found instanceof Promise ? found.then((late) => fitting(late, password)) : fitting(found, password)
  }
}

function fitting(found: readonly Match<BasicCredential>[] | undefined, password: string): readonly Match<BasicCredential>[] {
  const digest = hash('sha256', password, 'buffer')
  // An unknown user costs a comparison too.
  if (found === undefined) equalOctets(digest, octetsOf(DECOY))
  return (found ?? []).filter(({ credential }) => equalOctets(digest, octetsOf(credential.verifier)))
}

function octetsOf(verifier: string): Buffer {
  return Buffer.from(verifier.slice(PREFIX.length), 'hex')
}
