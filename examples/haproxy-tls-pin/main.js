// Client certificates behind HAProxy and nginx, with the configurations beside this file.
//   node examples/haproxy-tls-pin/main.js          HAPROXY_PORT=51223 and NGINX_PORT=51224 unless set; prints what to try
//   node examples/haproxy-tls-pin/main.js --try    runs the curl lines and exits with 0 when every answer is as expected
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expressApp, koaApp } from './backends.js'
import { makeCertificates } from './certificates.js'
import { commandLine, linesOf } from './lines.js'
import { startHaproxy, startNginx } from './proxies.js'
import { tryLines } from './try.js'

/** @type {(() => unknown)[]} */
const undo = []
const folder = mkdtempSync(join(tmpdir(), 'countersign-tls-pin-'))
undo.push(() => rmSync(folder, { recursive: true, force: true }))

/** @param {import('node:http').RequestListener} app */
async function listen(app) {
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port
}

async function clean() {
  for (const step of undo.splice(0).reverse()) await step()
}

async function run() {
  const { sha1, sha256 } = makeCertificates(folder)
  const haproxyPort = Number(process.env['HAPROXY_PORT'] ?? 51223)
  const nginxPort = Number(process.env['NGINX_PORT'] ?? 51224)
  undo.push(await startHaproxy({ folder, port: haproxyPort, backend: await listen(expressApp(sha1, sha256)) }))
  undo.push(await startNginx({ folder, port: nginxPort, backend: await listen(koaApp(sha256).callback()) }))

  // HAProxy ends the handshake. nginx lets it pass and answers 400.
  const haproxy = linesOf({ folder, port: haproxyPort, sha1, withoutCertificate: { status: 0, says: 'certificate required' } })
  const nginx = linesOf({
    folder,
    port: nginxPort,
    sha1,
    withoutCertificate: { status: 400, says: 'No required SSL certificate was sent' },
  })
  if (process.argv.includes('--try')) {
    console.log('HAProxy and Express')
    const isHaproxyRight = await tryLines(haproxy)
    console.log('nginx and Koa')
    const isNginxRight = await tryLines(nginx)
    await clean()
    process.exitCode = isHaproxyRight && isNginxRight ? 0 : 1
    return
  }
  console.log(`The expected certificate:\nSHA1 Fingerprint=${sha1}\nSHA256 Fingerprint=${sha256}\n`)
  console.log(
    [
      'HAProxy and Express:',
      ...haproxy.map(({ args }) => commandLine(args)),
      'nginx and Koa:',
      ...nginx.map(({ args }) => commandLine(args)),
    ].join('\n'),
  )
  console.log('\nCtrl-C ends it.')
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void clean().then(() => process.exit(0)))
try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  await clean()
  process.exitCode = 1
}
