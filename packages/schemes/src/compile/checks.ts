import type { Problems } from '../definition/problems.js'
import { misplaced, nearestWord } from '../definition/words.js'

/** Looks at one value of a definition, and adds what is wrong with it. */
export type Check = (value: unknown, path: string, problems: Problems) => void

/** A text, which may be empty. */
export const text: Check = (value, path, problems) => {
  if (typeof value !== 'string') problems.add(path, `must be a text; got ${typeName(value)}`)
}

/** A text that is not empty. */
export const filled: Check = (value, path, problems) => {
  if (typeof value !== 'string' || value === '') problems.add(path, `must be a text that is not empty; got ${typeName(value)}`)
}

/** True or false. */
export const flag: Check = (value, path, problems) => {
  if (typeof value !== 'boolean') problems.add(path, `must be true or false; got ${typeName(value)}`)
}

/** What is said or left out. */
export const yes: Check = (value, path, problems) => {
  if (value !== true) problems.add(path, 'must be true, or left out')
}

/** A whole number between two others, these included. */
export const count =
  (least: number, most: number): Check =>
  (value, path, problems) => {
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      problems.add(path, `must be a whole number from ${least} to ${most}`)
    }
  }
/** One of a closed list of words. */
export const word =
  (words: readonly string[]): Check =>
  (value, path, problems) => {
    if (typeof value !== 'string') problems.add(path, `must be one of ${words.join(', ')}`)
    else if (!words.includes(value)) problems.add(path, `unknown word "${value}"${nearestWord(value, words)}`)
  }
/** A list of texts, which may be empty. */
export const texts: Check = (value, path, problems) => {
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) problems.add(path, 'must be a list of texts')
}

/** A list of texts that is not empty. */
export const someTexts: Check = (value, path, problems) => {
  texts(value, path, problems)
  if (Array.isArray(value) && value.length === 0) problems.add(path, 'is empty; name at least one')
}

/** A text that is not empty, or a list of them. */
export const oneOrMore: Check = (value, path, problems) => {
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || list.length === 0 || !list.every((entry) => typeof entry === 'string' && entry !== ''))
    problems.add(path, `must be a text that is not empty, or a list of them; got ${typeName(value)}`)
}

/** One or more texts, of which one may be empty. */
export const anyOfTexts: Check = (value, path, problems) => {
  if (typeof value === 'string') return
  if (!Array.isArray(value) || value.length === 0 || !value.every((entry) => typeof entry === 'string'))
    problems.add(path, `must be a text, or a list of them; got ${typeName(value)}`)
}

/** One or more texts of a form. */
export const spelt =
  (form: RegExp, wanted: string): Check =>
  (value, path, problems) => {
    oneOrMore(value, path, problems)
    for (const one of [value].flat())
      if (typeof one === 'string' && one !== '' && !form.test(one)) problems.add(path, `"${one}" must be ${wanted}`)
  }
/** An object whose names are the author's; each value is checked alike. */
export const record =
  (check: Check, anyName = false): Check =>
  (value, path, problems) => {
    if (!isObject(value)) return problems.add(path, `must be an object${NAMED[path] ?? ''}; got ${typeName(value)}`)
    for (const [name, entry] of Object.entries(value)) {
      if (!anyName && !/^[A-Za-z][A-Za-z0-9]*$/.test(name)) problems.add(`${path}.${name}`, 'a name is letters and digits')
      check(entry, `${path}.${name}`, problems)
    }
  }

/** What is easily written as a list, and how it is written here. */
const NAMED: Readonly<Record<string, string>> = { fields: ', a place by name, { "version": { "header": "x-version" } }' }

/** A role or field, which is written as an object even where it is no more than the name of a header. */
export function home(known: Readonly<Record<string, Check>>, needed?: readonly string[]): Check {
  const check = shape(known, needed)
  return (value, path, problems) => {
    if (typeof value !== 'string') return check(value, path, problems)
    problems.add(path, `must be an object that names its place; got a text; write { "header": ${JSON.stringify(value.toLowerCase())} }`)
  }
}

/** An object with known names; `needed` have to be there. */
export function shape(known: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check {
  return (value, path, problems) => {
    if (!isObject(value)) return problems.add(path || 'scheme', `must be an object; got ${typeName(value)}`)
    const at = (name: string) => (path === '' ? name : `${path}.${name}`)
    for (const name of needed) if (!Object.hasOwn(value, name)) problems.add(at(name), 'is missing')
    for (const [name, entry] of Object.entries(value)) {
      const check = Object.hasOwn(known, name) ? known[name] : undefined
      if (check === undefined)
        problems.add(at(name), `unknown name${misplaced(name, Object.keys(known)) ?? nearestWord(name, Object.keys(known))}`)
      else check(entry, at(name), problems)
    }
  }
}

/** Whether a value is an object and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a value is, for messages. */
export function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
}
