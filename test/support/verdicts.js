/** What the contracts of `protect` share: authenticators of known behaviour, and the answers that are expected. */

import { absent, granted, principal } from '@countersign/core'
import { start } from './frameworks.js'

export const who = (clientId) => principal({ clientId, scheme: 'test', groups: [] })
export const refused = (more = {}) => ({ kind: 'refused', code: 'ERR_TEST_BAD', status: 401, reason: 'the key is not known', ...more })

/** Grants `x-key: good <client>`, refuses any other, is absent without. */
export function keyed(more = {}) {
  return {
    name: 'keyed',
    challenges: ['ApiKey realm="api"'],
    authenticate({ headers }) {
      const key = headers['x-key']
      if (key === undefined) return absent
      return key.startsWith('good ') ? granted(who(key.slice(5))) : refused()
    },
    ...more,
  }
}

export const answering = (authenticate, more = {}) => keyed({ authenticate, ...more })

/** The fields of an answer, without those that belong to the connection and the framework. */
export function fieldsOf(answer) {
  const others = new Set(['date', 'connection', 'keep-alive', 'x-powered-by'])
  return answer.headers
    .map(([name, value]) => [name.toLowerCase(), value])
    .filter(([name]) => !others.has(name))
    .sort(([a, one], [b, two]) => (a + one < b + two ? -1 : 1))
}

const problem = (status, title, detail) => JSON.stringify({ type: 'about:blank', title, status, detail })
export const problems = {
  400: problem(400, 'Bad Request', 'The request cannot be processed as it was sent'),
  401: problem(401, 'Unauthorized', 'Valid credentials are required'),
  403: problem(403, 'Forbidden', 'You are not allowed to access this resource'),
  413: problem(413, 'Payload Too Large', 'The request body is too large'),
  415: problem(415, 'Unsupported Media Type', 'The content coding of the request body is not supported'),
  418: problem(418, "I'm a Teapot", 'The request was refused'),
  500: problem(500, 'Internal Server Error', 'The request could not be authenticated because of an error in the server'),
  503: problem(503, 'Service Unavailable', 'The request cannot be authenticated at the moment'),
}

/** The fields that a problem document of a status has, besides those given. */
export const problemFields = (status, more = []) =>
  [
    ['cache-control', 'no-store'],
    ['content-length', String(problems[status].length)],
    ['content-type', 'application/problem+json'],
    ...more,
  ].sort(([a, one], [b, two]) => (a + one < b + two ? -1 : 1))

export const challenge = ['www-authenticate', 'ApiKey realm="api"']

/** `serve(t, setup)` of a framework: started for one test, closed with it. */
export function server(framework) {
  return async (t, setup) => {
    const app = await start(framework, setup)
    t.after(() => app.close())
    return app
  }
}

/** The setup of a route behind one guard. */
export const guarded = (authenticator, options) => ({ guard: ({ protect }) => protect(authenticator, options) })
