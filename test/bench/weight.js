// What it costs to load an entry point, beside express in the same run, and what each package brings along when it is installed alone.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm, packedPackages } from '../packaging/pack.js'
import { packages, ROOT, subpaths } from '../support/packages.js'
import { median } from './measure.js'

export const title = 'start-up and weight'

export async function* run({ quick = false } = {}) {
  const entries = packages().flatMap((pkg) => subpaths(pkg).map(({ specifier }) => specifier))
  yield* startUp(entries, quick ? 3 : 15)
  yield* installed()
}

/** Cold imports, each in a process of its own, in turns with express. */
function* startUp(entries, rounds) {
  for (const specifier of entries) {
    const ours = []
    const rival = []
    for (let round = 0; round < rounds; round += 1) {
      ours.push(importMs(specifier))
      rival.push(importMs('express'))
    }
    const figures = `${median(ours).toFixed(1)} ms, ${modulesOf(specifier)} modules : ${median(rival).toFixed(1)} ms`
    const reach = specifier.endsWith('hmac-verify/express') ? '<= 0.35' : ''
    yield { what: `import of ${specifier}`, rival: 'import of express', figures, ratio: median(ours) / median(rival), reach }
  }
}

function importMs(specifier) {
  const script = `const start = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - start)`
  return Number(runScript(script))
}

/** How many files are loaded, ours and those of others, without Node's own. */
function modulesOf(specifier) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-weight-'))
  try {
    runScript(`await import(${JSON.stringify(specifier)})`, { NODE_V8_COVERAGE: folder })
    const [file] = readdirSync(folder)
    const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    return result.filter(({ url }) => url.startsWith('file:') && !url.includes('[eval')).length
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function runScript(script, env = {}) {
  const { NODE_V8_COVERAGE: _, NODE_OPTIONS: __, ...inherited } = process.env
  const options = { cwd: ROOT, encoding: 'utf8', env: { ...inherited, ...env } }
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], options)
}

/** Each package's tarball installed alone, with those of its siblings that it names; peers are the user's own. */
function* installed() {
  const packed = packedPackages()
  const folder = mkdtempSync(join(tmpdir(), 'countersign-weight-'))
  try {
    for (const { name, manifest } of packages()) {
      const alone = join(folder, name.replace('/', '-'))
      mkdirSync(alone)
      const siblings = siblingsOf(manifest, new Map(packages().map((one) => [one.name, one.manifest])))
      const wanted = packed.filter((one) => one.name === name || siblings.has(one.name))
      const dependencies = Object.fromEntries(wanted.map((one) => [one.name, `file:${one.tarball}`]))
      writeFileSync(join(alone, 'package.json'), JSON.stringify({ name: 'alone', version: '1.0.0', private: true, dependencies }))
      npm(alone, 'install', '--prefer-offline', '--omit=peer')
      const count = countPackages(join(alone, 'node_modules'))
      const reach = name.endsWith('hmac-verify') ? '< 10' : ''
      const figures = `${(sizeOf(join(alone, 'node_modules')) / 1024).toFixed(0)} KiB`
      yield { what: `packages that ${name} installs, itself among them`, rival: '', figures, ratio: String(count), reach }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function siblingsOf({ dependencies = {} }, manifests, found = new Set()) {
  for (const name of Object.keys(dependencies)) {
    const manifest = manifests.get(name)
    if (manifest === undefined || found.has(name)) continue
    found.add(name)
    siblingsOf(manifest, manifests, found)
  }
  return found
}

function countPackages(folder) {
  let count = 0
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith('.')) continue
    count += entry.startsWith('@') ? readdirSync(join(folder, entry)).length : 1
  }
  return count
}

function sizeOf(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, entry) => sum + sizeOf(join(path, entry)), 0)
}
