import { existsSync } from 'node:fs'
import { without } from './components.js'

const ROOT = '/usr/lib/apache2'

/** Why Apache cannot be run with these modules; false when it can. */
export function withoutApache(...modules) {
  const missing = modules.find((name) => !existsSync(`${ROOT}/modules/mod_${name}.so`))
  return without('apache2') || (missing === undefined ? false : `mod_${missing} is not installed (apt-get install apache2)`)
}

/** The beginning of a configuration of Apache httpd that keeps everything in one folder and listens on ports of 127.0.0.1. */
export function apacheBasics({ folder, ports, modules }) {
  return `
ServerRoot ${ROOT}
ServerName localhost
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
Mutex posixsem
ErrorLog ${folder}/error.log
${ports.map((port) => `Listen 127.0.0.1:${port}`).join('\n')}
${modules.map((name) => `LoadModule ${name}_module modules/mod_${name}.so`).join('\n')}
`
}
