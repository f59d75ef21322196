import { preset } from '../scheme.js'

/**
 * HTTP Message Signatures with hmac-sha256 (RFC 9421), and Content-Digest (RFC 9530) where there is a body. The secret is base64.
 *
 * `created` is needed. Method, target and, with a body, Content-Digest have to be covered; the option mustInclude says otherwise. Every
 * label is judged for itself, and any may hold. The public origin decides @target-uri, @authority and @scheme, never a received field.
 */
export const rfc9421 = preset({
  name: 'rfc9421',
  docs: 'https://www.rfc-editor.org/rfc/rfc9421',
  evidence: 'published',
  params: { label: 'sig1', tag: '', expiresSeconds: '' },
  algorithm: { 'hmac-sha256': 'sha256' },
  key: '{secret|fromBase64}',
  signature: { dictionary: 'signature', label: '{param:label}', encoding: 'base64' },
  timestamp: { unit: 'seconds', toleranceSeconds: 300 },
  nonce: { random: 16 },
  fields: {
    expires: { unit: 'seconds', param: 'expiresSeconds' },
    tag: { param: 'tag' },
    cd: { dictionary: 'content-digest', when: { body: true }, oneOf: ['sha-256=:{body|sha256|base64}:', 'sha-512=:{body|sha512|base64}:'] },
    covered: {
      dictionary: 'signature-input',
      label: '{param:label}',
      names: 'components',
      format: ';created={timestamp};expires={expires?};nonce="{nonce?}";keyid="{keyId?}";alg="{algorithm?}";tag="{tag?}"',
      mustInclude: ['@method', '@target-uri or @authority @request-target or @authority @path @query', 'content-digest'],
    },
  },
  define: {
    base: {
      each: 'headers',
      names: '{covered}',
      item: '{component}: {value}\n',
      join: '',
      named: {
        '@method': '{component}: {method}\n',
        '@target-uri': '{component}: {url}\n',
        '@authority': '{component}: {authority}\n',
        '@scheme': '{component}: {scheme}\n',
        '@request-target': '{component}: {rawTarget}\n',
        '@path': '{component}: {path}\n',
        '@query': '{component}: ?{query}\n',
        '@query-param': '{component}: {query:;name|encodeParam}\n',
      },
    },
  },
  message: '{base}"@signature-params": {covered}',
})
