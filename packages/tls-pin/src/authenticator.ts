import {
  type Authenticator,
  type AuthRequest,
  type Granted,
  granted,
  noteUse,
  type Principal,
  principal,
  type Refused,
  type Verdict,
  warnOnce,
  within,
} from '@countersign/core/base'
import { type Pin, pinText } from '@countersign/core/certificates'
import { refuse } from './errors.js'
import { type CertificateMatch, readOptions, type TlsPinOptions, type TlsPinSettings } from './options.js'
import type { Presented } from './source.js'
import { certificateTime } from './times.js'

/** The scheme of the principals. */
const SCHEME = 'tls-client-certificate'

/**
 * Decides whether a request comes with an expected client certificate: pinned, of a registered client, or with what the conditions ask
 * for. Possession of its private key was proved in the TLS handshake, here or at the proxy.
 *
 * Order: the source reads the certificate; it must not have failed verification; its dates must hold; then pins, conditions and
 * clients, as given, each of them. From headers a full pin match (a pin, a fingerprint condition, or a client's pin) or the word of
 * the proxy that it has verified the certificate is needed. A pin of the public key vouches for the key alone: whoever has it can write
 * a certificate around it, so that other conditions need a verified certificate then, or a pin of the whole.
 *
 * Not checked: revocation, and whether the client may do what it asks for.
 *
 * The principal: `clientId` is the registry's client, else the option, else the SHA-256 of the certificate; `credentialId` the name of
 * the pin, or the client's credential.
 *
 * @param factory - the name that messages carry, for factories built upon this one
 * Refuses with: the codes of `tlsCodes`, all 403; `absent` when there is no certificate and nobody claims one; throws, as core's codes
 * say, when the registry fails or does not answer
 * @throws TypeError when `from` is missing, nothing is asked of the certificate, or an option is unknown or wrong
 * @see RFC 5280; RFC 7469 section 2.4 (SPKI pins)
 * @example
 * allOf(tlsPinAuthenticator({ from: socket(), clients }), apiKeyAuthenticator({ clients }), { sameClient: true })
 */
export function tlsPinAuthenticator(options: TlsPinOptions, factory = 'tlsPinAuthenticator'): Authenticator {
  const judge = new Judge(readOptions(factory, options))
  const { clients } = judge.settings
  const fields = { name: 'tls-pin', challenges: Object.freeze([]), authenticate: (request: AuthRequest) => judge.verdict(request) }
  return Object.freeze(clients === undefined ? fields : { ...fields, registry: clients })
}

class Judge {
  readonly settings: TlsPinSettings
  readonly #grants = new WeakMap<object, { readonly pin: Pin | undefined; readonly grant: Granted }>()
  #isWarned = false

  constructor(settings: TlsPinSettings) {
    this.settings = settings
    if ([...(settings.pins?.pins ?? []), ...settings.conditions].some(({ legacy }) => legacy)) {
      warnOnce('ERR_TLS_SHA1_PIN', 'a certificate is pinned by its SHA-1 fingerprint, which is legacy; pin its SHA-256 or its public key')
    }
    this.#warn(settings.now())
  }

  verdict(request: AuthRequest): Verdict | Promise<Verdict> {
    const { source, pins, conditions, clients } = this.settings
    const presented = source.read(request)
    if (presented.kind !== 'presented') return presented
    const now = this.settings.now()
    this.#warn(now)
    const problem = verificationProblem(presented) ?? dateProblem(presented, now, this.settings.toleranceMs)
    if (problem !== undefined) return problem
    const pin = pins?.match(presented, now)
    if (pins !== undefined && pin === undefined) return refuse('ERR_TLS_PIN_MISMATCH', mismatchReason(presented))
    if (pin === 'closed') return refuse('ERR_TLS_PIN_CLOSED')
    let vouched: Vouched = presented.verification === 'verified' ? 'whole' : pin === undefined ? 'nothing' : vouchedBy(pin.kind)
    for (const { key, judge, identifies } of conditions) {
      const outcome = judge(presented)
      if (outcome === 'empty') return refuse('ERR_TLS_HEADER_EMPTY', `the proxy sends ${key} without a value`)
      if (!outcome) return refuse('ERR_TLS_CONDITION', `the condition on ${key} is not met`)
      if (identifies && vouched !== 'whole') vouched = key === 'SPKI' ? 'key' : 'whole'
    }
    const isSelfMade = vouched !== 'whole' && conditions.some(({ identifies }) => !identifies)
    if (clients !== undefined) return this.#clientVerdict(presented, now, isSelfMade)
    if (vouched === 'nothing') return refuse('ERR_TLS_NOT_VERIFIED', presented.said)
    return isSelfMade ? refuse('ERR_TLS_NOT_VERIFIED', SELF_MADE) : this.#grant(presented, pin)
  }

  /**
   * The verdict of the first client's credential that holds. The look-ups run one after the other, and stay synchronous if they are.
   *
   * @param isSelfMade - whether a condition holds for what nobody but the key's holder need have written
   */
  #clientVerdict(presented: Presented, now: number, isSelfMade: boolean, from = 0, earlier?: Inactive): Verdict | Promise<Verdict> {
    const clients = this.settings.clients as NonNullable<TlsPinSettings['clients']>
    let inactive = earlier
    for (let i = from; i < KINDS.length; i += 1) {
      const kind = KINDS[i] as (typeof KINDS)[number]
      const digest = presented.digest(kind)
      if (digest === undefined) continue
      const found = within(this.settings.timeoutMs, () => clients.findCertificate(pinText(kind, digest)))
      const isOpen = isSelfMade && vouchedBy(kind) === 'key'
      if (found instanceof Promise) {
        return found.then(
          (match) =>
            this.#matchVerdict(match, now, isOpen, inactive) ??
            this.#clientVerdict(presented, now, isSelfMade, i + 1, inactive ?? inactiveOf(match, now)),
        )
      }
      const verdict = this.#matchVerdict(found, now, isOpen, inactive)
      if (verdict !== undefined) return verdict
      inactive ??= inactiveOf(found, now)
    }
    return inactive?.refused ?? refuse('ERR_TLS_UNKNOWN_CLIENT', mismatchReason(presented))
  }

  #matchVerdict(
    match: CertificateMatch | undefined,
    now: number,
    isSelfMade: boolean,
    inactive: Inactive | undefined,
  ): Verdict | undefined {
    if (match?.state(now) !== 'active') return undefined
    // A weaker kind of pin must not make another's certificate out of that of a client who is shut out.
    if (inactive !== undefined && inactive.clientId !== match.principal.clientId) return inactive.refused
    if (isSelfMade) return refuse('ERR_TLS_NOT_VERIFIED', SELF_MADE)
    const { clients } = this.settings
    return granted(match.principal, {
      commit: () => {
        noteUse(clients, match, now)
        return undefined
      },
    })
  }

  /** A grant is made once for each certificate and pin: nothing in it belongs to a request. */
  #grant(presented: Presented, pin: Pin | undefined): Granted {
    const key: object = presented.certificate ?? (pin?.kind === 'sha256' ? pin : presented)
    const known = this.#grants.get(key)
    if (known !== undefined && known.pin === pin) return known.grant
    const clientId = this.settings.clientId ?? presented.digest('sha256') ?? presented.digest('sha1') ?? SCHEME
    const fields: Principal = { clientId, scheme: SCHEME, groups: [] }
    const grant = Object.freeze(granted(principal(pin?.name === undefined ? fields : { ...fields, credentialId: pin.name })))
    this.#grants.set(key, { pin, grant })
    return grant
  }

  #warn(now: number): void {
    const { pins, warnMs, onWarning } = this.settings
    if (this.#isWarned || pins === undefined || !(now >= pins.until - warnMs)) return
    this.#isWarned = true
    const message = `the last certificate pin of a route expires at ${new Date(pins.until).toISOString()}; after that every request is refused`
    process.emitWarning(message, { type: 'CountersignWarning', code: 'ERR_TLS_PINS_RUN_OUT' })
    if (onWarning !== undefined) told(() => onWarning({ code: 'ERR_TLS_PINS_RUN_OUT', message, until: pins.until }))
  }
}

/** Tells the operator; that the telling fails is a warning too, and nothing to the request. */
function told(tell: () => unknown): void {
  const failed = () =>
    process.emitWarning('the option onWarning of tlsPin threw', { type: 'CountersignWarning', code: 'ERR_TLS_PINS_RUN_OUT' })
  try {
    Promise.resolve(tell()).catch(failed)
  } catch {
    failed()
  }
}

/** Of what a certificate holds somebody has vouched for this much, beside its own holder. */
type Vouched = 'nothing' | 'key' | 'whole'

function vouchedBy(kind: Pin['kind']): Vouched {
  return kind === 'spki' ? 'key' : 'whole'
}

const SELF_MADE = 'only its public key is pinned; nobody has verified the rest of the certificate, which the conditions need'

/** A client whose credential fits and does not count now. */
interface Inactive {
  readonly clientId: string
  readonly refused: Refused
}

/** Strongest first. */
const KINDS = ['sha256', 'spki', 'sha1'] as const

/** A certificate that is known not to hold is refused before anything else; that its issuer is unknown alone, a pin can make up for. */
function verificationProblem({ verification, said }: Presented): Refused | undefined {
  return verification === 'failed' ? refuse('ERR_TLS_NOT_VERIFIED', said) : undefined
}

/** RFC 5280 section 4.1.2.5: both dates belong to the time in which the certificate counts. */
function dateProblem(presented: Presented, now: number, toleranceMs: number): Refused | undefined {
  const from = dateOf(presented, 'NOTBEFORE')
  const until = dateOf(presented, 'NOTAFTER')
  if (from === null || until === null) return refuse('ERR_TLS_HEADER_MALFORMED', 'the proxy sends an invalid date of the certificate')
  if (from !== undefined && !(now >= from - toleranceMs)) return refuse('ERR_TLS_NOT_YET_VALID')
  if (until !== undefined && !(now <= until + toleranceMs)) return refuse('ERR_TLS_EXPIRED')
  const { windows } = presented
  const isOpen = windows?.some((window) => now >= window.from - toleranceMs && now <= window.until + toleranceMs)
  return isOpen === false ? refuse('ERR_TLS_EXPIRED', 'an authority above the certificate is not valid now') : undefined
}

/** Undefined when the source does not have it, null when it is no date. */
function dateOf(presented: Presented, key: 'NOTBEFORE' | 'NOTAFTER'): number | undefined | null {
  const { certificate } = presented
  if (certificate !== undefined) return key === 'NOTBEFORE' ? certificate.notBefore : certificate.notAfter
  const text = presented.field(key)
  return text === undefined ? undefined : (certificateTime(text) ?? null)
}

function inactiveOf(match: CertificateMatch | undefined, now: number): Inactive | undefined {
  if (match === undefined) return undefined
  const refused = match.state(now) === 'disabled' ? refuse('ERR_TLS_CLIENT_DISABLED') : refuse('ERR_TLS_PIN_CLOSED')
  return { clientId: match.principal.clientId, refused }
}

/** Fingerprints are public, and what an operator needs in order to add the pin. */
function mismatchReason(presented: Presented): string | undefined {
  const sha256 = presented.digest('sha256')
  return sha256 === undefined ? undefined : `no pin matches the certificate with the SHA-256 ${sha256}`
}
