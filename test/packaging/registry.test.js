import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { tempFolder } from '../support/folders.js'
import { packages, ROOT } from '../support/packages.js'
import { freePort, startProcess } from '../support/processes.js'
import { blocks, startExample } from '../support/readme-example.js'
import { npm } from './pack.js'

/** A registry on loopback that knows no other, and takes packages from everybody. */
function configuration(folder) {
  return `storage: ${folder}/storage
max_body_size: 50mb
packages:
  '**': { access: $all, publish: $all }
log: { type: stdout, format: pretty, level: warn }
`
}

/** The repository as `lerna publish` needs it, in a folder of its own: built packages, one commit. */
function copyOfRepository(folder, registry) {
  for (const name of ['package.json', 'lerna.json', 'package-lock.json']) cpSync(join(ROOT, name), join(folder, name))
  for (const { folder: from, manifest } of packages()) {
    const to = join(folder, 'packages', from.slice(ROOT.length + '/packages/'.length))
    cpSync(from, to, { recursive: true, filter: (path) => !path.includes('node_modules') })
    // Provenance is a statement of the CI that publishes; there is none here.
    const publishConfig = { ...manifest.publishConfig, provenance: false }
    writeFileSync(join(to, 'package.json'), JSON.stringify({ ...manifest, publishConfig }, null, 2))
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, '.npmrc'), `registry=${registry}/\n${registry.replace('http:', '')}/:_authToken=example\n`)
  run(folder, 'git', 'init', '-q')
  run(folder, 'git', 'add', 'packages', 'package.json')
  run(folder, 'git', '-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '-qm', 'all')
}

function run(cwd, command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, NX_DAEMON: 'false' } })
  assert.equal(status, 0, stdout + stderr)
  return stdout + stderr
}

let registry

before(async (t) => {
  const folder = tempFolder()
  const port = await freePort()
  registry = `http://127.0.0.1:${port}`
  writeFileSync(join(folder, 'config.yaml'), configuration(folder))
  const args = [
    join(ROOT, 'node_modules/verdaccio/bin/verdaccio'),
    '--config',
    join(folder, 'config.yaml'),
    '--listen',
    `127.0.0.1:${port}`,
  ]
  await startProcess(t, { command: process.execPath, args, cwd: folder, ready: { port }, deadlineMs: 30_000 })
})

test('lerna publishes every package, and what is installed from the registry runs the example of README', async (t) => {
  const repository = tempFolder(t)
  copyOfRepository(repository, registry)
  const lerna = join(ROOT, 'node_modules/lerna/dist/cli.js')
  const said = run(repository, process.execPath, lerna, 'publish', 'from-package', '--yes', '--registry', registry)
  for (const { name, manifest } of packages())
    assert.ok(said.includes(`${name}@${manifest.version}`), `${name} was not published:\n${said}`)

  const project = join(tempFolder(t), 'project')
  mkdirSync(project)
  writeFileSync(join(project, '.npmrc'), `@countersign:registry=${registry}/\n`)
  const { version: express } = JSON.parse(readFileSync(join(ROOT, 'node_modules/express/package.json'), 'utf8'))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
  const [, wanted] = /^npm install (.*)$/m.exec(blocks('sh')[0])
  npm(project, 'install', '--prefer-offline', ...wanted.split(' '), `express@${express}`)
  const { curl, wanted: answer } = await startExample(t, project)
  assert.equal(await curl(), answer)
})
