import { compileScheme as compile, type compileScheme, type Scheme } from '@countersign/schemes'

type Compiled = ReturnType<typeof compileScheme>

/** Compiles a scheme to look at it: params without a default stand for any value. */
export function compiledToShow(definition: Scheme): Compiled {
  return compile(definition, { params: standInParams(definition), allowInsecureScheme: true })
}

/** A value for each param that has no default. */
export function standInParams(definition: Scheme): Record<string, string> {
  const missing = Object.entries(definition.params ?? {}).filter(([, value]) => value === null)
  return Object.fromEntries(missing.map(([name]) => [name, 'example']))
}

/** What was derived about a scheme, for `--json`. */
export function judgement({ facts }: Compiled): Record<string, unknown> {
  return {
    binds: facts.binds,
    branches: facts.branches.map(({ when, binding }) => ({ when: when ?? null, binds: binding })),
    injective: facts.injective,
    timestamp: facts.timestamp ?? null,
    nonce: facts.nonce,
    keyId: facts.keyId,
    needsOrigin: facts.needsOrigin,
    bodyFirst: facts.bodyFirst,
  }
}

/** The same as lines for people. */
export function judgementLines(definition: Scheme, { facts }: Compiled): string[] {
  const { binds, timestamp } = facts
  const body = { octets: 'the body, octet for octet', data: 'the values of the body', none: '' }[binds.body]
  const names = ['method', 'path', 'query', 'timestamp', 'nonce', 'keyId'] as const
  const bound = [body, ...names.filter((name) => binds[name])].filter((name) => name !== '')
  const lines = [`signs      ${bound.length === 0 ? 'nothing in every branch' : bound.join(', ')}`]
  const open = names.filter((name) => !binds[name] && name !== 'keyId' && name !== 'nonce')
  if (open.length > 0) lines.push(`leaves     ${open.join(', ')} open`)
  if (timestamp !== undefined) lines.push(`timestamp  ${timestamp.unit}, ${timestamp.toleranceSeconds} s old at most`)
  if (!facts.distinct) lines.push('replays    honest requests may be identical; a replay store needs replayTtlSeconds')
  if (facts.needsOrigin) lines.push('needs      the public origin (--origin, publicOrigin)')
  if (definition.ambiguous !== undefined) lines.push(`ambiguous  ${definition.ambiguous}`)
  if (definition.allowUnboundBody !== undefined) lines.push(`body open  ${definition.allowUnboundBody}`)
  if (definition.insecure !== undefined) lines.push(`insecure   ${definition.insecure}`)
  return lines
}
