import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from './packages.js'
import { freePort, startProcess } from './processes.js'

/** README's text. */
export const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** The secrets that README's first example finds in its environment. */
export const SECRETS = { GITHUB_SECRET: 'an example secret of some length', SHOP_1_KEY: 'an-example-key-of-some-length' }

/** The blocks of a language in README. */
export function blocks(language) {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1])
}

/**
 * Starts README's first example in a folder where its imports are found.
 *
 * @returns {Promise<{ port: number, curl: (change?: (script: string) => string) => Promise<string>, wanted: string }>} `curl` runs the
 *   lines below the example and gives what they print; `wanted` is the answer that stands there
 */
export async function startExample(owner, cwd) {
  const port = await freePort()
  const [example] = blocks('js')
  const args = ['--input-type=module', '-e', example.replaceAll('3000', String(port))]
  await startProcess(owner, { command: process.execPath, args, cwd, env: SECRETS, ready: { port } })
  const lines = blocks('sh').find((block) => block.includes('X-Hub-Signature-256'))
  const script = lines.replaceAll('3000', String(port)).replace('curl ', 'curl -s ')
  const curl = async (change = (text) => text) => {
    const { stdout } = await promisify(execFile)('bash', ['-c', change(script)], { env: { ...process.env, ...SECRETS } })
    return stdout
  }
  return { port, curl, wanted: /^# (\{.*?\})/m.exec(lines)[1] }
}
