import { hkdfSync, pbkdf2Sync } from 'node:crypto'
import { splitWritten, unescaped } from '../definition/template.js'
import { HASHES, type HashName, isProvided } from '../hash/hmac.js'
import { remembering } from '../text/memo.js'
import { octets, type Shape } from '../text/shape.js'
import { type Make, octetsOf } from './pipe-kit.js'

/** More would hold up the process when a secret is used for the first time. */
const MAX_ITERATIONS = 100_000

/** A key of more octets is hashed by HMAC anyway. */
const MOST_OCTETS = 144

/** Of fewer octets another input has the same. */
const LEAST_OCTETS = 16

/** What is made of so many octets: with few of them, a part of what went in. */
const made = (length: string): Shape => ({ ...octets(Number(length)), cut: Number(length) < LEAST_OCTETS })

const PBKDF2 = 'such as pbkdf2:sha256/1000/32/salt: a hash, how many iterations, how many octets, the salt'
const HKDF = 'such as hkdf:sha256/32/salt/info: a hash, how many octets, the salt, the info'

/** What makes keys of secrets (RFC 8018 section 5.2, RFC 5869). The first takes long by intention, so that templates ask for it of secrets alone. */
export const STRETCH_PIPES: Readonly<Record<string, Make>> = {
  pbkdf2: (_input, _argument, written = '') => {
    const [hash = '', iterations = '', length = '', ...salt] = splitWritten(written, '/').map(unescaped)
    if (!isHash(hash) || !isCount(iterations, MAX_ITERATIONS) || !isCount(length, MOST_OCTETS) || salt.length !== 1)
      return `needs its parameters, ${PBKDF2}`
    const make = remembering((text) => pbkdf2Sync(Buffer.from(text, 'latin1'), salt[0] as string, Number(iterations), Number(length), hash))
    return { shape: made(length), run: (value, _tools, latin1) => make(Buffer.from(octetsOf(value, latin1)).toString('latin1')) }
  },
  hkdf: (_input, _argument, written = '') => {
    const [hash = '', length = '', ...rest] = splitWritten(written, '/').map(unescaped)
    if (!isHash(hash) || !isCount(length, MOST_OCTETS) || rest.length !== 2) return `needs its parameters, ${HKDF}`
    const [salt = '', info = ''] = rest
    return {
      shape: made(length),
      run: (value, _tools, latin1) => Buffer.from(hkdfSync(hash, Buffer.from(octetsOf(value, latin1)), salt, info, Number(length))),
    }
  },
}

function isHash(name: string): name is HashName {
  return Object.hasOwn(HASHES, name) && isProvided(name as HashName)
}

function isCount(text: string, most: number): boolean {
  return /^[1-9][0-9]{0,6}$/.test(text) && Number(text) <= most
}
