/** Whether an agent looks at certificates in a way of its own, as `pinnedAgent` does. */
export function checksServer(agent: unknown): boolean {
  const options = typeof agent === 'object' && agent !== null ? (agent as { readonly options?: unknown }).options : undefined
  return typeof (options as { readonly checkServerIdentity?: unknown } | null | undefined)?.checkServerIdentity === 'function'
}
