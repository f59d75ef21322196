import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
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

    test(`in ${shell} completes commands, options, their values, schemes and files`, async (t) => {
      const folder = await shellFolder(t, shell)
      const lines = LINES.map(([words, wanted, inZsh = `${wanted} `]) => [words, shell === 'zsh' ? inZsh : wanted])
      const found = await SHELLS[shell](
        folder,
        lines.map(([words]) => `countersign ${words}`),
      )
      assert.deepEqual(
        lines.map(([words], i) => [words, found[i]]),
        lines,
      )
    })
  }
})

/** What is typed, and the word that it has to become; where zsh adds no blank, what it adds. */
const LINES = [
  ['client ro', 'rotate'],
  ['scheme ch', 'check'],
  ['sign gith', 'github'],
  ['verify acm', 'acme.json'],
  ['schemes show strip', 'stripe'],
  ['sign slack --body-fi', '--body-file', '--body-file='],
  ['client list --fil', '--file', '--file='],
  ['sign github POST --secret-e', '--secret-env', '--secret-env='],
  ['sign slack --body-file oth', 'other.txt'],
  ['sign --as me', 'message'],
  ['sign slack --as=me', '--as=message'],
  ['client add --kind pa', 'password'],
  ['explain --tolerance 5 gitl', 'gitlab'],
  ['completion ba', 'bash'],
  ['--ver', '--version'],
]

/** A folder with two files, the completions and a command of our name, so that both shells take it for one. */
async function shellFolder(t, shell) {
  const folder = tempFolder(t)
  const completions = join(folder, 'fish', 'completions')
  mkdirSync(completions, { recursive: true })
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'acme.json'), '{}')
  writeFileSync(join(folder, 'other.txt'), '')
  writeFileSync(join(folder, 'bin', 'countersign'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(completions, 'countersign.fish'), (await inProcess(['completion', shell])).stdout)
  return folder
}

const SHELL_MS = 60_000

function inShell(folder, command, args) {
  const { PATH = '', LANG = 'C' } = process.env
  const env = { PATH: `${join(folder, 'bin')}:${PATH}`, LANG, HOME: folder, XDG_CONFIG_HOME: folder, TERM: 'dumb' }
  const { status, stdout, stderr, error } = spawnSync(component(command), args, { cwd: folder, env, encoding: 'utf8', timeout: SHELL_MS })
  assert.equal(status, 0, `${error ?? ''}${stderr}`)
  return stdout
}

const SHELLS = {
  /** fish says itself what it would complete: a word and its description in each line. */
  fish: async (folder, lines) => lines.map((line) => inShell(folder, 'fish', ['-c', 'complete -C $argv[1]', line]).split(/[\t\n]/)[0]),

  /** zsh completes at a keyboard only: it is typed in a pseudo-terminal, and then a key writes down the line. */
  zsh: async (folder, lines) => {
    const typed = inShell(folder, 'zsh', ['-f', '-c', ZSH_AT_A_KEYBOARD, 'zsh', ...lines]).split('\n')
    return lines.map((line, i) => typed[i].slice(line.lastIndexOf(' ') + 1))
  },
}

const ZSH_AT_A_KEYBOARD = String.raw`
zmodload zsh/zpty zsh/zselect
await() { local i; for ((i = 0; i < 1000; i += 1)); do [[ -s line ]] && return; zselect -t 2; done; print -u2 "not typed: $1"; exit 1 }
zpty -b keyboard 'zsh -f -i'
zpty -w keyboard "PS1=; autoload -Uz compinit; compinit -u -D; source fish/completions/countersign.fish
note() { print -r -- \"\$BUFFER\" > line.new; mv line.new line; BUFFER=; zle accept-line }
zle -N note; bindkey '^X' note; bindkey '^I' complete-word; print -r -- ready > line"
await start
for line in "$@"; do
  rm -f line
  zpty -w -n keyboard "$line"$'\t\x18'
  await "$line"
  cat line
done
zpty -d keyboard
`
