import { type RefusalRow, refusals } from '@countersign/core/base'

/** Every code that a request is refused with: status, when it is used, what to do. All are 403: there is no challenge that a client could answer. */
export const tlsCodes = {
  ERR_TLS_UNTRUSTED_PEER: {
    status: 403,
    when: 'the certificate headers came from a peer outside trustedProxies: they are forged, or a proxy is missing from the list',
    fix: "allow only the proxy to reach this port, and list the proxy's addresses in trustedProxies",
  },
  ERR_TLS_PROXY_SECRET: {
    status: 403,
    when: 'the certificate headers came without the secret that the proxy adds, with a wrong one, or with two',
    fix: 'make the proxy set the header named in secret on every request',
  },
  ERR_TLS_HEADER_DUPLICATE: {
    status: 403,
    when: 'a certificate header was sent more than once',
    fix: 'make the proxy delete these headers from client requests before it sets its own',
  },
  ERR_TLS_HEADER_LOOKALIKE: {
    status: 403,
    when: 'the name of a header differs from that of a certificate header only by _ in place of -',
    fix: 'make the proxy delete such headers; no proxy sends them',
  },
  ERR_TLS_HEADER_EMPTY: {
    status: 403,
    when: 'a certificate header is empty: no certificate was sent, or the proxy lost it when it resumed a TLS session',
    fix: 'make the proxy require a certificate, or report that there is none; use values that survive resumption (HAProxy: ssl_c_*)',
  },
  ERR_TLS_HEADER_TOO_LONG: {
    status: 403,
    when: 'a certificate header is longer than maxHeaderBytes',
    fix: 'raise maxHeaderBytes if the certificates are that large',
  },
  ERR_TLS_HEADER_MALFORMED: {
    status: 403,
    when: 'a certificate header does not have the form that the proxy writes, or has several elements where one is allowed',
    fix: "compare the proxy's configuration with the one in the documentation of the source",
  },
  ERR_TLS_HEADER_MISSING: {
    status: 403,
    when: 'the certificate header, the header that reports its verification, or a date named in fields is missing',
    fix: 'make the proxy set it after everything that could remove it, such as a Connection field that names it',
  },
  ERR_TLS_NOT_VERIFIED: {
    status: 403,
    when: 'nobody verified who issued the certificate and no pin names it, or it was verified and rejected',
    fix: 'make the proxy verify and report it, or pin the certificate; check that the certificate comes from the expected authority',
  },
  ERR_TLS_NOT_YET_VALID: {
    status: 403,
    when: 'the certificate is not valid yet',
    fix: 'compare the clocks',
  },
  ERR_TLS_EXPIRED: {
    status: 403,
    when: 'the certificate has expired',
    fix: 'renew it',
  },
  ERR_TLS_SERVER_NAME: {
    status: 403,
    when: "the connection was opened for a server name that is not the route's, or resumed a TLS 1.2 session, for which Node reports none",
    fix: 'connect under one of the names in serverNames; turn off session tickets on a TLS 1.2 server',
  },
  ERR_TLS_PIN_MISMATCH: {
    status: 403,
    when: 'no pin matches the certificate',
    fix: 'send the expected certificate, or add its pin',
  },
  ERR_TLS_PIN_CLOSED: {
    status: 403,
    when: 'the pin of the certificate is not valid yet, or no longer',
    fix: "check the pin's notBefore and notAfter",
  },
  ERR_TLS_CONDITION: {
    status: 403,
    when: 'a condition is not met',
    fix: "send a certificate that meets all of the route's conditions",
  },
  ERR_TLS_UNKNOWN_CLIENT: {
    status: 403,
    when: 'the certificate belongs to no client',
    fix: 'add its pin to a client',
  },
  ERR_TLS_CLIENT_DISABLED: {
    status: 403,
    when: 'the certificate belongs to a client that has been disabled',
    fix: 'enable the client',
  },
} as const satisfies Record<string, RefusalRow>

/** A code of tls-pin's table. */
export type TlsCode = keyof typeof tlsCodes

/** Builds a refusal with a code of tls-pin. */
export const refuse = refusals<TlsCode>(tlsCodes)
