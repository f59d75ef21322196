/**
 * An AuthRequest as an adapter would make it, of headers alone.
 *
 * @param headers - pairs of name and value in order, as they came
 * @param options.from - the address of the socket's peer; undefined for none
 * @param options.socket - the socket, instead of one with that address
 */
export function requestWith(headers, { from = '127.0.0.1', socket = { remoteAddress: from, destroyed: false } } = {}) {
  const rawHeaders = [['Host', 'localhost'], ['User-Agent', 'test'], ...headers].flat()
  return { method: 'GET', target: '/', headers: {}, rawHeaders, socket, body: () => Buffer.alloc(0) }
}

/** The code of a verdict, or its kind when it is no refusal. */
export function outcome(verdict) {
  return verdict.kind === 'refused' ? verdict.code : verdict.kind
}
