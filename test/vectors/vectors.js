import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as schemes from '@countersign/schemes'

/**
 * The vectors of the catalogue, each with its preset and what it needs beside it: params, values that its sender chose, and reasons why
 * something of it cannot be reproduced (catalogue.json, by vector id).
 */
const read = (name) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'))

const { presets, more } = read('catalogue.json')

/** Every preset, by the name that it is exported under. */
export const exported = Object.fromEntries(Object.entries(schemes).filter(([, value]) => typeof value?.message !== 'undefined'))

/** The vectors that have a word of their own in catalogue.json. */
export const worded = Object.keys(more)

/** The clock of a vector without time, seconds. */
const SOME_TIME = 1768478400

export const vectors = ['preset.json', 'dev.json'].flatMap((file) => read(file)).map(prepared)

function prepared(vector) {
  const own = more[vector.id] ?? {}
  const name = presets[vector.scheme] ?? camelCase(vector.scheme)
  return {
    id: vector.id,
    name,
    scheme: exported[name],
    now: (vector.now ?? SOME_TIME) * 1000,
    timed: vector.now !== null,
    keyId: own.keyId ?? vector.keyId ?? undefined,
    secrets: vector.secrets,
    ids: own.ids,
    request: { ...vector.request, body: Buffer.from(vector.request.bodyBase64, 'base64') },
    signatureIn: vector.signatureIn,
    mac: own.mac ?? macIn(vector.signatureValue),
    own,
  }
}

export function camelCase(name) {
  return name.replace(/-([a-z0-9])/g, (_, c) => c.toUpperCase())
}

export function kebabCase(name) {
  return name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)
}

/** The MAC in the text that carries it: the last long run of hex or base64. */
function macIn(text) {
  return text.match(/[A-Za-z0-9+/_%-]{20,}={0,2}/g).at(-1)
}

/** The options of verify() and sign() that the vector's set-up has. */
export function setUp(vector, secrets = vector.secrets) {
  return {
    secret: secrets.map((secret, i) => withId(secret, vector.ids?.[i] ?? (vector.ids === undefined ? vector.keyId : undefined))),
    now: () => vector.now,
    allowWeakSecret: true,
    allowInsecureScheme: true,
    ...(vector.own.params !== undefined && { params: vector.own.params }),
    ...vector.own.options,
  }
}

function withId(secret, id) {
  return id === undefined ? secret : { id, secret }
}

/** What the scheme's homes carry, taken out of the vector's request; the request as its sender had it before signing. */
export function unsigned({ request, scheme, own }) {
  const homes = [scheme.signature, scheme.timestamp, scheme.nonce, scheme.keyId, ...Object.values(scheme.fields ?? {}).filter(isMade)]
  const headers = { ...request.headers }
  const removed = []
  let { url, body } = request
  for (const home of homes.filter((one) => one !== undefined)) {
    for (const name of headersOf(home, scheme)) {
      if (!Object.hasOwn(headers, name) || own.keep?.[name] !== undefined) continue
      removed.push(name)
      delete headers[name]
    }
    if (home.query !== undefined) url = withoutParameter(url, home.query)
    if (home.json !== undefined && home !== scheme.timestamp) body = withoutMember(body, home.json)
    if (home.item !== undefined) body = withoutMember(body, scheme.scope.json.replace('*', '0') + home.item)
  }
  return { request: { method: request.method, url, headers, body }, removed: [...new Set(removed)] }
}

/** Fields that our signer writes by itself. */
function isMade(field) {
  return ['value', 'oneOf', 'param', 'write', 'names'].some((name) => field[name] !== undefined)
}

function headersOf(home, scheme) {
  if (home.authorization !== undefined) return ['authorization']
  if (home.dictionary !== undefined) return [home.dictionary]
  const names = [home.header ?? []].flat().map((name) => name.replace(/\{param:(\w+)\}/, (_, param) => scheme.params[param]))
  return names.flatMap((name) => (name.endsWith('{n}') ? [1, 2, 3].map((n) => name.replace('{n}', n)) : [name]))
}

function withoutParameter(url, name) {
  const [path, query = ''] = url.split('?')
  const rest = query.split('&').filter((pair) => pair.split('=')[0] !== name)
  return rest.join('&') === '' ? path : `${path}?${rest.join('&')}`
}

function withoutMember(body, pointer) {
  const json = JSON.parse(body)
  const tokens = pointer.split('/').slice(1)
  const parent = tokens.slice(0, -1).reduce((at, token) => at[token], json)
  delete parent[tokens.at(-1)]
  return Buffer.from(JSON.stringify(json))
}

/** The value at a JSON pointer. */
export function at(body, pointer) {
  return pointer
    .split('/')
    .slice(1)
    .reduce((value, token) => value?.[token], JSON.parse(body))
}
