import { createServer } from 'node:http'
import { anonymous, anyOf, type Principal } from '@countersign/core'
import { protect } from '@countersign/core/koa'
import Koa, { type Context, type Middleware, type Next } from 'types-koa2'

interface State {
  auth?: Principal
  user: string
}

const app = new Koa()
const typed = new Koa<State, { extra: number }>()
const guard = protect(anyOf(anonymous()), { refusals: 'throw' })

app.use(guard)
app.use(async (ctx: Context, next: Next) => {
  const client: Principal | undefined = ctx.state.auth
  ctx.body = { client: client?.clientId }
  await next()
})
typed.use(guard)
typed.use(async (ctx, next) => {
  ctx.body = { client: ctx.state.auth?.clientId, extra: ctx.extra }
  await next()
})
typed.use(async (ctx, next) => {
  if (ctx.path.startsWith('/private')) return guard(ctx, next)
  await next()
})
export const asMiddleware: Middleware = guard
export const server = createServer(app.callback())

// @ts-expect-error an option that does not exist
protect(anonymous(), { refusal: 'answer' })
// @ts-expect-error no authenticator
protect(undefined)
