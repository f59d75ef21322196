// API keys: how they look, their digests, and a table to find them by. All of it is exported by `@countersign/core` as well: the same
// objects.
export { type ApiKeyDigest, type Digested, DigestTable, digestApiKey, digestHex, digestOctets } from './clients/digest-table.js'
export { issuedKeyForm } from './clients/issued-keys.js'
export { ApiKeyMatch, Match } from './clients/match.js'
export { checkedApiKey, LEAST_KEY_OCTETS } from './clients/text-rules.js'
