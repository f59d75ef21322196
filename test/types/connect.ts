import type { IncomingMessage, ServerResponse } from 'node:http'
import { anonymous } from '@countersign/core'
import { protect } from '@countersign/core/express'

/** NextHandleFunction of @types/connect 3.4, which polka, @fastify/middie and others have as well. */
type NextHandleFunction = (
  req: IncomingMessage & { originalUrl?: string | undefined },
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void

const guard: NextHandleFunction = protect(anonymous())
void guard
