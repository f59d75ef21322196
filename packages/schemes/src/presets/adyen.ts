import { preset } from '../scheme.js'

/** Adyen payment webhooks: each item is signed for itself, eight of its values; all items must hold. */
export const adyen = preset({
  name: 'adyen',
  docs: 'https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures',
  evidence: 'sdk',
  key: '{secret|fromHex}',
  scope: { json: '/notificationItems/*/NotificationRequestItem', hold: 'all' },
  signature: { item: '/additionalData/hmacSignature', encoding: 'base64' },
  message:
    '{item:/pspReference?}:{item:/originalReference?}:{item:/merchantAccountCode?}:{item:/merchantReference?}:' +
    '{item:/amount/value?}:{item:/amount/currency?}:{item:/eventCode?}:{item:/success?}',
  ambiguous: 'a ":" inside a value is not escaped',
})
