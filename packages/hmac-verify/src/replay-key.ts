import { createHash, KeyObject } from 'node:crypto'
import type { Secret } from '@countersign/core/base'
import type { MessageParts } from '@countersign/schemes/verifier'

/**
 * The replay key of a signed message: SHA-256, base64url, over scheme name, owner and message, the first two behind their lengths. The
 * owner is the client id or, where the sender names a key id, what stands for the secret.
 *
 * It holds neither signature nor key id: a request that carries two valid signatures is the same request without one of them.
 *
 * @param inKey - what tells requests apart and is signed by the key alone, in front of the message, each behind its length
 */
export function replayKey(schemeName: string, owner: string, message: MessageParts, inKey: readonly string[] = []): string {
  const hash = createHash('sha256')
  let text = `${Buffer.byteLength(schemeName)}:${schemeName}${Buffer.byteLength(owner)}:${owner}`
  for (const one of inKey) text += `${Buffer.byteLength(one)}:${one}`
  for (const part of message) {
    if (typeof part === 'string') {
      text += part
    } else {
      hash.update(text).update(part)
      text = ''
    }
  }
  return hash.update(text).digest('base64url')
}

const owners = new WeakMap<Secret, string>()

/** What stands for the owner of a secret: its SHA-256, base64url. It goes into a replay key, which is a digest of it and of more. */
export function ownerOf(secret: Secret): string {
  const known = owners.get(secret)
  if (known !== undefined) return known
  const { material } = secret
  const owner = createHash('sha256')
    .update(material instanceof KeyObject ? material.export() : material)
    .digest('base64url')
  owners.set(secret, owner)
  return owner
}
