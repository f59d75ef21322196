import { isUtf8 } from 'node:buffer'
import { invalidType, invalidValue, unknownOption } from '../options.js'
import type { Client } from './client.js'
import { arrayPieces, type Piece } from './json-pieces.js'
import { Pace } from './pace.js'
import type { ScryptCost } from './scrypt-policy.js'

/** What a clients file says before its clients were judged. */
export interface ClientsDocument {
  /** Counted up by each write. */
  readonly revision: number
  readonly passwords: 'scrypt' | 'random'
  /** The cost of scrypt; not yet judged. */
  readonly scrypt: ScryptCost | undefined
  /** The clients in runs, each of which is parsed when its turn comes. Can be gone through once. */
  readonly runs: Iterable<readonly unknown[]>
  /** About how many clients there are. */
  readonly expected: number
}

const OPEN = 0x5b
const CLOSE = 0x5d
const MEMBERS = ['revision', 'passwords', 'scrypt', 'clients']
/** A client with one API key. */
const TYPICAL_CLIENT_OCTETS = 140

/**
 * Reads a clients file: `{ "revision": 1, "passwords": "random", "clients": [{ "id": "acme", ... }] }`. The list of clients is cut into
 * runs, so that no more than one of them is parsed at a time.
 *
 * @param factory - the name for messages
 * @param octets - will be written to
 * @throws SyntaxError when it is no JSON, TypeError when it is another document; the former also while the runs are gone through
 */
export async function parseClientsDocument(factory: string, octets: Buffer): Promise<ClientsDocument> {
  if (!isUtf8(octets)) throw new SyntaxError('it is not UTF-8')
  const pace = new Pace()
  const cuts: Piece[] = []
  const pieces = arrayPieces(octets, 'clients')
  let next = pieces.next()
  for (; next.done !== true; next = pieces.next()) {
    cuts.push(next.value)
    if (pace.isOver) await pace.turn()
  }
  const array = next.value
  if (array === undefined) return checkedDocument(factory, parse(octets.toString(), 0), undefined, 0)
  const rest = octets.toString('utf8', 0, array.start) + octets.toString('utf8', array.end)
  return checkedDocument(factory, parse(rest, 0), runsOf(octets, cuts), Math.ceil((array.end - array.start) / TYPICAL_CLIENT_OCTETS))
}

function* runsOf(octets: Buffer, cuts: readonly Piece[]): Generator<readonly unknown[]> {
  for (const { start, end } of cuts) {
    // What stands before and behind a run is a comma or the array's bracket, and was looked at already.
    octets[start - 1] = OPEN
    octets[end] = CLOSE
    const run = parse(octets.toString('utf8', start - 1, end + 1), start) as unknown[]
    if (run.length === 0 && cuts.length > 1) throw new SyntaxError('there is a comma before the end of "clients"')
    yield run
  }
}

/** JSON.parse, whose message would quote the file. */
function parse(text: string, start: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SyntaxError(start === 0 ? 'it is not valid JSON' : `it is not valid JSON, somewhere after octet ${start}`)
  }
}

function checkedDocument(
  factory: string,
  document: unknown,
  runs: Iterable<readonly unknown[]> | undefined,
  expected: number,
): ClientsDocument {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw invalidType(factory, 'file', 'an object { "revision": 1, "clients": [] }', document)
  }
  const own = new Map<string, unknown>(Object.entries(document))
  for (const name of own.keys()) {
    if (!MEMBERS.includes(name)) throw unknownOption(factory, name, MEMBERS)
  }
  const revision = own.get('revision') ?? 0
  if (!Number.isSafeInteger(revision) || (revision as number) < 0)
    throw invalidValue(factory, 'revision', 'must be a whole number, 0 or more')
  const passwords = own.get('passwords') ?? 'random'
  if (passwords !== 'scrypt' && passwords !== 'random') throw invalidValue(factory, 'passwords', "must be 'scrypt' or 'random'")
  const listed = own.get('clients')
  if (!Array.isArray(listed)) throw invalidType(factory, 'clients', 'a list of clients', listed)
  const scrypt = own.get('scrypt') as ScryptCost | undefined
  return { revision: revision as number, passwords, scrypt, runs: runs ?? [listed], expected }
}

/** What stands in a file before its clients. */
export interface DocumentHead {
  readonly revision: number
  readonly passwords: 'scrypt' | 'random'
  readonly scrypt?: ScryptCost
}

const CHUNK_CHARACTERS = 262_144

/** The text of a clients file in chunks, one line for each client, so that a difference of two files can be read. */
export async function* documentText(head: DocumentHead, clients: Iterable<Client>): AsyncGenerator<string> {
  const pace = new Pace()
  const members = Object.entries(head).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)},\n`)
  let text = `{\n${members.join('')}"clients": [`
  let separator = '\n'
  for (const client of clients) {
    text += separator + clientLine(client)
    separator = ',\n'
    if (text.length >= CHUNK_CHARACTERS) {
      yield text
      text = ''
    }
    if (pace.isOver) await pace.turn()
  }
  yield `${text}\n]\n}\n`
}

function clientLine({ id, groups, disabled, credentials }: Client): string {
  return JSON.stringify(disabled ? { id, groups, disabled, credentials } : { id, groups, credentials })
}
