import { apiKeyAuthenticator } from '@countersign/api-key'
import {
  type Authenticator,
  type AuthRequest,
  absent,
  decide,
  type Granted,
  type Refused,
  type Verdict,
  within,
} from '@countersign/core/base'
import { basicAuthenticator } from './basic.js'
import { checkMember, together, withClient } from './membership.js'
import { type ClientGroupOptions, type ClientGroupSettings, readOptions } from './options.js'

/** One kind of credentials that members may bring. */
interface Member {
  readonly authenticator: Authenticator
  /** Whether its principals come with the groups that the registry has at this moment. */
  readonly isOurs: boolean
}

/**
 * Decides whether a request comes from a client of certain groups. Members prove themselves with any of the accepted kinds of
 * credentials; membership, credentials and clients may change at any time, and count as they are when a request comes.
 *
 * All credentials that are sent must be right and one client's. Wrong ones are refused with 401, right ones of a client outside the
 * groups with 403.
 *
 * Refuses with the codes of `clientGroupCodes` and of the accepted authenticators; throws, as core's codes say, when the registry
 * fails or does not answer.
 *
 * @throws TypeError when an option is unknown, missing or wrong
 * @example
 * const partners = clientGroupAuthenticator({ clients, group: 'partners' })
 */
export function clientGroupAuthenticator(options: ClientGroupOptions, factory = 'clientGroupAuthenticator'): Authenticator {
  const settings = readOptions(factory, options)
  const members = settings.accept.map((member) => memberOf(settings, member, factory))
  return Object.freeze({
    name: 'client-group',
    challenges: Object.freeze([...new Set(members.flatMap(({ authenticator }) => authenticator.challenges))]),
    registry: settings.clients,
    authenticate: (request: AuthRequest) => gathered(settings, members, 0, [], request),
  })
}

function memberOf(settings: ClientGroupSettings, member: ClientGroupSettings['accept'][number], factory: string): Member {
  if (member === 'basic') return { authenticator: basicAuthenticator(settings.basic, factory), isOurs: true }
  if (member === 'api-key') return { authenticator: apiKeyAuthenticator(settings.apiKey, factory), isOurs: true }
  return { authenticator: member, isOurs: false }
}

/** Asks all members, also behind one that granted: whatever credentials are sent have to be right. */
function gathered(
  settings: ClientGroupSettings,
  members: readonly Member[],
  from: number,
  grants: Granted[],
  request: AuthRequest,
): Verdict | Promise<Verdict> {
  for (let i = from; i < members.length; i += 1) {
    const verdict = asked(settings, members[i] as Member, request)
    if (verdict instanceof Promise) {
      return verdict.then((late) => {
        if (late.kind === 'refused' || late.kind === 'answered') return late
        if (late.kind === 'granted') grants.push(late)
        return gathered(settings, members, i + 1, grants, request)
      })
    }
    if (verdict.kind === 'refused' || verdict.kind === 'answered') return verdict
    if (verdict.kind === 'granted') grants.push(verdict)
  }
  return grants.length === 0 ? absent : admitted(settings, grants, request)
}

function asked(settings: ClientGroupSettings, { authenticator, isOurs }: Member, request: AuthRequest): Verdict | Promise<Verdict> {
  // Nobody else has our own members, so that nobody else can have asked them about this request.
  if (isOurs) return authenticator.authenticate(request)
  const verdict = decide(authenticator, request)
  return verdict instanceof Promise ? verdict.then((late) => known(settings, late, request)) : known(settings, verdict, request)
}

/** The client that a foreign authenticator proved is looked up, since its groups may have changed since. */
function known({ clients, timeoutMs }: ClientGroupSettings, verdict: Verdict, request: AuthRequest): Verdict | Promise<Verdict> {
  if (verdict.kind !== 'granted') return verdict
  const client = within(timeoutMs, () => clients.find(verdict.principal.clientId))
  return client instanceof Promise ? client.then((late) => withClient(verdict, late, request)) : withClient(verdict, client, request)
}

function admitted({ groups }: ClientGroupSettings, grants: readonly Granted[], request: AuthRequest): Granted | Refused {
  const verdict = together(grants, request)
  return verdict.kind === 'refused' ? verdict : (checkMember(verdict.principal.groups, groups) ?? verdict)
}
