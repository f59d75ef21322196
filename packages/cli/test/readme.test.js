import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { exitCodes } from '@countersign/cli'
import { without } from '../../../test/support/components.js'
import { bash, inProcess } from './support/cli.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the README has at most 120 lines, and names every exit code and command', async () => {
  assert.ok(readme.trimEnd().split('\n').length <= 120)
  assert.deepEqual(
    [...readme.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code)),
    Object.values(exitCodes),
  )
  const { stdout } = await inProcess(['--help'])
  for (const [, name] of stdout.matchAll(/^ {2}([a-z]+) (?:\[|<| )/gm))
    if (name !== 'help') assert.ok(readme.includes(`countersign ${name}`), name)
})

test('every option that the README or an example of the help uses is one of its command', async () => {
  const lines = [...readme.matchAll(/countersign ((?:client |schemes |scheme )?[a-z]+) ([^#\n)]*)/g)].map(([, command, rest]) => [
    command,
    rest,
  ])
  for (const command of [
    'sign',
    'verify',
    'explain',
    'listen',
    'pin',
    'token',
    'client add',
    'client rotate',
    'client revoke',
    'client group',
  ]) {
    const { stdout } = await inProcess([...command.split(' '), '--help'])
    for (const [, rest] of stdout.matchAll(new RegExp(`^ {2}countersign ${command} (.*)$`, 'gm'))) lines.push([command, rest])
  }
  assert.ok(lines.length > 20)
  for (const [command, rest] of lines) {
    const { stdout } = await inProcess([...command.split(' '), '--help'])
    for (const [option] of rest.split(' -- ', 1)[0].matchAll(/--[a-z-]+/g))
      assert.ok(stdout.includes(option), `countersign ${command} ${option}`)
  }
})

test('the openssl line of the README is the one that sign prints, and gives the signature', {
  skip: without('openssl', 'bash'),
}, async () => {
  const [, command, line] = /^countersign (sign .*--as openssl)\n# (.*)$/m.exec(readme)
  const env = { SECRET: 'a secret of at least 16 octets' }
  const args = command.match(/'[^']*'|\S+/g).map((word) => word.replace(/^'|'$/g, ''))
  const printed = await inProcess(args, { env })
  assert.equal(printed.stdout, `${line}\n`)
  const { stdout } = await inProcess(
    args.filter((word) => word !== '--as' && word !== 'openssl'),
    { env },
  )
  assert.equal(stdout, `x-hub-signature-256: sha256=${(await bash(line, env)).trim()}\n`)
})
