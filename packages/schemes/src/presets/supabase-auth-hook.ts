import { preset } from '../scheme.js'
import { standardWebhooks } from './standard-webhooks.js'

/** Supabase auth hooks: Standard Webhooks; the secret is shown as `v1,whsec_...`. */
export const supabaseAuthHook = preset({
  ...standardWebhooks,
  name: 'supabase-auth-hook',
  docs: 'https://supabase.com/docs/guides/auth/auth-hooks',
  evidence: 'documented',
  key: '{secret|unprefix:v1,|unprefix:whsec_|fromBase64}',
})
