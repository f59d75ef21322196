// node --import ./test/support/axios-lowest.js: whoever imports axios gets the lowest version of the peer range.
import { register } from 'node:module'

register(
  `data:text/javascript,${encodeURIComponent("export const resolve = (name, context, next) => next(name === 'axios' ? 'axios1.18' : name, context)")}`,
  import.meta.url,
)
