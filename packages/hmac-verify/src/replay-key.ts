import { createHash } from 'node:crypto'
import type { MessageParts } from '@countersign/schemes/verifier'

/**
 * The replay key of a signed message: SHA-256, base64url, over scheme name, client id and message, the first two behind their lengths.
 *
 * It holds neither signature nor key id: a request that carries two valid signatures is the same request without one of them.
 *
 * @param inKey - what tells requests apart and is signed by the key alone, in front of the message, each behind its length
 */
export function replayKey(schemeName: string, clientId: string, message: MessageParts, inKey: readonly string[] = []): string {
  const hash = createHash('sha256')
  let text = `${Buffer.byteLength(schemeName)}:${schemeName}${Buffer.byteLength(clientId)}:${clientId}`
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
