import { preset } from '../scheme.js'
import { standardWebhooks } from './standard-webhooks.js'

/** Polar webhooks: Standard Webhooks. Older secrets, `polar_whs_...`, are for polarLegacy. */
export const polar = preset({
  ...standardWebhooks,
  name: 'polar',
  docs: 'https://polar.sh/docs/integrate/webhooks/delivery',
  evidence: 'documented',
})
