import type { Client } from '@countersign/core'
import { type AuthRequest, commitOnce, type Granted, type Principal, principal, type Refused, settleOnce } from '@countersign/core/base'
import { refuse } from './errors.js'

/** Whether a client with these groups may call. Undefined wants: any may. */
export function checkMember(groups: readonly string[], wanted: readonly string[] | undefined): Refused | undefined {
  if (wanted === undefined || wanted.some((group) => groups.includes(group))) return undefined
  return refuse('ERR_GROUP_NOT_MEMBER')
}

/** What a foreign authenticator granted, with the groups that the registry has for its client. Its steps stay its own. */
export function withClient(grant: Granted, client: Client | undefined, request: AuthRequest): Granted | Refused {
  if (client === undefined || client.disabled) return refuse('ERR_GROUP_NO_CLIENT')
  return {
    kind: 'granted',
    principal: principal({ ...grant.principal, groups: client.groups }),
    ...(grant.commit !== undefined && { commit: () => commitOnce(request, grant) }),
    ...(grant.settle !== undefined && { settle: (status: number) => settleOnce(request, grant, status) }),
  }
}

/** All credentials of a request as one verdict: the first one's principal, the others under `also`, when all are one client's. */
export function together(grants: readonly Granted[], request: AuthRequest): Granted | Refused {
  const [first, ...further] = grants as [Granted, ...Granted[]]
  const leader = first.principal
  if (further.length === 0 && leader.also === undefined) return first
  const others = [...(leader.also ?? []), ...further.flatMap(({ principal: proved }) => [alone(proved), ...(proved.also ?? [])])]
  if (others.some(({ clientId }) => clientId !== leader.clientId)) return refuse('ERR_GROUP_OTHER_CLIENT')
  if (further.length === 0) return first
  return {
    kind: 'granted',
    principal: principal({ ...leader, also: Object.freeze(others) }),
    commit: () => commitAll(grants, request),
    settle: (status) => settleAll(grants, request, status),
  }
}

function alone(whole: Principal): Principal {
  const { also: _, ...rest } = whole
  return principal(rest)
}

async function commitAll(grants: readonly Granted[], request: AuthRequest): Promise<Refused | undefined> {
  for (const grant of grants) {
    const refused = await commitOnce(request, grant)
    if (refused !== undefined) return refused
  }
  return undefined
}

async function settleAll(grants: readonly Granted[], request: AuthRequest, status: number): Promise<void> {
  for (const grant of grants) await settleOnce(request, grant, status)
}
