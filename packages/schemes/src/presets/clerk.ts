import { preset } from '../scheme.js'
import { svix } from './standard-webhooks.js'

/** Clerk webhooks: Svix. */
export const clerk = preset({
  ...svix,
  name: 'clerk',
  docs: 'https://clerk.com/docs/guides/development/webhooks/overview',
  evidence: 'documented',
})
