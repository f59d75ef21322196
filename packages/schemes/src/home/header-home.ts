import { headerValues } from '@countersign/core/base'
import type { Home } from '../definition/definition.js'
import type { Problems } from '../definition/problems.js'
import { SchemeRefusal } from '../refusal.js'
import type { Reading } from '../request/reading.js'
import { isToken } from '../text/token.js'
import type { Captures } from './captured.js'
import type { Format } from './format.js'
import type { CompiledHome, Outgoing } from './home.js'

/** A home in a field, in one of several fields, or in numbered ones. */
export function headerHome(
  home: Home,
  params: (text: string, path: string) => string,
  path: string,
  format: Format,
  problems: Problems,
): CompiledHome {
  const names = [home.header as string | readonly string[]].flat().map((name) => params(name, `${path}.header`).toLowerCase())
  const [first] = names
  const numbered = names.length === 1 && first?.endsWith('{n}') === true ? first.slice(0, -3) : undefined
  for (const name of names) checkName(name, numbered, path, problems)
  const { list } = home
  const absent = first === 'authorization' ? otherScheme(home.format) : undefined
  const texts = (reading: Reading): readonly string[] => {
    if (numbered !== undefined) return numberedValues(reading, numbered)
    if (list !== undefined) {
      // Several lines of a list are one list (RFC 9110 section 5.3).
      const { rawHeaders } = reading.request
      const lines = names.length === 1 ? headerValues(rawHeaders, first as string) : names.flatMap((name) => headerValues(rawHeaders, name))
      return lines.length === 0 ? [] : [lines.join(list)]
    }
    const values: string[] = []
    for (const name of names) {
      const value = reading.header(name)
      if (value !== undefined && absent?.(value) !== true) values.push(value)
    }
    return values
  }
  const several = numbered !== undefined || names.length > 1 || list !== undefined || format.repeated !== undefined
  const write = (out: Outgoing, captures: Captures, rounds: readonly Captures[]) => {
    if (format.repeated !== undefined) out.header(first as string, format.print(captures, rounds))
    else if (numbered !== undefined) for (const [i, one] of rounds.entries()) out.header(`${numbered}${i + 1}`, format.print(one, []))
    else if (list !== undefined) out.header(first as string, rounds.map((one) => format.print(one, [])).join(list))
    else for (const [i, one] of rounds.slice(0, names.length).entries()) out.header(names[i] as string, format.print(one, []))
  }
  return { phase: 'head', format, headers: numbered === undefined ? names : [], wire: true, several, texts, write }
}

/** RFC 9110 section 5.1: a field name is a token. */
function checkName(name: string, numbered: string | undefined, path: string, problems: Problems): void {
  if (isToken(numbered ?? name)) return
  const hint = name.includes('{n}') ? '; {n} stands at its end, and only where there is one name' : ''
  problems.add(`${path}.header`, `${JSON.stringify(name)} is no field name${hint}`)
}

/**
 * Whether an Authorization field is of another auth-scheme: a token and a space stand first (RFC 9110 section 11.4), where the format has
 * another word, or what is no token. Where the format has slots and a space, any word could be theirs.
 */
function otherScheme(format = ''): (value: string) => boolean {
  const word = format.slice(0, format.indexOf(' ') + 1).toLowerCase()
  if (word !== '' && !word.includes('{')) return (value) => !value.toLowerCase().startsWith(word)
  const literal = word
    .split('{')
    .map((text) => text.slice(text.indexOf('}') + 1))
    .join('')
    .trim()
  if (word !== '' && (literal === '' || isToken(literal))) return () => false
  return (value) => isToken(value.slice(0, Math.max(value.indexOf(' '), 0)))
}

/** The values of `prefix1`, `prefix2` ... in the order of their numbers; each may stand once. */
function numberedValues(reading: Reading, prefix: string): readonly string[] {
  const found = new Map<number, string>()
  const { rawHeaders } = reading.request
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    if (!name.startsWith(prefix) || !/^[1-9][0-9]{0,3}$/.test(name.slice(prefix.length))) continue
    const number = Number(name.slice(prefix.length))
    if (found.has(number)) throw new SchemeRefusal('ERR_HMAC_DUPLICATED', `the field ${name} stands more than once`)
    found.set(number, rawHeaders[i + 1] as string)
  }
  return [...found].sort((a, b) => a[0] - b[0]).map(([, value]) => value)
}
