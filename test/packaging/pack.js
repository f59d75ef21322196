import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { tempFolder } from '../support/folders.js'
import { packages, ROOT } from '../support/packages.js'

let packed

/** Every package with its tarball: `{ name, folder, manifest, tarball, files }`; made once per process, in a folder that goes with it. */
export function packedPackages() {
  packed ??= pack()
  return packed
}

function pack() {
  const folder = tempFolder()
  const workspaces = packages().map(({ name }) => `--workspace=${name}`)
  const output = npm(ROOT, 'pack', ...workspaces, '--json', '--pack-destination', folder)
  const byName = new Map(Object.values(JSON.parse(output)).map((entry) => [entry.name, entry]))
  return packages().map((pkg) => {
    const { filename, files } = byName.get(pkg.name)
    return { ...pkg, tarball: join(folder, filename), files: files.map(({ path }) => path).sort() }
  })
}

/** Runs npm in a folder, without scripts of packages, and returns what it printed. */
export function npm(cwd, ...args) {
  return execFileSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}
