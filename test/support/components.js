import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Folders of daemons, which the PATH of a user who is not root leaves out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** Components that are no command: the file that tells of them, below folders of which a `*` stands for one name. */
const FILES = new Map([
  ['mod_auth_gssapi', ['/usr/lib/apache2/modules/mod_auth_gssapi.so']],
  ['gss-ntlmssp', ['/usr/lib/*/gssntlmssp/gssntlmssp.so', '/usr/lib/*/gss/gssntlmssp.so', '/usr/lib/gssntlmssp/gssntlmssp.so']],
])

/** Debian's package of a component whose name differs from it. */
const PACKAGES = new Map([
  ['mod_auth_gssapi', 'libapache2-mod-auth-gssapi'],
  ['redis-cli', 'redis-tools'],
])

const found = new Map()

/**
 * Finds a real component that a test runs against.
 *
 * @param name - a command (`haproxy`, `nginx`, `caddy`, `apache2`, `redis-server`, `transmission-daemon`, `openssl`, `curl`, `wrk`), or one of the modules `mod_auth_gssapi`, `gss-ntlmssp`
 * @returns the absolute path of its file, or undefined where it is not installed
 */
export function component(name) {
  if (!found.has(name)) found.set(name, FILES.has(name) ? firstFile(FILES.get(name)) : command(name))
  return found.get(name)
}

/**
 * Says why a test cannot run here, in the form that node:test's option `skip` takes: `test('...', { skip: without('haproxy') }, ...)`.
 * test/run.js counts such a skip as a failure where CI=true.
 *
 * @returns false where all of the components are installed, else the reason
 */
export function without(...names) {
  const missing = names.filter((name) => component(name) === undefined)
  if (missing.length === 0) return false
  return `${missing.join(', ')} is not installed (apt-get install ${missing.map((name) => PACKAGES.get(name) ?? name).join(' ')})`
}

/**
 * The path of one component inside a test. Where it is not installed the test is marked as skipped and undefined is returned, and the test must
 * then return: `const haproxy = needs(t, 'haproxy'); if (!haproxy) return`.
 *
 * @throws Error where it is not installed and CI=true
 */
export function needs(t, name) {
  const reason = without(name)
  if (reason === false) return component(name)
  if (process.env.CI === 'true') throw new Error(`${reason}, and with CI=true no test is skipped`)
  t.skip(reason)
  return undefined
}

function command(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return isFile(path)
  } catch {
    return false
  }
}

function isFile(path) {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function firstFile(patterns) {
  return patterns.flatMap(expand).find(isFile)
}

function expand(pattern) {
  const star = pattern.indexOf('/*/')
  if (star === -1) return [pattern]
  const folder = pattern.slice(0, star)
  try {
    return readdirSync(folder).map((name) => join(folder, name, pattern.slice(star + 3)))
  } catch {
    return []
  }
}
