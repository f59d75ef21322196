import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { component, without } from '../../../test/support/components.js'
import { tempFolder } from '../../../test/support/folders.js'
import { bash, inProcess } from './support/cli.js'

describe('completion', () => {
  test('of a shell that it does not know ends with 2', async () => {
    assert.equal((await inProcess(['completion', 'tcsh'])).code, 2)
  })

  test('names every command and long option in each shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await inProcess(['completion', shell])
      assert.equal(code, 0)
      for (const word of ['sign', 'rotate', 'check', 'secret-env', 'body-file', 'redis', 'aws-sigv4'])
        assert.ok(stdout.includes(word), `${shell}: ${word}`)
      assert.match(stdout, /^[\x20-\x7e\n]*$/)
    }
  })

  test('in bash completes commands, options, their values, schemes and files', { skip: without('bash') }, async (t) => {
    const folder = tempFolder(t)
    writeFileSync(join(folder, 'acme.json'), '{}')
    writeFileSync(join(folder, 'other.txt'), '')
    const { stdout } = await inProcess(['completion', 'bash'])
    writeFileSync(join(folder, 'completion'), stdout)
    const rows = [
      [[''], 'sign verify explain listen schemes scheme client pin token completion'],
      [['client', 'ro'], 'rotate'],
      [['scheme', ''], 'check'],
      [['sign', 'gith'], 'github'],
      [['verify', 'acm'], 'acme.json'],
      [['sign', 'slack', '--body'], '--body --body-file'],
      [['sign', 'slack', '--body-file', 'oth'], 'other.txt'],
      [['sign', '--as', ''], 'headers curl openssl message'],
      [['client', 'add', '--kind', 'pa'], 'password'],
      [['completion', ''], 'bash zsh fish'],
      [['--v'], '--version'],
    ]
    for (const [words, wanted] of rows) {
      const line = ['countersign', ...words].map((word) => `'${word}'`).join(' ')
      const script = `source ./completion; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _countersign; echo "\${COMPREPLY[*]}"`
      assert.equal((await bash(script, {}, folder)).trim(), wanted, words.join(' '))
    }
  })

  // Checked where these shells are; nothing of ours runs in them otherwise.
  for (const shell of ['zsh', 'fish'].filter((name) => component(name) !== undefined)) {
    test(`in ${shell} is a script without mistakes`, async (t) => {
      const path = join(tempFolder(t), 'completion')
      writeFileSync(path, (await inProcess(['completion', shell])).stdout)
      const { status, stderr } = spawnSync(component(shell), ['-n', path], { encoding: 'utf8' })
      assert.equal(status, 0, stderr)
    })
  }
})
