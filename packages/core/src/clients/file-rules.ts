import { invalidValue, type OptionReader } from '../options.js'
import { ClientReader } from './client-reader.js'
import type { ClientsDocument, DocumentHead } from './clients-document.js'
import { asksForScrypt, readAllowances, readPasswordPolicy } from './clients-options.js'
import { ScryptPolicy } from './scrypt-policy.js'

/** What a document says of its passwords. */
type PasswordHead = Pick<ClientsDocument, 'passwords' | 'scrypt'>

/**
 * The rules that go with a clients file: those of the options, with the password policy that the file names. As long as the file names
 * the same policy the rules are the same object, so that the queue of derivations is not begun anew by a reload.
 */
export class FileRules {
  readonly #options: OptionReader
  readonly #folder: string
  #last: { readonly policy: string; readonly reader: ClientReader } | undefined

  constructor(options: OptionReader, folder: string) {
    this.#options = options
    this.#folder = folder
    // What is wrong with an option is said before any file is read.
    this.#made(undefined)
  }

  /** @throws TypeError when the file's policy is none, or another than an option asks for */
  of(document: PasswordHead): ClientReader {
    const policy = JSON.stringify([document.passwords, document.scrypt])
    if (this.#last?.policy === policy) return this.#last.reader
    if (document.passwords === 'random' && document.scrypt !== undefined) {
      throw invalidValue(this.#options.factory, 'scrypt', 'has no effect in a file with "passwords": "random"')
    }
    const asked = this.#options.raw('passwords')
    if (asked !== undefined && asked !== document.passwords) {
      throw invalidValue(
        this.#options.factory,
        'passwords',
        `is '${String(asked)}', but the file says '${document.passwords}'; remove the option`,
      )
    }
    const reader = this.#made(document)
    this.#last = { policy, reader }
    return reader
  }

  /** What a new file says of its passwords. */
  newHead(): DocumentHead {
    return { revision: 0, ...this.headOf(this.#made(undefined)) }
  }

  headOf(reader: ClientReader): Omit<DocumentHead, 'revision'> {
    const { passwords } = reader.rules
    return passwords instanceof ScryptPolicy ? { passwords: 'scrypt', scrypt: passwords.cost } : { passwords: 'random' }
  }

  #made(document: PasswordHead | undefined): ClientReader {
    const fallback = document?.passwords ?? (asksForScrypt(this.#options) ? 'scrypt' : 'random')
    const passwords = readPasswordPolicy(this.#options, fallback, document?.scrypt)
    return new ClientReader({ ...readAllowances(this.#options), passwords, folder: this.#folder })
  }
}
