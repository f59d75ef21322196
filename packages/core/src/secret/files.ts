import { channel } from 'node:diagnostics_channel'
import type { Clock } from '../clock.js'
import { type CountersignError, coreError } from '../errors.js'
import { invalidType, invalidValue, OptionReader } from '../options.js'
import { PolledFile } from '../polled-file.js'
import { checkedMaterial, LEAST_SECRET_OCTETS, MOST_SECRET_OCTETS, secretLength } from './material.js'
import { heldSecret, type Secret } from './secret.js'
import { isShortAllowed, type SecretSource } from './source.js'

/** What `secretFromFile` takes. */
export interface SecretFileOptions {
  /** How often the file is looked at, at most, milliseconds; 0: whenever the secret is used. Default 500. */
  readonly pollMs?: number | undefined
  /** How long the last good secret counts while the file is missing or unusable, seconds. Default 300. */
  readonly maxStaleSeconds?: number | undefined
  /** The clock that both go by. Default `Date.now`. */
  readonly now?: Clock | undefined
}

const FACTORY = 'secretFromFile'
const errors = channel('countersign:error')

/**
 * The secret that a file holds, followed while the file changes: a mounted secret (Docker, Kubernetes, systemd), or a file that is
 * renamed into place or rewritten.
 *
 * The file is UTF-8 text of at most 65536 octets. One line break at its end (LF or CR LF) is cut, nothing else. It is read when this
 * is called. Later it is looked at when the secret is used, at most once per pollMs, without a timer, and read again when it has
 * changed; the new secret then takes the place of the old one at once. To accept the old one for some time too, list both.
 *
 * A file that is missing, blank or unusable leaves the last good secret for maxStaleSeconds, and is told once as
 * `{ code: 'ERR_SECRET_UNUSABLE', error }` on the diagnostics channel `countersign:error`; after that `current` throws
 * CountersignError `ERR_SECRET_STALE` (503). Fewer than 16 octets count as unusable, since they look like half a write, unless the
 * secret was that short before, or `allowWeakSecret` is set where it is used.
 *
 * @throws TypeError when the file cannot be read (code of the file system, such as ENOENT), is blank, too large, no UTF-8, or holds a
 *   public or private key; when an option is wrong
 */
export function secretFromFile(path: string | URL, options?: SecretFileOptions): SecretSource {
  if (!(typeof path === 'string' && path.trim() !== '') && !(path instanceof URL)) {
    throw invalidType(FACTORY, 'path', 'the path of a file', path)
  }
  const reader = new OptionReader(FACTORY, options, ['pollMs', 'maxStaleSeconds', 'now'])
  const pollMs = reader.integer('pollMs', 500, 'milliseconds', 0)
  const maxStaleMs = reader.integer('maxStaleSeconds', 300, 'seconds', 0) * 1000
  return new FileSource(path, pollMs, maxStaleMs, reader.callback<Clock>('now') ?? Date.now)
}

class FileSource implements SecretSource {
  readonly #path: string | URL
  readonly #now: Clock
  readonly #file: PolledFile<readonly Secret[]>
  #secrets: readonly Secret[] = []

  constructor(path: string | URL, pollMs: number, maxStaleMs: number, now: Clock) {
    this.#path = path
    this.#now = now
    const parse = (octets: Buffer) => this.#parse(octets)
    const stale = (cause: unknown) =>
      coreError('ERR_SECRET_STALE', `${path} has not held a usable secret for ${maxStaleMs / 1000} s`, cause)
    const onProblem = (cause: unknown) => publish(coreError('ERR_SECRET_UNUSABLE', `${path} cannot be used: ${messageOf(cause)}`, cause))
    try {
      this.#file = new PolledFile({ path, pollMs, maxStaleMs, maxBytes: MOST_SECRET_OCTETS + 2, parse, stale, onProblem }, now())
    } catch (error) {
      throw unreadable(path, error)
    }
  }

  current(now: number = this.#now()): readonly Secret[] {
    return this.#file.value(now)
  }

  #parse(octets: Buffer): readonly Secret[] {
    const text = secretText(octets, `${this.#path}`)
    const known = this.#secrets[0]
    if (known?.material === text) return this.#secrets
    const wasLong = known !== undefined && secretLength(known.material) >= LEAST_SECRET_OCTETS
    checkedMaterial(FACTORY, `${this.#path}`, text, !wasLong || isShortAllowed(this))
    this.#secrets = Object.freeze([heldSecret(text)])
    return this.#secrets
  }
}

function secretText(octets: Buffer, path: string): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    throw invalidValue(FACTORY, path, 'must contain UTF-8 text; write a binary key as hex or base64, and let the scheme decode it')
  }
  if (text.startsWith('\uFEFF')) throw invalidValue(FACTORY, path, 'must contain plain UTF-8: save it without the byte order mark')
  return text.endsWith('\r\n') ? text.slice(0, -2) : text.endsWith('\n') ? text.slice(0, -1) : text
}

function unreadable(path: string | URL, error: unknown): unknown {
  if (error instanceof TypeError) return error
  const { code = 'ERR_INVALID_ARG_VALUE' } = error as { code?: string }
  return Object.assign(new TypeError(`${FACTORY}: ${path} cannot be read: ${messageOf(error)}`, { cause: error }), { code })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function publish(error: CountersignError): void {
  errors.publish(Object.freeze({ code: error.code, error }))
}
