import { MOST_BODY_OCTETS } from './body-variants.js'
import { CAUSES, type Confidence, type Told, told } from './causes.js'
import type { Finding } from './finding.js'
import { type Searched, timestampOf } from './searched.js'
import { maskFor, shownOf } from './shown-messages.js'
import { shownText } from './shown-text.js'
import { consumed, isLost, shortened, structural } from './structural.js'
import { deadlinesTold, timeTold } from './time-variants.js'
import { type Held, readTrial, refusedOr } from './trial.js'

/** The findings of a search, best first. What a title quotes of the request may hold a secret, which is cut. */
export function findingsOf(searched: Searched): readonly Finding[] {
  const mask = maskFor(searched, searched.held)
  return found(searched).map((one) => ({ ...one, title: Buffer.from(mask(Buffer.from(one.title))).toString() }))
}

function found(searched: Searched): readonly Finding[] {
  const { held, altered } = searched
  if (held !== undefined) return proved(searched, held)
  const gone = consumed(searched)
  if (gone !== undefined) return [finding(gone, 'fact')]
  if (altered !== undefined) {
    const line = told('body-altered', 'the signature holds over a digest that is not that of the body: the body was changed')
    const cut = shortened(searched).map((other) => finding(other, 'fact'))
    return [...cut, finding(line, 'proved'), ...times(searched, altered).map((late) => finding(late, 'fact'))]
  }
  return unproved(searched)
}

/** The signature holds: with what was changed, or once its time, its list or its method is mended. */
function proved(searched: Searched, held: Held): readonly Finding[] {
  const late = times(searched, held)
  const shown = shownOf(searched, held)
  const lines = isOurs(searched, held, shown) ? [] : held.trial.told
  if (lines.length === 0) {
    const [first, ...others] = late.length > 0 ? late : structural(searched)
    return [finding(first ?? unknown(searched), 'proved'), ...others.map((line) => finding(line, 'likely'))]
  }
  const causes = [...new Set(lines.map(({ cause }) => cause))]
  const findings = lines.map((line, at): Finding => {
    const others = causes.filter((cause) => cause !== line.cause)
    return { ...finding(line, 'proved'), ...(others.length > 0 && { with: others }), ...(at === 0 && shown) }
  })
  const [first] = late
  return first === undefined ? findings : [...findings, finding(first, 'fact')]
}

/** Whether what the sender signs in another form is the string of the scheme: the request is refused for something else. */
function isOurs({ verdict }: Searched, { trial }: Held, shown: ReturnType<typeof shownOf>): boolean {
  if (verdict.code === 'ERR_HMAC_MISMATCH' || shown === undefined) return false
  return trial.told.every(({ cause }) => cause === 'message-form') && shown.ours !== undefined && shown.theirs === undefined
}

/** Nothing that was tried makes it hold. */
function unproved(searched: Searched): readonly Finding[] {
  const { verdict, input, decodes } = searched
  if (!decodes) {
    const line = told(
      'secret-undecodable',
      `no secret decodes as the scheme says: ${JSON.stringify(input.scheme.definition.key ?? '{secret}')}`,
    )
    return [finding(line, 'fact')]
  }
  const lines = structural(searched)
  const certain = verdict.code === 'ERR_HMAC_MISSING' && lines[0]?.cause !== 'signature-missing' ? 'likely' : 'fact'
  const findings = lines.map((line) => finding(line, certain))
  if (!isLost(searched)) return findings
  const known = ['ERR_HMAC_STALE', 'ERR_HMAC_FUTURE'].includes(verdict.code) ? [] : findings
  const later = known.length === 0 ? findings : []
  return [...known, { ...finding(unknown(searched), 'likely'), ...shownOf(searched, undefined) }, ...later]
}

function unknown({ input }: Searched): Told {
  const large = input.body.length > MOST_BODY_OCTETS ? ' (the body is too large for other spellings of it to be tried)' : ''
  return told('unknown', `no known cause: the secret differs or the request was altered${large}`)
}

function times({ input, verdict, reading, settings }: Searched, held: Held): readonly Told[] {
  const read = reading ?? refusedOr(() => readTrial(held.trial, settings))
  const text = read === undefined ? undefined : timestampOf(input, read)
  const late = [
    ...(text === undefined ? [] : timeTold(input.scheme, text, input.now)),
    ...(read === undefined ? [] : deadlinesTold(input.scheme, read.captured, input.now)),
  ]
  if (late.length > 0 || verdict.code !== 'ERR_HMAC_STALE') return late
  return [told('time-stale', verdict.reason)]
}

function finding({ cause, title }: Told, confidence: Confidence): Finding {
  return { cause, title: shownText(title), fix: CAUSES[cause], confidence }
}
