import { preset } from '../scheme.js'
import { draftCavage } from './draft-cavage.js'

/** The same draft in the Signature field, with Date. */
export const draftCavageSignatureDate = preset({
  ...draftCavage,
  name: 'draft-cavage-signature-date',
  signature: {
    header: 'signature',
    members: ',',
    format: 'keyId="{keyId}",algorithm="{algorithm?}",headers="{signed?}",signature="{signature}"',
    encoding: 'base64',
  },
})
