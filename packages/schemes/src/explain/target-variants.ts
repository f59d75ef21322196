import { headerValues } from '@countersign/core/base'
import type { RequestView } from '../request/reading.js'
import { type Cause, told } from './causes.js'
import { capitals, decoded, encoded, encodedPath, smalls, uri } from './percent.js'
import type { Variant } from './trial.js'

/** The fields in which proxies say what the path was, and what they took off it. */
const TARGET_HINTS = ['x-original-uri', 'x-original-url', 'x-rewrite-url', 'x-forwarded-uri', 'x-envoy-original-path', 'x-replaced-path']
const PREFIX_HINTS = ['x-forwarded-prefix', 'x-script-name']
/** What gateways and routers are usually mounted at. */
const PREFIXES = ['/api', '/v1', '/v2', '/api/v1', '/webhooks', '/webhook', '/hooks', '/prod', '/dev', '/stage', '/default', '/public']

type Target = readonly [cause: Cause, title: string, target: string | undefined]

/** Other paths and queries that the sender may have signed. */
export function targetVariants(view: RequestView): readonly Variant[] {
  const { target } = view
  if (!target.startsWith('/') || target.length > MOST_TARGET) return []
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? undefined : target.slice(mark + 1)
  const rest = query === undefined ? '' : `?${query}`
  const made: readonly Target[] = [...hinted(view, path, rest), ...paths(path, rest), ...(query === undefined ? [] : queries(path, query))]
  const seen = new Set([target])
  return made.flatMap(([cause, title, other]): Variant[] => {
    if (other === undefined || seen.has(other)) return []
    seen.add(other)
    return [(trial) => ({ ...trial, view: { ...trial.view, target: other }, told: [...trial.told, told(cause, title)] })]
  })
}

const MOST_TARGET = 8192

function hinted(view: RequestView, path: string, rest: string): readonly Target[] {
  const whole = TARGET_HINTS.flatMap((name) =>
    headerValues(view.rawHeaders, name)
      .slice(0, 2)
      .map((value): Target => ['path-prefix', `the sender signs the path that the proxy names in ${name}`, targetOf(value)]),
  )
  const front = PREFIX_HINTS.flatMap((name) =>
    headerValues(view.rawHeaders, name)
      .slice(0, 2)
      .map(
        (value): Target => [
          'path-prefix',
          `the proxy has taken the prefix off the path that it names in ${name}`,
          targetOf(`${value.replace(/\/$/, '')}${path}${rest}`),
        ],
      ),
  )
  return [...whole, ...front]
}

function targetOf(text: string): string | undefined {
  const bare = text.replace(/^https?:\/\/[^/?]*/, '')
  return bare.startsWith('/') ? bare : undefined
}

function paths(path: string, rest: string): readonly Target[] {
  const segments = path.split('/').slice(0, 5)
  const stripped = segments.slice(2).map((_segment, at): Target => {
    const gone = segments.slice(0, at + 2).join('/')
    return ['path-prefix', `the sender signs the path without "${gone}"`, path.slice(gone.length) + rest]
  })
  return [
    ['path-slash', 'the sender signs the path with a slash behind it', `${path}/${rest}`],
    [
      'path-slash',
      'the sender signs the path without the slash behind it',
      path.length > 1 && path.endsWith('/') ? path.slice(0, -1) + rest : undefined,
    ],
    ['path-slash', 'the sender signs the path with single slashes', path.replace(/\/+/g, '/') + rest],
    ['path-slash', 'the sender signs a path that begins with two slashes', `/${path}${rest}`],
    ...stripped,
    ...PREFIXES.map((prefix): Target => ['path-prefix', `the sender signs the path with "${prefix}" in front of it`, prefix + path + rest]),
    ['path-encoding', 'the sender signs the path decoded', decoded(path)?.concat(rest)],
    [
      'path-encoding',
      'the sender signs the path percent-encoded, where less of it was encoded on the way',
      encodedPath(path)?.concat(rest),
    ],
    ['path-encoding', 'the sender signs the path percent-encoded once more', path.replaceAll('%', '%25') + rest],
    ['path-encoding', 'the sender signs %xx with capitals', capitals(path) + rest],
    ['path-encoding', 'the sender signs %xx in lower case', smalls(path) + rest],
    ['path-case', 'the sender signs the path in lower case', path.toLowerCase() + rest],
  ]
}

function queries(path: string, query: string): readonly Target[] {
  const pairs = query.split('&')
  if (pairs.length > 1000) return []
  const whole = (list: readonly string[]) => `${path}?${list.join('&')}`
  const each = (make: (text: string) => string | undefined) => {
    const made = pairs.map((pair) => pairOf(pair, make))
    return made.includes(undefined) ? undefined : whole(made as string[])
  }
  return [
    ['query-missing', 'the sender signs the path without the query', path],
    ['query-missing', 'the sender signs the "?" of an empty query', query === '' ? undefined : `${path}?`],
    ['query-order', 'the sender signs the parameters sorted', whole([...pairs].sort())],
    ['query-order', 'the sender signs the parameters in reverse order', whole([...pairs].reverse())],
    ['query-order', 'the sender signs the last parameter first', whole([...pairs.slice(-1), ...pairs.slice(0, -1)])],
    ['query-order', 'the sender signs the first parameter last', whole([...pairs.slice(1), ...pairs.slice(0, 1)])],
    ['query-encoding', 'the sender signs the query decoded', each((text) => decoded(text.replaceAll('+', ' ')))],
    ['query-encoding', 'the sender signs blanks as %20', query.includes('+') ? `${path}?${query.replaceAll('+', '%20')}` : undefined],
    ['query-encoding', 'the sender signs blanks as +', `${path}?${query.replaceAll('%20', '+')}`],
    ['query-encoding', 'the sender signs the query encoded by RFC 3986', each((text) => encoded(decoded(text.replaceAll('+', ' '))))],
    [
      'query-encoding',
      'the sender signs the query as encodeURIComponent writes it',
      each((text) => uri(decoded(text.replaceAll('+', ' ')))),
    ],
    ['query-encoding', 'the sender signs the query as a form writes it', `${path}?${new URLSearchParams(query).toString()}`],
    ['query-encoding', 'the sender signs the query percent-encoded once more', `${path}?${query.replaceAll('%', '%25')}`],
    ['query-encoding', 'the sender signs %xx with capitals', `${path}?${capitals(query)}`],
    ['query-encoding', 'the sender signs %xx in lower case', `${path}?${smalls(query)}`],
    [
      'query-order',
      'the sender signs the parameters sorted and encoded by RFC 3986',
      sortedAgain(each((text) => encoded(decoded(text.replaceAll('+', ' '))))),
    ],
  ]
}

function sortedAgain(target: string | undefined): string | undefined {
  if (target === undefined) return undefined
  const mark = target.indexOf('?')
  return `${target.slice(0, mark)}?${target
    .slice(mark + 1)
    .split('&')
    .sort()
    .join('&')}`
}

function pairOf(pair: string, make: (text: string) => string | undefined): string | undefined {
  const at = pair.indexOf('=')
  if (at < 0) return make(pair)
  const name = make(pair.slice(0, at))
  const value = make(pair.slice(at + 1))
  return name === undefined || value === undefined ? undefined : `${name}=${value}`
}
