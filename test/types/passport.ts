import { HeaderAPIKeyStrategy } from '@countersign/api-key/passport'
import { BasicStrategy } from '@countersign/client-group/passport'
import { type Authenticator, anonymous, anyOf } from '@countersign/core'
import { fromPassport, toPassport } from '@countersign/core/passport'
import passport from 'passport'
import type { Request } from 'types-express5'

passport.use(toPassport(anonymous(), { name: 'public' }))
passport.use('other', toPassport(anonymous()))
passport.use(new BasicStrategy((user, password, verified) => verified(null, user === password && { id: user })))
passport.use(
  new BasicStrategy({ realm: 'api', passReqToCallback: true }, async (req: Request, user, password, verified) => {
    verified(null, { id: `${req.path} ${user} ${password}` }, { scope: 'read' })
  }),
)
passport.use(new HeaderAPIKeyStrategy({ header: 'Authorization', prefix: 'Api-Key ' }, false, (key, verified) => verified(null, { key })))
passport.use(new HeaderAPIKeyStrategy(undefined, true, (key, verified, req: Request) => verified(null, { id: key + req.path })))
passport.use(new HeaderAPIKeyStrategy(null, false, (_key, verified) => verified(new Error('down'))))

const basic = new BasicStrategy((_user, _password, verified) => verified(null, false))
export const authenticator: Authenticator = anyOf(
  fromPassport(basic, { client: (user) => ({ clientId: String(user), groups: ['a'] }), timeoutMs: 100 }),
  fromPassport(() => basic, { name: 'basic', challenges: ['Basic realm="api"'] }),
)
export const handlers = [passport.authenticate('public', { session: false }), passport.authenticate(toPassport(anonymous()))]

// @ts-expect-error no strategy
fromPassport('basic')
// @ts-expect-error a client without an id
fromPassport(basic, { client: () => ({ groups: [] }) })
// @ts-expect-error the argument passReqToCallback is missing
new HeaderAPIKeyStrategy({ header: 'X' }, (_key, _verified) => undefined)
// @ts-expect-error verify is missing
new BasicStrategy({ realm: 'api' })
