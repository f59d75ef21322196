import { preset } from '../scheme.js'
import { draftCavage } from './draft-cavage.js'

/** The same draft in the Signature field, with (created) and (expires) in place of Date. */
export const draftCavageSignatureHeader = preset({
  ...draftCavage,
  name: 'draft-cavage-signature-header',
  params: { ...draftCavage.params, expiresSeconds: '' },
  signature: {
    header: 'signature',
    members: ',',
    format: 'keyId="{keyId}",algorithm="{algorithm?}",created={timestamp},expires={expires?},headers="{signed?}",signature="{signature}"',
    encoding: 'base64',
  },
  timestamp: { unit: 'seconds', toleranceSeconds: 300 },
  fields: {
    ...draftCavage.fields,
    expires: { unit: 'seconds', param: 'expiresSeconds' },
    signed: {
      names: ' ',
      default: '(created)',
      sign: ['(request-target)', '(created)', '(expires)?', 'host', 'digest'],
      mustInclude: ['(request-target)', '(created)', '(expires)?', 'digest'],
    },
  },
  message: {
    each: 'headers',
    names: '{signed}',
    repeated: ', ',
    item: '{name}: {value|trim}',
    join: '\n',
    named: {
      '(request-target)': '{name}: {method|lower} {target}',
      '(created)': '{name}: {timestamp}',
      '(expires)': '{name}: {expires}',
    },
  },
})
