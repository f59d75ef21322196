/** Above this the native count of octets is faster than a loop. */
const SHORT_TEXT = 64

/** Whether each character is one octet of UTF-8. */
export function isAscii(text: string): boolean {
  if (text.length > SHORT_TEXT) return Buffer.byteLength(text) === text.length
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
