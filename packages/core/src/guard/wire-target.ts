import type { IncomingMessage } from 'node:http'

/**
 * Path and query as they came on the wire. Express and connect keep them on the message and cut their mount paths off its `url`, so that
 * an app that is mounted in theirs, such as one of Koa, takes what is left for the original.
 *
 * @param known - what the framework takes for it
 */
export function wireTarget(message: IncomingMessage, known: string): string {
  if (!Object.hasOwn(message, 'originalUrl')) return known
  const { originalUrl } = message as { originalUrl?: unknown }
  return typeof originalUrl === 'string' ? originalUrl : known
}
