import type { ClientInput, Credential } from './client.js'
import { type ClientReader, verifierBeside } from './client-reader.js'
import { digestApiKey, digestHex } from './digest-table.js'
import { checkedApiKey, checkedPassword } from './text-rules.js'

/**
 * The same input with digests in the place of its API keys and passwords, so that the rest of a change never sees them. Passwords
 * are derived off the main thread here, each user's with one salt.
 *
 * Judged here: those secrets alone. The reader judges everything else, also what is no object at all.
 *
 * @param siblings - the credentials that the client has already
 * @throws TypeError when a key or password is not one to be kept
 */
export async function digested(reader: ClientReader, input: ClientInput, siblings: readonly Credential[]): Promise<ClientInput> {
  if (!hasOwn(input, 'credentials') || !Array.isArray(input.credentials)) return input
  const given: unknown[] = input.credentials
  const credentials: unknown[] = []
  const verifiers = new Map<string, string>()
  for (const [i, credential] of given.entries()) {
    const where = `client.credentials[${i}]`
    if (isOf('api-key', credential, 'key', 'sha256')) credentials.push(withSha256(reader, credential, where))
    else if (isOf('basic', credential, 'password', 'verifier') && reader.rules.passwords.name === 'scrypt') {
      credentials.push(await withVerifier(reader, credential, where, String(input.id), siblings, verifiers))
    } else credentials.push(credential)
  }
  return { ...input, credentials } as ClientInput
}

function withSha256(reader: ClientReader, credential: { readonly key?: unknown }, where: string): object {
  const { factory, allowWeakKey } = reader.rules
  const { key, ...rest } = credential
  return { sha256: digestHex(digestApiKey(checkedApiKey(factory, `${where}.key`, key, allowWeakKey))), ...rest }
}

async function withVerifier(
  reader: ClientReader,
  credential: { readonly password?: unknown; readonly user?: unknown },
  where: string,
  clientId: string,
  siblings: readonly Credential[],
  verifiers: Map<string, string>,
): Promise<object> {
  const { factory, passwords, allowEmptyPassword } = reader.rules
  const { password, ...rest } = credential
  const text = checkedPassword(factory, `${where}.password`, password, allowEmptyPassword)
  const user = hasOwn(credential, 'user') ? String(credential.user) : clientId
  const verifier = await passwords.verifierOf(text, verifiers.get(user) ?? verifierBeside(user, siblings))
  verifiers.set(user, verifier)
  return { verifier, ...rest }
}

/** Whether a credential comes with its secret alone. With the digest besides it is a mistake, which the reader names. */
function isOf(kind: string, credential: unknown, secret: string, digest: string): credential is Record<string, unknown> {
  return hasOwn(credential, 'kind') && credential['kind'] === kind && hasOwn(credential, secret) && !hasOwn(credential, digest)
}

function hasOwn(value: unknown, name: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
}
