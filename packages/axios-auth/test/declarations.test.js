import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** What every @types/node from 20 to 26 exports; the declarations of 26 lack JsonWebKey of node:crypto. */
const EVERYWHERE = {
  'node:crypto': ['KeyObject', 'webcrypto'],
  'node:http': ['Agent', 'AgentOptions', 'ClientRequest', 'IncomingMessage', 'RequestOptions', 'http', 'default'],
  'node:https': ['Agent', 'AgentOptions', 'https', 'default'],
  'node:tls': ['checkServerIdentity', 'PeerCertificate'],
  'node:stream': ['Duplex', 'Readable'],
}

test('the declarations take nothing from Node that some @types/node lack', () => {
  const folder = new URL('../dist/', import.meta.url)
  let seen = 0
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    for (const [, named, one, from] of text.matchAll(/^import (?:type )?(?:\{([^}]*)\}|(\w+)) from '(node:[^']+)'/gm)) {
      const names = (named ?? one).split(',').map((name) => name.replace(/^\s*(?:type )?|\s+as .*|\s+$/g, ''))
      for (const name of names) assert.ok(EVERYWHERE[from]?.includes(name), `${file} takes ${name} from ${from}`)
      seen += 1
    }
  }
  assert.ok(seen > 3)
})
