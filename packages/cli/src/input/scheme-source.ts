import { existsSync } from 'node:fs'
import { nearest } from '@countersign/core'
import * as schemes from '@countersign/schemes'
import { outOfReach, usageError } from '../exit-codes.js'
import { parseJsonText, RepeatedMember } from './json-text.js'
import { readText } from './octets.js'

/** The catalogue, by name, in its order. */
export function catalogue(): ReadonlyMap<string, schemes.Scheme> {
  const found = new Map<string, schemes.Scheme>()
  for (const value of Object.values(schemes) as unknown[]) if (isPreset(value)) found.set(value.name, value)
  return found
}

function isPreset(value: unknown): value is schemes.Scheme {
  return typeof value === 'object' && value !== null && 'signature' in value && 'message' in value && 'name' in value
}

/**
 * A scheme by its name in the catalogue, or out of a JSON file.
 *
 * @throws CommandError (usage) when there is none of this name, with the nearest one; what `scheme()` throws for a file that holds none
 */
export function loadScheme(name: string): schemes.Scheme {
  const known = catalogue()
  const preset = known.get(name)
  if (preset !== undefined) return preset
  if (isPath(name)) return schemes.scheme(readDefinition(name))
  const near = nearest(name, [...known.keys()])
  const hint = near === undefined ? 'countersign schemes lists all.' : `did you mean ${near}?`
  throw usageError(`there is no scheme with this name; ${hint} To use a scheme of your own, name its file, such as ./acme.json`)
}

/** The JSON of a scheme's file; not checked yet. */
export function readDefinition(path: string): Parameters<typeof schemes.scheme>[0] {
  const text = readText(path)
  try {
    return parseJsonText(text) as Parameters<typeof schemes.scheme>[0]
  } catch (cause) {
    const problem = cause instanceof RepeatedMember ? 'can be read in two ways' : 'is not JSON'
    throw usageError(`the scheme's file ${problem}: ${(cause as Error).message}`, { cause })
  }
}

function isPath(name: string): boolean {
  const looksLikeOne = name === '-' || /[/\\]|\.json$/.test(name)
  if (looksLikeOne && name !== '-' && !existsSync(name)) throw outOfReach(`the scheme's file ${JSON.stringify(name)} does not exist`)
  return looksLikeOne
}
