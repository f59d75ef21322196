import type { BasicCredential } from './client.js'
import type { Match } from './match.js'

/** What the check of a password finds: the credentials that the password fits, or that the queue is full and nothing was looked at. */
export type PasswordAnswer = readonly Match<BasicCredential>[] | 'busy'

/** Finds the credentials of the user whose password is checked; undefined: no such user. */
export type FindUser = () => readonly Match<BasicCredential>[] | undefined | Promise<readonly Match<BasicCredential>[] | undefined>

/**
 * How the passwords of one registry are kept. A registry has one policy for all its users, since with two of them the time of an
 * answer would tell which users there are.
 */
export interface PasswordPolicy {
  readonly name: 'scrypt' | 'random'
  /** What is wrong with a verifier, for a message; undefined when it is one of this policy. */
  problemOf(verifier: string): string | undefined
  /** Whether the passwords of two verifiers are checked by one derivation. Those of one user must be. */
  shareDerivation(one: string, other: string): boolean
  /**
   * The verifier of a password.
   *
   * @param beside - a verifier of the same user, whose derivation the new one must share
   * @throws TypeError when the policy keeps no passwords that somebody chose
   */
  verifierOf(password: string, beside?: string): Promise<string>
  /** The same at once, blocking; for what is made at the start. */
  verifierNow(password: string, beside?: string): string
  /**
   * Checks a password. It costs one derivation whether the user is unknown, has one password or several, and whatever the state of
   * these is; `find` runs once there is room for that derivation, so that beyond the queue not even a look-up is made.
   *
   * Not judged: whether a credential that fits holds now.
   */
  check(password: string, find: FindUser): PasswordAnswer | Promise<PasswordAnswer>
}
