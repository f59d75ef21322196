const FORGED = ['X-Zato-TLS-Fingerprint', 'X_Zato_TLS_Fingerprint', 'X-SSL-Client-SHA1', 'X-SSL-Client-Fingerprint']
const DENIED = '"detail":"You are not allowed to access this resource"'
const GRANTED = '{"name":"John Doe","id":"123"}'

/**
 * @typedef {object} Line
 * @property {string} title
 * @property {string[]} args - of curl
 * @property {number} status - of the answer; 0: none, TLS ends it
 * @property {string | RegExp} says
 */

/**
 * The four curl lines of the how-to, and one that forges what the proxy would send, for one proxy.
 *
 * @param {{ folder: string, port: number, sha1: string, withoutCertificate: Pick<Line, 'status' | 'says'> }} proxy
 * @returns {Line[]}
 */
export function linesOf({ folder, port, sha1, withoutCertificate }) {
  const ping = `https://localhost:${port}/zato/ping`
  const customer = `https://localhost:${port}/api/customer`
  const client = ['--cert', `${folder}/client.cert.pem`, '--key', `${folder}/client.key.pem`]
  const invalid = ['--cert', `${folder}/invalid-client.cert.pem`, '--key', `${folder}/invalid-client.key.pem`]
  const forged = FORGED.flatMap((name) => ['-H', `${name}: ${sha1.replaceAll(':', '')}`])
  return [
    { title: 'no certificate', args: ['-k', ping], ...withoutCertificate },
    { title: 'a certificate of the authority', args: ['-k', ping, ...client], status: 200, says: '{"pong":true}' },
    { title: 'not the expected certificate', args: ['-k', customer, ...invalid], status: 403, says: DENIED },
    { title: 'the expected certificate', args: ['-k', customer, ...client], status: 200, says: GRANTED },
    { title: 'another certificate, and forged headers', args: ['-k', customer, ...invalid, ...forged], status: 403, says: DENIED },
  ]
}

/** @param {string[]} args */
export function commandLine(args) {
  return ['curl', ...args].map((arg) => (/^[\w./:=@-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ')
}
