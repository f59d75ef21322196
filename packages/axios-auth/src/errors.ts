/** What is known of an error of this package: when it is thrown, and what to do. */
export interface AxiosAuthRow {
  readonly when: string
  readonly fix: string
}

/** Every code with which a request fails before it is sent, or is not sent on. */
export const axiosAuthCodes = {
  ERR_AXIOS_ORIGIN: {
    when: 'the URL is outside the origins that the credentials are for',
    fix: 'call it through an instance without these credentials, or add its origin to the origins option',
  },
  ERR_AXIOS_URL: {
    when: 'the URL is not an absolute http or https URL',
    fix: 'set baseURL, or pass the complete URL',
  },
  ERR_AXIOS_OTHER_CREDENTIALS: {
    when: "config.auth is set, or the URL contains a user name; axios would send those in place of the interceptor's credentials",
    fix: 'remove one of the two',
  },
  ERR_AXIOS_HEADER_CONFLICT: {
    when: 'two interceptors, or an interceptor and the caller, set the same header field',
    fix: 'remove one of them, or give one another field with its header option',
  },
  ERR_AXIOS_HEADER_VALUE: {
    when: 'the name or value of a header field cannot be sent: a line break, a control character, a space at either end, or a character beyond ISO 8859-1',
    fix: 'check where the value comes from',
  },
  ERR_AXIOS_NO_SECRET: {
    when: 'no secret is valid now: all have expired or are not valid yet, or the function that looks them up found none',
    fix: 'provide a secret that is valid now',
  },
  ERR_AXIOS_BODY_SPENT: {
    when: 'the body is a stream, which can be read only once, and it was read before, or the request would have to be sent again',
    fix: 'give the body as octets or text, or send the request again with a new stream',
  },
  ERR_AXIOS_BODY_KIND: {
    when: 'the body is of a kind that axios cannot send',
    fix: 'give text, octets, an object, URLSearchParams, FormData, a Blob or a stream',
  },
  ERR_AXIOS_REDIRECT: {
    when: 'the response redirects to another origin, to a URL with a user name, or to something that is not an http or https URL; or it redirects at all while a session is carried in the query or the body; nothing was sent there',
    fix: 'call the other URL directly, another origin through its own instance, or set maxRedirects: 0 and inspect the response',
  },
  ERR_AXIOS_FETCH: {
    when: 'the fetch adapter or HTTP/2 is used with something it does not support: an agent, a client certificate, a pin, a proxy, a unix socket, or a handshake bound to one connection',
    fix: "set adapter: 'http', and no httpVersion",
  },
  ERR_AXIOS_PROXY: {
    when: 'a proxy refused the tunnel to an https origin (407 where it wants other credentials) and answered in its place; nothing was sent to the origin',
    fix: 'check the proxy, and its credentials in proxy.auth or in the URL of the agent',
  },
  ERR_AXIOS_PIN: {
    when: "the server's certificate matches none of the pins, or there is no certificate",
    fix: 'compare the pin with what "openssl x509 -noout -fingerprint -sha256" prints for the server\'s certificate',
  },
  ERR_AXIOS_NTLM_CHALLENGE: {
    when: 'the server answered the first NTLM message with something other than a single type 2 message',
    fix: 'look at its WWW-Authenticate field; an intermediary may have changed it',
  },
  ERR_AXIOS_NTLM_WEAK: {
    when: 'the server does not offer what NTLMv2 needs: Unicode, extended session security, target information',
    fix: 'configure the server for NTLMv2; NTLMv1 and LM can be broken and are never used',
  },
  ERR_AXIOS_NTLM_CONNECTION: {
    when: 'the connection was closed during the NTLM handshake, twice',
    fix: 'let the server and the proxies in front of it keep connections alive (HTTP/1.1), and give each client a connection of its own',
  },
  ERR_AXIOS_NTLM_AGENT: {
    when: "NTLM authenticates a connection, and the request's agent or proxy does not give it one of its own to the origin",
    fix: 'use an http.Agent or https.Agent, or an agent that tunnels (https-proxy-agent); set proxy: false as well',
  },
  ERR_AXIOS_NTLM_BUSY: {
    when: "all connections allowed by maxConnections, or by the agent's maxSockets, were in use until the request timed out",
    fix: 'raise the limit or the timeout, and read or destroy every response stream',
  },
  ERR_AXIOS_NTLM_DISPOSED: {
    when: 'dispose() was called before the request, or while it was waiting for a connection',
    fix: 'create a new ntlm({...})',
  },
  ERR_AXIOS_UNSIGNABLE: {
    when: 'the request lacks something that the scheme signs, or contains a value that could not be read back',
    fix: 'send what the scheme signs, or pass it in the options of hmac; the reason names it',
  },
  ERR_AXIOS_UNSIGNED_STREAM: {
    when: 'the body is a stream, and the credentials are computed from the body',
    fix: 'give the body as octets or text, or use a scheme that does not sign it',
  },
  ERR_AXIOS_DIGEST_UNSUPPORTED: {
    when: 'the server offers Digest, but no algorithm and protection that is allowed',
    fix: 'make the server offer SHA-256 with qop (auth-int where the option qop asks for it); for a server that supports only MD5 set allowMd5: true, knowing that passwords can be guessed from it',
  },
  ERR_AXIOS_DIGEST_DOWNGRADE: {
    when: 'the server offers a weaker algorithm or protection than before, as an attacker on the way would',
    fix: 'use https; if the server really has changed, create a new digest({...})',
  },
  ERR_AXIOS_DIGEST_SERVER: {
    when: 'verifyServer is set, and the response lacks the proof that the server knows the password, or the proof is wrong',
    fix: 'make the server send Authentication-Info with rspauth; if it does, somebody else answered',
  },
  ERR_AXIOS_TOKEN_UNREACHABLE: {
    when: 'the token service could not be reached, or the connection broke before it answered',
    fix: 'check tokenUrl, the network and the certificates; the next call tries again',
  },
  ERR_AXIOS_TOKEN_TIMEOUT: {
    when: 'the token service, or the token function, did not answer within timeoutMs',
    fix: 'make it answer faster, or raise timeoutMs; the next call tries again',
  },
  ERR_AXIOS_TOKEN_REFUSED: {
    when: 'the token service refused: a status other than 200, or an error in its response; after two refusals of the client in a row it is not called for the retryAfterSeconds of the error',
    fix: 'see tokenStatus and oauthError on the error; check clientId, clientSecret, scopes and clientAuthentication (basic form-encodes id and secret, which some services do not decode; basic_unencoded does not)',
  },
  ERR_AXIOS_TOKEN_BUSY: {
    when: 'the token service asked not to be called for a while (Retry-After), and that time is not over',
    fix: 'wait for the retryAfterSeconds of the error',
  },
  ERR_AXIOS_TOKEN_MALFORMED: {
    when: 'the response of the token service contains no token: not JSON, no such field, or text that cannot go into a header',
    fix: 'check tokenUrl; if the token is in another field, name it with tokenField or tokenHeader',
  },
  ERR_AXIOS_TOKEN_TYPE: {
    when: 'the token service returned a token of a type other than Bearer',
    fix: 'ask for a Bearer token; if the type is another name for the same, set prefix or tokenField',
  },
  ERR_AXIOS_TOKEN_TOO_LARGE: {
    when: 'the response of the token service is larger than maxResponseBytes',
    fix: 'check tokenUrl, or raise maxResponseBytes',
  },
  ERR_AXIOS_TOKEN_ASSERTION: {
    when: 'the client assertion could not be signed',
    fix: 'check privateKey, assertionAlgorithm and clientSecret',
  },
  ERR_AXIOS_TOKEN_UNUSABLE: {
    when: 'the token function threw, or returned something that is not a token',
    fix: 'return visible ASCII characters without spaces',
  },
} as const satisfies Record<string, AxiosAuthRow>

/** A code of this package's table. */
export type AxiosAuthCode = keyof typeof axiosAuthCodes

/**
 * A request that was not sent, or not sent on, because its credentials would not be safe, or could not be made. Neither its message
 * nor anything that it leads to holds a secret.
 */
export class AxiosAuthError extends Error {
  readonly code: AxiosAuthCode

  constructor(code: AxiosAuthCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AxiosAuthError'
    this.code = code
  }
}

/** An error of this package's table; `reason`, which must hold no secret, defaults to the row's `when`. */
export function axiosAuthError(code: AxiosAuthCode, reason?: string, cause?: unknown): AxiosAuthError {
  const row = axiosAuthCodes[code]
  return new AxiosAuthError(code, `${reason ?? row.when}; ${row.fix}`, cause)
}
