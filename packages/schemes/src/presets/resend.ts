import { preset } from '../scheme.js'
import { svix } from './standard-webhooks.js'

/** Resend webhooks: Svix. */
export const resend = preset({
  ...svix,
  name: 'resend',
  docs: 'https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests',
  evidence: 'documented',
})
