import { preset } from '../scheme.js'

/** Sentry integration webhooks. Sentry-Hook-Timestamp is not signed, so that nothing says how old a delivery is. */
export const sentry = preset({
  name: 'sentry',
  docs: 'https://docs.sentry.io/organization/integrations/integration-platform/webhooks/',
  evidence: 'documented',
  signature: { header: 'sentry-hook-signature', encoding: 'hex' },
  message: '{body}',
})
