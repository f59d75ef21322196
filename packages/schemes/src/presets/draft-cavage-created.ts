import { preset } from '../scheme.js'
import { draftCavageSignatureHeader } from './draft-cavage-signature-header.js'

/** The same draft in Authorization, with (created) and (expires) in place of Date. */
export const draftCavageCreated = preset({
  ...draftCavageSignatureHeader,
  name: 'draft-cavage-created',
  signature: {
    authorization: 'Signature',
    members: ',',
    format: 'keyId="{keyId}",algorithm="{algorithm?}",created={timestamp},expires={expires?},headers="{signed?}",signature="{signature}"',
    encoding: 'base64',
  },
})
