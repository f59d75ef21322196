import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileScheme } from '@countersign/schemes'

/** Messages in which a pipe stands, each with what is asked of what comes out of it. */
const messages = (pipe) => [
  `{header:x|${pipe}}\n{body}`,
  `{header:x|${pipe}}&{body}`,
  `{header:x|${pipe}}{body}`,
  `{method|${pipe}}\n{body}`,
  `{method|${pipe}}a{body}`,
  `{path|${pipe}}\n{body}`,
  `{body|${pipe}}`,
  `{body|text|${pipe}}`,
  `{body|sha256|hex|${pipe}}`,
  `{body|sha256|hex|${pipe}}{body}`,
  `{body|sha256|base64|${pipe}}\n{body}`,
]

/**
 * What becomes of each of the messages: `o` compiles and binds the octets of the body, `d` its data, `-` does not bind it and so does not
 * compile, `a` two requests can be signed alike, `t` the pipe takes something else.
 */
const judged = [
  ['o o o o o o o o o o o', 'md5', 'sha256', 'sha512', 'quote'],
  ['a a a a a a o o o a a', 'hmac'],
  ['t t t t t t o t t t t', 'hex', 'base64', 'base64url', 'base64urlPadded'],
  ['a a a a a a t o o a a', 'fromHex', 'fromBase64', 'fromBase64url'],
  ['a a a a a a t o o o o', 'utf8', 'utf16le', 'utf16be', 'latin1', 'prepend:\\n'],
  // What the value cannot hold ends it.
  ['o o o o o o t o o o o', 'append:\\n'],
  ['o a a o o o t o o o o', 'append:a'],
  ['a a a a a a o o o o o', 'text'],
  ['o a a o a o t d o o o', 'lower', 'upper'],
  [
    'o a a o o o t d d a o',
    'trim',
    'squeeze',
    'strip:a',
    'unprefix:a',
    'unsuffix:a',
    'remove:a',
    'removeFirst:a',
    'unless:a',
    'lowerEscapes',
  ],
  ['o a a a a o t d d a o', 'replace:a/b', 'default:a'],
  ['a a a a a a t d d a a', 'replace:a/\\n', 'default:\\n', 'decode', 'normalize:NFC'],
  ['o a a a a o t o o o o', 'prepend:a'],
  ['o o o o o o - - - o o', 'first:8', 'last:8'],
  ['o o o o o o - - d o o', 'first:32', 'last:32'],
  ['o a a o o o - - d a o', 'drop:8', 'drop:32'],
  ['o a a o o o t - - a o', 'before:a', 'before:=', 'beforeLast:a', 'after:a', 'afterLast:a'],
  ['o o a o a o t o o a o', 'encode', 'encodeUri', 'encodeForm', 'encodeParam'],
  ['o a a o a o t o o a o', 'encodePath'],
  ['o a a o o o t o o o o', 'normalPath'],
  ['o o a o o o - - - a o', 'length'],
  [
    'a a a a a a d d d a a',
    'json:/a',
    'jcs',
    'sorted',
    'sorted:outer',
    'stringify',
    'without:a',
    'omit:a',
    'spaced',
    'escapeUnicode',
    'escapeSlashes',
  ],
]

function judge(message) {
  try {
    const { facts } = compileScheme({ name: 'acme', signature: { header: 'x-signature' }, message })
    return { octets: 'o', data: 'd' }[facts.binds.body]
  } catch (error) {
    if (/: message: two different requests can be signed alike: /.test(error.message)) return 'a'
    if (/: message: does not sign the body/.test(error.message)) return '-'
    assert.match(error.message, /: message: column \d+: pipe "\w+" in .* takes (?:text|octets)/)
    return 't'
  }
}

describe('what comes out of a pipe ends, and binds the body, as its characters and its length say', () => {
  for (const [expected, ...pipes] of judged) {
    for (const pipe of pipes)
      test(`${JSON.stringify(pipe)}: ${expected}`, () => assert.equal(messages(pipe).map(judge).join(' '), expected))
  }
})
