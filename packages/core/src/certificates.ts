// What a certificate says, and which ones are pinned. All of it is exported by `@countersign/core` as well: the same objects.
export {
  type AlternativeName,
  type Certificate,
  type CertificateExtension,
  type DistinguishedName,
  type NameAttribute,
  type PinKind,
  readCertificate,
} from './certificate/certificate.js'
export { asn1Time } from './certificate/der.js'
export * from './certificate/pins.js'
