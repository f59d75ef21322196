import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { component, needs, without } from './components.js'
import { tempFolder } from './folders.js'
import { accepts, freePort, startProcess, waitFor } from './processes.js'

const NODE = process.execPath

test('a component that is not installed is undefined, and says how to install it', () => {
  assert.equal(component('no-such-component'), undefined)
  assert.equal(without('node'), false)
  assert.match(without('node', 'no-such-component'), /^no-such-component is not installed \(apt-get install no-such-component\)$/)
})

test('needs skips where a component is missing, and throws where CI=true', (t) => {
  const reasons = []
  const context = { skip: (reason) => reasons.push(reason) }
  const before = process.env.CI
  t.after(() => {
    if (before === undefined) delete process.env.CI
    else process.env.CI = before
  })
  process.env.CI = 'false'
  assert.equal(needs(context, 'no-such-component'), undefined)
  assert.equal(reasons.length, 1)
  process.env.CI = 'true'
  assert.throws(() => needs(context, 'no-such-component'), /with CI=true/)
  assert.equal(needs(context, 'node'), component('node'))
})

test('a program that ends, does not exist or is late is an error with its output, and is gone', async () => {
  const script = (text) => ({ command: NODE, args: ['-e', text] })
  await assert.rejects(
    startProcess(undefined, { ...script("console.error('why'); process.exit(3)"), ready: { line: /never/ } }),
    /ended \(3\).*\nwhy/s,
  )
  await assert.rejects(startProcess(undefined, { command: '/nothing/here', ready: { port: 1 } }), /ENOENT/)
  const port = await freePort()
  const folder = tempFolder()
  const late = { ...script(`require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)`), cwd: folder }
  await assert.rejects(startProcess(undefined, { ...late, ready: { port }, deadlineMs: 1000 }), /not within 1000 ms/)
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
  assert.throws(() => process.kill(pid, 0), /ESRCH/)
})

test('a program is ready when its line was printed or its port accepts, and stops with its children', async (t) => {
  const port = await freePort()
  const child = `require('net').createServer().listen(${port}, '127.0.0.1')`
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]); console.log('started 42'); setInterval(() => {}, 1000)`
  const program = await startProcess(t, { command: NODE, args: ['-e', parent], ready: { line: /started (\d+)/, port } })
  assert.match(program.output(), /started 42/)
  assert.equal(await accepts({ port }), true)
  const { signal } = await program.stop()
  assert.equal(signal, 'SIGTERM')
  await waitFor('the child to be gone', async () => !(await accepts({ port })))
})

test('a temporary folder goes with its owner', () => {
  const after = []
  const folder = tempFolder({ after: (fn) => after.push(fn) })
  writeFileSync(join(folder, 'file'), 'x')
  for (const fn of after) fn()
  assert.equal(existsSync(folder), false)
})

test('free ports are not handed out twice and can be listened on', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort))
  assert.equal(new Set(ports).size, 20)
  const server = createServer().listen(ports[0], '127.0.0.1')
  const socket = connect(ports[0], '127.0.0.1')
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  socket.destroy()
  server.close()
})

test('a module is found by its file', { skip: without('apache2', 'mod_auth_gssapi', 'gss-ntlmssp') }, () => {
  assert.match(component('mod_auth_gssapi'), /mod_auth_gssapi\.so$/)
  assert.match(component('gss-ntlmssp'), /gssntlmssp\.so$/)
})
