/**
 * Whether a host, with or without a port, is this machine: localhost or an address of loopback. The name alone is read, nothing is looked up.
 */
export function isThisMachine(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i.test(host)
}
