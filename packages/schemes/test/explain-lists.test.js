import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { explain } from '@countersign/schemes/explain'
import { acme, hexOf, mistakes, now, secret } from './signing.js'

/** What senders sign who print a list, its values or the JSON of a body in another way: the strings are written out by hand. */
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const list = { each: 'form', sort: 'name', item: '{name}={value}', join: '&' }

/** A scheme of a vendor, with the weakness that it has. */
function vendor(definition) {
  return acme(mistakes(definition).length === 0 ? definition : { ...definition, ambiguous: 'for the test' })
}

function found(definition, body, text, headers) {
  const received = { method: 'POST', url: '/', headers: { ...headers, 'x-signature': hexOf(text) }, body: Buffer.from(body) }
  const { findings, work } = explain(vendor(definition), received, { secret, now })
  assert.ok(work.hmacs <= 700, `${work.hmacs}`)
  assert.deepEqual([findings[0].cause, findings[0].confidence], ['message-form', 'proved'], findings[0].title)
  return findings[0].title
}

describe('a form', () => {
  const body = 'b=x+y%2F%C3%BC~&a=1&amount=10'
  for (const [name, text, said] of [
    ["Python's quote_plus", 'a=1&amount=10&b=x+y%2F%C3%BC~', 'with "encode": "form"'],
    ['RFC 3986', 'a=1&amount=10&b=x%20y%2F%C3%BC~', 'with "encode": "rfc3986"'],
    ["Java's URLEncoder", 'a=1&amount=10&b=x+y%2F%C3%BC%7E', 'with "item": "{name}={value|encodeParam|replace:%20/+}"'],
    [".NET's UrlEncode", 'a=1&amount=10&b=x+y%2f%c3%bc~', 'with "item": "{name}={value|encodeForm|lowerEscapes}"'],
    ['values in a row', '110x y/\u00fc~', 'with "item": "{value}", with "join": ""'],
    ['values with a mark between', '1|10|x y/\u00fc~', 'with "item": "{value}", with "join": "|"'],
    ['names and values in a row', 'a1amount10bx y/\u00fc~', 'with "item": "{name}{value}", with "join": ""'],
  ])
    test(name, () => {
      const title = found({ define: { p: list }, message: '{p}' }, body, text, FORM)
      assert.ok(title.startsWith(`the sender writes {p} ${said}, and the scheme with`), title)
    })
})

describe('the members of a JSON body', () => {
  const body = '{"ok":true,"no":false,"d":{"x":1.50,"a":[1,2]},"s":"v"}'
  const json = { ...list, each: 'json' }
  for (const [name, ours, text, said] of [
    ['numbers as they are spelt', json, 'd={"x":1.50,"a":[1,2]}&no=false&ok=true&s=v', 'with "spelt": true'],
    ['1 and 0', { ...json, flatten: '.' }, 'd.a.0=1&d.a.1=2&d.x=1.5&no=0&ok=1&s=v', 'with "booleans": ["1","0"]'],
    ['true as PHP prints it', { ...json, flatten: '.' }, 'd.a.0=1&d.a.1=2&d.x=1.5&no=&ok=1&s=v', 'with "booleans": ["1",""]'],
    [
      'True as Python prints it',
      { ...json, flatten: '.' },
      'd.a.0=1&d.a.1=2&d.x=1.5&no=False&ok=True&s=v',
      'with "booleans": ["True","False"]',
    ],
    ['no objects and lists', json, 'no=false&ok=true&s=v', 'with "scalars": true'],
    ['names in brackets', json, 'd[a][0]=1&d[a][1]=2&d[x]=1.5&no=false&ok=true&s=v', 'with "flatten": "[]"'],
    ['names with dots', json, 'd.a.0=1&d.a.1=2&d.x=1.5&no=false&ok=true&s=v', 'with "flatten": "."'],
  ])
    test(name, () => {
      const title = found({ define: { p: ours }, message: '{p}' }, body, text, JSON_TYPE)
      assert.equal(title, `the sender writes {p} ${said}, and the scheme without ${said.split(' ')[1].slice(0, -1)}`)
    })
})

describe('the JSON of a body', () => {
  const body = '{"b":1, "a":"\u00fc/x", "n":10.0, "sign":"s"}'
  for (const [name, text, pipes] of [
    ["Python's json.dumps with sort_keys", '{"a": "\\u00fc/x", "b": 1, "n": 10.0}', 'omit:sign|sorted|spaced|escapeUnicode'],
    ["PHP's json_encode behind ksort", '{"a":"\\u00fc\\/x","b":1,"n":10.0}', 'omit:sign|sorted|escapeUnicode|escapeSlashes'],
    ['in its own order', '{"b":1,"a":"\u00fc/x","n":10}', 'omit:sign|stringify'],
    ['as it is spelt', '{"b":1,"a":"\u00fc/x","n":10.0}', 'omit:sign|minify'],
  ])
    test(name, () => {
      const message = '{body|without:sign|jcs}'
      const title = found({ message }, body, text, JSON_TYPE)
      assert.equal(title, `the sender signs "{body|${pipes}}", and the message of the scheme is ${JSON.stringify(message)}`)
    })
})

describe('a template', () => {
  const body = 'a=1&amount=10'
  for (const [name, message, text, theirs] of [
    ['an amount with two decimals', '{form:a}{form:amount}', '110.00', '{form:a}{form:amount|decimals:2}'],
    ['CR LF', '{form:a}\n{form:amount}', '1\r\n10', '{form:a}\r\n{form:amount}'],
    ['a backslash and an n', '{form:a}\n{form:amount}', '1\\n10', '{form:a}\\n{form:amount}'],
  ])
    test(name, () => {
      const title = found({ message }, body, text, FORM)
      assert.equal(title, `the sender signs ${JSON.stringify(theirs)}, and the message of the scheme is ${JSON.stringify(message)}`)
    })
})
