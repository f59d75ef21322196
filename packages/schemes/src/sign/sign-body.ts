import type { CompiledScheme } from '../compile/compiled-scheme.js'
import type { SchemeFacts } from '../judge/facts.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import { refuseOtherCharset } from '../verify/unsigned.js'

/**
 * Refuses to sign members of JSON that are sent under a Content-Type by which a receiver parses something else, since every verifier of ours
 * refuses them: as a form, which many clients name by default for a body of text; in a charset other than UTF-8.
 *
 * @param reading - of the request, after the message has been made of it
 */
export function refuseMisnamedBody(scheme: CompiledScheme, reading: Reading): void {
  const { binding } = scheme.facts.branches[scheme.branchOf(reading)] as SchemeFacts['branches'][number]
  if (binding.body !== 'data' || reading.body.length === 0) return
  refuseOtherCharset(reading.header('content-type') ?? '')
  if (!reading.isForm || reading.isFormRead || [scheme.signature, ...scheme.carried].some(({ home }) => home.place?.startsWith('form:')))
    return
  throw new SchemeRefusal(
    'ERR_HMAC_UNSIGNED_BODY',
    'the scheme signs the body as JSON, XML or text, and Content-Type says that the body is a form; write Content-Type: application/json or text/xml, or sign its fields with "each": "form"',
  )
}
