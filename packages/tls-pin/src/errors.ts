import { type RefusalRow, refusals } from '@countersign/core/base'

/** Every code that a request is refused with: status, when it is used, what to do. All are 403: there is no challenge that a client could answer. */
export const tlsCodes = {
  ERR_TLS_UNTRUSTED_PEER: {
    status: 403,
    when: 'certificate headers came from a peer that is not among trustedProxies: somebody forges them, or a proxy is missing in the list',
    fix: 'let no one but the proxy reach this port, and name the addresses of the proxy in trustedProxies',
  },
  ERR_TLS_PROXY_SECRET: {
    status: 403,
    when: 'certificate headers came without the secret that the proxy adds, with a wrong one, or with two',
    fix: 'make the proxy set the header named in secret, on every request',
  },
  ERR_TLS_HEADER_DUPLICATE: {
    status: 403,
    when: 'a certificate header stands more than once',
    fix: 'make the proxy delete the headers that clients send before it sets its own',
  },
  ERR_TLS_HEADER_LOOKALIKE: {
    status: 403,
    when: 'the name of a header differs from that of a certificate header only in _ for -',
    fix: 'make the proxy delete such headers; no proxy sends them',
  },
  ERR_TLS_HEADER_EMPTY: {
    status: 403,
    when: 'a certificate header is empty: no certificate was sent, or the proxy lost it when it resumed a TLS session',
    fix: 'make the proxy require a certificate, or send its statement that there is none; use values that survive resumption (HAProxy: ssl_c_*)',
  },
  ERR_TLS_HEADER_TOO_LONG: {
    status: 403,
    when: 'a certificate header is longer than maxHeaderBytes',
    fix: 'raise maxHeaderBytes if the certificates are that large',
  },
  ERR_TLS_HEADER_MALFORMED: {
    status: 403,
    when: 'a certificate header does not have the form that the proxy writes, or holds several elements where one is allowed',
    fix: 'compare the configuration of the proxy with the one in the documentation of the source',
  },
  ERR_TLS_HEADER_MISSING: {
    status: 403,
    when: 'the header with the certificate is missing, or one that says whether it was verified, or a date in fields',
    fix: 'make the proxy set it after everything that could remove it, such as fields named in Connection',
  },
  ERR_TLS_NOT_VERIFIED: {
    status: 403,
    when: 'nobody has verified who issued the certificate and no pin names it, or it was verified and does not hold',
    fix: 'make the proxy verify and say so, or pin the certificate; ask for a certificate of the expected authority',
  },
  ERR_TLS_NOT_YET_VALID: {
    status: 403,
    when: 'the certificate counts only from a later time on',
    fix: 'compare the clocks',
  },
  ERR_TLS_EXPIRED: {
    status: 403,
    when: 'the certificate has expired',
    fix: 'renew it',
  },
  ERR_TLS_SERVER_NAME: {
    status: 403,
    when: 'the connection was opened for another server name than those of the route, or by a resumed TLS 1.2 session, of which Node knows none',
    fix: 'connect under one of the names in serverNames; turn session tickets off on a server with TLS 1.2',
  },
  ERR_TLS_PIN_MISMATCH: {
    status: 403,
    when: 'no pin names the certificate',
    fix: 'send the expected certificate, or add its pin',
  },
  ERR_TLS_PIN_CLOSED: {
    status: 403,
    when: 'the pin of the certificate does not count yet, or no longer',
    fix: 'look at notBefore and notAfter of the pin',
  },
  ERR_TLS_CONDITION: {
    status: 403,
    when: 'a condition does not hold',
    fix: 'send a certificate that satisfies all conditions of the route',
  },
  ERR_TLS_UNKNOWN_CLIENT: {
    status: 403,
    when: 'the certificate belongs to no client',
    fix: 'add its pin to a client',
  },
  ERR_TLS_CLIENT_DISABLED: {
    status: 403,
    when: 'the certificate belongs to a client that is disabled',
    fix: 'enable the client',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of tls-pin's table. */
export type TlsCode = keyof typeof tlsCodes

/** Builds a refusal with a code of tls-pin. */
export const refuse = refusals<TlsCode>(tlsCodes)
