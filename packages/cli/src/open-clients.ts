import type { ClientRegistry } from '@countersign/core'

/** A registry that is open, and what closes it. */
export interface OpenClients {
  readonly clients: ClientRegistry
  readonly close: () => Promise<void>
}
