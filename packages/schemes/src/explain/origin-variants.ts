import { headerValues } from '@countersign/core/base'
import type { RequestView } from '../request/reading.js'
import { type Told, told } from './causes.js'
import type { Variant } from './trial.js'

/** The fields that proxies put the host in that they were called with. Hints alone: nothing is let in by them. */
const HOST_HINTS = ['x-forwarded-host', 'x-original-host', 'x-forwarded-server', ':authority', 'host']
const PORTS = ['443', '80', '8080', '8443', '3000', '5000', '8000']

/** Other origins that the sender may have called. */
export function originVariants(view: RequestView): readonly Variant[] {
  const [host = ''] = headerValues(view.rawHeaders, 'host')
  const own = view.origin ?? view.namedOrigin ?? `${view.secure ? 'https' : 'http'}://${host}`
  const [scheme = '', authority = ''] = own.split('://')
  const others = otherHosts(view, authority)
  const swapped = scheme === 'https' ? 'http' : 'https'
  const swap = told('url-scheme', `the sender signs ${swapped}:// where ${scheme}:// is configured or received`)
  const made = [
    { origin: `${swapped}://${authority}`, told: [swap] },
    ...others.map(({ authority: other, ...line }) => ({ origin: `${scheme}://${other}`, told: [line] })),
    ...others.map(({ authority: other, ...line }) => ({ origin: `${swapped}://${other}`, told: [line, swap] })),
  ]
  return made.map(({ origin, told: lines }) => (trial) => ({
    ...trial,
    view: { ...trial.view, origin },
    told: [...trial.told, ...lines],
  }))
}

function otherHosts(view: RequestView, own: string): readonly (Told & { readonly authority: string })[] {
  const hinted = HOST_HINTS.flatMap((name) => headerValues(view.rawHeaders, name).flatMap((value) => value.split(',').slice(0, 4)))
  const forwarded = headerValues(view.rawHeaders, 'forwarded').flatMap((value) => hostsOf(value))
  const [hostname = ''] = own.split(/:(?=[0-9]*$)/)
  const ports = [...headerValues(view.rawHeaders, 'x-forwarded-port').slice(0, 2), ...PORTS]
  const port = (authority: string) => ({ authority, ...told('url-port', `the sender signs the host ${authority} where ours is ${own}`) })
  const host = (authority: string) => ({ authority, ...told('url-host', `the sender signs the host ${authority} where ours is ${own}`) })
  const all = [
    ...[...hinted, ...forwarded]
      .map((text) => text.trim())
      .filter(isHost)
      .slice(0, 6)
      .map((text) => (text.split(':')[0] === hostname ? port(text) : host(text))),
    port(hostname),
    ...ports.filter((text) => /^[0-9]{1,5}$/.test(text)).map((text) => port(`${hostname}:${text}`)),
    host(own.startsWith('www.') ? own.slice(4) : `www.${own}`),
    host('localhost'),
    ...['3000', '8080', '8000'].map((text) => host(`localhost:${text}`)),
  ]
  return all.filter(({ authority }, at) => authority !== own && all.findIndex((other) => other.authority === authority) === at)
}

function hostsOf(forwarded: string): readonly string[] {
  return [...forwarded.slice(0, 1000).matchAll(/host="?([^";, ]{1,255})/gi)].map(([, host = '']) => host)
}

function isHost(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,253}(?::[0-9]{1,5})?$/.test(text)
}
