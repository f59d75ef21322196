/** What texts look like that a decoder takes; the narrower first. */
const READS: readonly (readonly [decoder: string, form: RegExp])[] = [
  ['fromHex', /^(?:[0-9A-Fa-f]{2})+$/],
  ['fromBase64', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3}={0,2})?$/],
  ['fromBase64url', /^[A-Za-z0-9_-]{2,}={0,2}$/],
  ['fromBase32', /^[A-Z2-7]{2,}=*$/],
]

/**
 * The error of a set-up whose secret the scheme cannot decode. Nothing of the secret stands in it but which decoder would take it.
 *
 * @param template - the slot that decodes it
 * @param text - the secret, where it was given as text
 */
export function undecodable(scheme: string, template: string, { text, why = '' }: { text?: string; why?: string } = {}): TypeError {
  const message = `scheme '${scheme}': the secret does not decode as ${template} says; give it as the vendor shows it, or give the key's octets${why}`
  return Object.assign(new TypeError(`${message}${text === undefined ? '' : readAs(text, template)}`), { code: 'ERR_INVALID_ARG_VALUE' })
}

function readAs(text: string, template: string): string {
  const decoder = READS.find(([name, form]) => !template.includes(`|${name}|`) && !template.includes(`|${name}}`) && form.test(text))?.[0]
  if (decoder !== undefined) return `; ${decoder} would take it`
  if (text.trim() !== text) return '; it has blanks or a line end around it'
  return READS.some(([, form]) => form.test(text)) ? '' : '; no decoder takes it: {secret} is its text'
}
