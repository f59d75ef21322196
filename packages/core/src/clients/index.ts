export { ChangeableClients, type ClientsSetup } from './changeable-clients.js'
export type {
  ApiKeyCredential,
  BasicCredential,
  CertificateCredential,
  Client,
  ClientInput,
  Credential,
  CredentialInput,
  CredentialKind,
  DatedCredential,
  HmacCredential,
  SecretReference,
} from './client.js'
export { ClientEvents } from './client-events.js'
export { ClientIndex } from './client-index.js'
export { ClientReader, type ClientRules } from './client-reader.js'
export {
  asksForScrypt,
  type ClientsOptions,
  clientsOptionNames,
  readAllowances,
  readClientsSetup,
  readPasswordPolicy,
} from './clients-options.js'
export { type ApiKeyDigest, type Digested, DigestTable, digestApiKey, digestHex, digestOctets, digestOfHex } from './digest-table.js'
export type { Edit, Edited } from './edits.js'
export { type ClientCode, clientCodes, clientError } from './errors.js'
export { type FileClients, type FileClientsOptions, fileClients } from './file-clients.js'
export { issuedKeyForm, newApiKey, newSecret, type RandomOctets } from './issued-keys.js'
export { ApiKeyMatch, type CredentialState, Match } from './match.js'
export { type MemoryClients, type MemoryClientsOptions, memoryClients } from './memory-clients.js'
export type { FindUser, PasswordAnswer, PasswordPolicy } from './passwords.js'
export type {
  ClientChange,
  ClientLookup,
  ClientProblem,
  ClientRegistry,
  CredentialUse,
  IssuedKey,
  IssuedPassword,
  IssueOptions,
  Maybe,
  Rotated,
  RotateOptions,
} from './registry.js'
export type { KeyDerivation, ScryptCost, ScryptOptions } from './scrypt-policy.js'
export { checkedApiKey, LEAST_KEY_OCTETS } from './text-rules.js'
