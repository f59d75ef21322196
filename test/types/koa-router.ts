import { anonymous } from '@countersign/core'
import { protect } from '@countersign/core/koa'
import Router from '@koa/router'

const router = new Router()
const guard = protect(anonymous())

router.use(guard)
router.use('/api', guard)
router.get('/one', guard, (ctx) => {
  ctx.body = { id: ctx.params['id'] }
})
router.post('/two', guard, async (ctx, next) => {
  ctx.body = { client: ctx.state['auth'] }
  await next()
})
export const routes = router.routes()
