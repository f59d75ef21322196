/** What is known of an error of this package: when it is thrown, and what to do. */
export interface AxiosAuthRow {
  readonly when: string
  readonly fix: string
}

/** Every code with which a request fails before it is sent, or is not sent on. */
export const axiosAuthCodes = {
  ERR_AXIOS_ORIGIN: {
    when: 'the URL belongs to none of the origins that the credentials are for',
    fix: 'call it through an instance without these credentials, or name its origin in the option origins',
  },
  ERR_AXIOS_URL: {
    when: 'the URL is no absolute http or https URL',
    fix: 'set baseURL, or give the whole URL',
  },
  ERR_AXIOS_OTHER_CREDENTIALS: {
    when: 'config.auth is set, or the URL holds a user name, which axios would send in place of the credentials of an interceptor',
    fix: 'take out one of the two',
  },
  ERR_AXIOS_HEADER_CONFLICT: {
    when: 'two interceptors, or an interceptor and the caller, set the same header field',
    fix: 'let one of them go, or give one another field with its option header',
  },
  ERR_AXIOS_HEADER_VALUE: {
    when: 'the name or value of a header field cannot go on the wire: a line break, a control character, a blank at an end, beyond ISO 8859-1',
    fix: 'look at where the value comes from',
  },
  ERR_AXIOS_NO_SECRET: {
    when: 'no secret counts now: all have expired or do not hold yet, or the function that finds them found none',
    fix: 'give a secret that holds now',
  },
  ERR_AXIOS_BODY_SPENT: {
    when: 'the request would have to be sent again, and its body is a stream, which can be read once only',
    fix: 'give the body as octets or text, or send the request again with a new stream',
  },
  ERR_AXIOS_BODY_KIND: {
    when: 'the body is of a kind that axios cannot send',
    fix: 'give text, octets, an object, URLSearchParams, FormData, a Blob or a stream',
  },
  ERR_AXIOS_REDIRECT: {
    when: 'the answer redirects to another origin, to a URL with a user name, or to what is no http or https URL; nothing was sent there',
    fix: 'call the other origin through an instance of its own, or set maxRedirects: 0 and look at the answer',
  },
  ERR_AXIOS_FETCH: {
    when: 'the fetch adapter or HTTP/2 is used with what it cannot do: an agent, a client certificate, a pin, a proxy, a unix socket, or a handshake of one connection',
    fix: "set adapter: 'http', and no httpVersion",
  },
  ERR_AXIOS_PIN: {
    when: 'the certificate of the server fits none of the pins, or there is none',
    fix: 'compare the pin with what "openssl x509 -noout -fingerprint -sha256" prints for the certificate of the server',
  },
  ERR_AXIOS_NTLM_CHALLENGE: {
    when: 'the server answered the first NTLM message with something that is no type 2 message, or with several',
    fix: 'look at its WWW-Authenticate field; something on the way may have changed it',
  },
  ERR_AXIOS_NTLM_WEAK: {
    when: 'the server does not offer what NTLMv2 needs: Unicode, extended session security, target information',
    fix: 'set up the server for NTLMv2; NTLMv1 and LM can be undone and are never spoken',
  },
  ERR_AXIOS_NTLM_CONNECTION: {
    when: 'the connection was closed between the messages of the NTLM handshake, twice',
    fix: 'let the server and what stands before it keep connections alive (HTTP/1.1), and give each client one of its own',
  },
  ERR_AXIOS_NTLM_AGENT: {
    when: 'NTLM signs in connections, and the agent or proxy of the request does not let it have one of its own to the origin',
    fix: 'give an http.Agent or https.Agent, or an agent that tunnels (https-proxy-agent); set proxy: false beside it',
  },
  ERR_AXIOS_NTLM_BUSY: {
    when: 'as many connections as maxConnections, or maxSockets of the agent, allows were in use for as long as the timeout of the request',
    fix: 'raise the bound or the timeout, and read or destroy every stream that a response gave',
  },
  ERR_AXIOS_NTLM_DISPOSED: {
    when: 'dispose() was called before the request, or while it waited for a connection',
    fix: 'make a new ntlm({...})',
  },
  ERR_AXIOS_UNSIGNABLE: {
    when: 'the request lacks something that the scheme signs, or holds a value that could not be read back',
    fix: 'send what the scheme signs, or give it in the options of hmac; the reason names it',
  },
  ERR_AXIOS_UNSIGNED_STREAM: {
    when: 'the body is a stream, and the credentials are made of the body',
    fix: 'give the body as octets or text, or use a scheme that does not sign it',
  },
  ERR_AXIOS_DIGEST_UNSUPPORTED: {
    when: 'the server offers Digest, but no algorithm and protection that may be used',
    fix: 'let the server offer SHA-256 with qop; for one that knows MD5 alone write allowMd5: true, knowing that passwords can be guessed from it',
  },
  ERR_AXIOS_DIGEST_DOWNGRADE: {
    when: 'the server offers a weaker algorithm or protection than before, as somebody on the way would',
    fix: 'use https; where the server really has changed, make a new digest({...})',
  },
  ERR_AXIOS_DIGEST_SERVER: {
    when: 'verifyServer is set, and an answer lacks the proof that its server knows the password, or the proof is wrong',
    fix: 'let the server send Authentication-Info with rspauth; where it does, somebody else has answered',
  },
  ERR_AXIOS_TOKEN_UNREACHABLE: {
    when: 'the token service could not be reached, or the connection broke before it had answered',
    fix: 'check tokenUrl, the network and the certificates; the next call tries again',
  },
  ERR_AXIOS_TOKEN_TIMEOUT: {
    when: 'the token service, or a function that gives the token, did not answer within timeoutMs',
    fix: 'make it answer faster, or raise timeoutMs; the next call tries again',
  },
  ERR_AXIOS_TOKEN_REFUSED: {
    when: 'the token service refused: a status other than 200, or an error in its answer; after two refusals of the client in a row it is not asked for retryAfterSeconds of the error',
    fix: 'see tokenStatus and oauthError of the error; check clientId, clientSecret, scopes and clientAuthentication',
  },
  ERR_AXIOS_TOKEN_BUSY: {
    when: 'the token service asked to be left alone for a while (Retry-After), and that is not over',
    fix: 'wait for retryAfterSeconds of the error',
  },
  ERR_AXIOS_TOKEN_MALFORMED: {
    when: 'the answer of the token service holds no token: no JSON, no such field, or text that cannot go into a header',
    fix: 'check tokenUrl; where the token is in another field, name it with tokenField or tokenHeader',
  },
  ERR_AXIOS_TOKEN_TYPE: {
    when: 'the token service gave a token of a type other than Bearer',
    fix: 'ask for a Bearer token; where the type is a name for the same, set prefix or tokenField',
  },
  ERR_AXIOS_TOKEN_TOO_LARGE: {
    when: 'the answer of the token service is larger than maxResponseBytes',
    fix: 'check tokenUrl, or raise maxResponseBytes',
  },
  ERR_AXIOS_TOKEN_ASSERTION: {
    when: 'the assertion of the client could not be signed',
    fix: 'check privateKey, assertionAlgorithm and clientSecret',
  },
  ERR_AXIOS_TOKEN_UNUSABLE: {
    when: 'a function that gives the token answered something that is no token, or threw',
    fix: 'answer visible ASCII characters without blanks',
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
