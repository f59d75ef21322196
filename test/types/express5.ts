import { createServer } from 'node:http'
import { type AuthEvent, anonymous, anyOf, type Principal } from '@countersign/core'
import { protect } from '@countersign/core/express'
import express, { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'types-express5'

const app = express()
const router = Router()
const guard = protect(anyOf(anonymous()), { refusals: 'answer', optional: true, onRefusal: (event: AuthEvent) => void event.code })

function handler(_req: Request, res: Response): void {
  res.json({ status: 'ok' })
}

function reads(req: Request & { auth?: Principal }, res: Response, _next: NextFunction): void {
  res.json({ client: req.auth?.clientId, groups: req.auth?.groups })
}

app.use(guard)
app.use('/api', guard, handler)
app.use(guard, express.json(), handler)
app.use(['/a', /^\/b/], [guard, handler])
app.get('/one', guard, handler)
app.post('/items/:id', guard, (req, res) => {
  const id: string | string[] | undefined = req.params.id
  res.send(id)
})
app.route('/two').all(guard).post(guard, handler)
router.use(guard)
router.get('/three', guard, reads)
router.put('/four/:id', express.json(), guard, handler)
app.use('/mounted', guard, router)
export const asHandler: RequestHandler = guard
export const server = createServer(app)

const counts = new Map<string, number>()
protect(anonymous(), {
  onRefusal: ({ code, status, reason }) => {
    counts.set(`${code} ${status.toFixed()} ${reason.trim()}`, (counts.get(code) ?? 0) + 1)
  },
})

// @ts-expect-error an option that does not exist
protect(anonymous(), { refusal: 'answer' })
// @ts-expect-error a value that is none of the two
protect(anonymous(), { refusals: 'ignore' })
// @ts-expect-error no authenticator
protect({})
