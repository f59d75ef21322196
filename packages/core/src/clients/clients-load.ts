import { hash } from 'node:crypto'
import { ClientIndex } from './client-index.js'
import type { ClientReader } from './client-reader.js'
import type { ClientsDocument } from './clients-document.js'
import { Pace } from './pace.js'

/** A clients file in memory. It is made whole and then takes the place of the one before. */
export interface ClientsState {
  readonly revision: number
  readonly reader: ClientReader
  readonly index: ClientIndex
}

const LOOK_EACH = 32

/** Octets of a file, for telling whether it says the same. */
export function contentDigest(octets: Uint8Array): string {
  return hash('sha256', octets, 'base64')
}

/**
 * Judges and indexes the clients of a document, in slices. What has not changed keeps its records.
 *
 * @throws TypeError or CountersignError at the first client that cannot stand
 */
export async function indexed(document: ClientsDocument, reader: ClientReader, earlier: ClientIndex | undefined): Promise<ClientsState> {
  const { passwords } = reader.rules
  const index = new ClientIndex(earlier?.size ?? document.expected)
  const pace = new Pace()
  for (const run of document.runs) {
    for (const input of run) {
      index.insert(reader.client(input, 'clients', index.size), passwords, earlier)
      if (index.size % LOOK_EACH === 0 && pace.isOver) await pace.turn()
    }
    if (pace.isOver) await pace.turn()
  }
  return { revision: document.revision, reader, index }
}

/** The ids of the clients that are not the same in both. */
export function difference(before: ClientIndex, after: ClientIndex): string[] {
  const ids: string[] = []
  for (const client of after.clients()) if (before.client(client.id) !== client) ids.push(client.id)
  for (const { id } of before.clients()) if (after.client(id) === undefined) ids.push(id)
  return ids
}
