export { type FromPassportOptions, fromPassport, type PassportClient } from './passport/from.js'
export { type PassportFields, passportMessage, soleField } from './passport/request.js'
export { type PassportActions, type PassportStrategy, type ToPassportOptions, toPassport } from './passport/to.js'
export { runVerify, type Verified, type VerifyRun } from './passport/verify.js'
