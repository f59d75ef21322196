import type { Unit } from './unit.js'

/** Digits of django.core.signing. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Whole seconds since the epoch in base 62, as Django signs them. */
export const BASE62_SECONDS: Unit = {
  read: (text) => {
    if (!/^[1-9A-Za-z][0-9A-Za-z]{0,6}$/.test(text)) return undefined
    let seconds = 0
    for (const digit of text) seconds = seconds * DIGITS.length + DIGITS.indexOf(digit)
    return seconds * 1000
  },
  print: (ms) => {
    let text = ''
    for (let left = Math.floor(ms / 1000); left > 0; left = Math.floor(left / DIGITS.length)) text = DIGITS[left % DIGITS.length] + text
    return text
  },
  alphabet: 'base64url',
  width: undefined,
  usual: 6,
}

/** Whole seconds since the epoch as octets, the highest first and none of them 0 in front, in base64url, as itsdangerous signs them. */
export const BASE64URL_SECONDS: Unit = {
  read: (text) => {
    const octets = text.length > 7 ? EMPTY : Buffer.from(text, 'base64url')
    if (octets.length === 0 || octets[0] === 0 || octets.toString('base64url') !== text) return undefined
    return octets.readUIntBE(0, octets.length) * 1000
  },
  print: (ms) => {
    const octets = Buffer.alloc(6)
    octets.writeUIntBE(Math.floor(ms / 1000), 0, 6)
    return octets.subarray(octets.findIndex((octet) => octet > 0)).toString('base64url')
  },
  alphabet: 'base64url',
  width: undefined,
  usual: 6,
}

const EMPTY = Buffer.alloc(0)
