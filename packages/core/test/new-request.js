/** An AuthRequest that holds nothing, new each time. */
export const newRequest = () => ({ method: 'GET', target: '/', headers: {}, rawHeaders: [], socket: {}, body: () => Buffer.alloc(0) })
