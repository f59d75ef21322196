// Who may call. One registry serves all guards; it can be changed while the server runs, and a change holds from the next request on.
// A real one would be a file that several people keep: `await fileClients('clients.json')`, which holds digests and no secrets.
import { memoryClients } from '@countersign/core'

export const keys = {
  app: 'your-api-key',
  'partner-1': 'example-key-of-partner-1',
  'partner-2': 'example-key-of-partner-2',
  'partner-3': 'example-key-of-partner-3',
}
export const admin = { user: 'admin', password: 'secret123' }

/** The clients of the examples. Keys this short are refused unless allowWeakKey says so. */
export function exampleClients() {
  const keyed = (id, groups) => ({ id, groups, credentials: [{ kind: /** @type {const} */ ('api-key'), key: keys[id] }] })
  return memoryClients({
    allowWeakKey: true,
    clients: [
      { id: 'admin', groups: ['secure'], credentials: [{ kind: 'basic', ...admin }] },
      keyed('app', ['secure', 'services']),
      keyed('partner-1', ['partners']),
      keyed('partner-2', ['partners']),
      keyed('partner-3', ['partners']),
    ],
  })
}
