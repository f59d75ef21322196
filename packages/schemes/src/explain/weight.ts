/** What a mark of JSON or of a form costs to read or to write, in octets that are only looked at. */
const MARK_OCTETS = 16
const MARKS = new Uint8Array(256)
for (const mark of '",[{\\&%') MARKS[mark.charCodeAt(0)] = 1

const weights = new WeakMap<Uint8Array, number>()

/** What it costs to parse a body, in octets: one of many small values costs many times what its length says. */
export function parseWeight(body: Uint8Array): number {
  let weight = weights.get(body)
  if (weight === undefined) {
    let marks = 0
    for (const octet of body) marks += MARKS[octet] as number
    weight = body.length + marks * MARK_OCTETS
    weights.set(body, weight)
  }
  return weight
}

/** How often the pipes of a definition, as JSON, parse the body anew each time that they run. */
export function parsesIn(written: string): number {
  return [...written.matchAll(/\|(?:json:|jcs|sorted|stringify|without:|omit:|spelt:|minify)/g)].length
}

/** What it costs to write a body that was parsed, in octets beside those that come out. */
export function writeWeight(body: Uint8Array): number {
  return parseWeight(body) - body.length
}
