/** Parts of definitions, each with what a test puts into it. */
export const sig = (more) => ({ signature: { header: 'x', ...more } })
export const time = { header: 't', unit: 'seconds' }
export const dated = (more) => ({ timestamp: { ...time, ...more }, message: '{timestamp}.{body}' })
export const field = (more, message = '{f}\n{body}') => ({ fields: { f: { header: 'f', ...more } }, message })
export const list = (more) => ({ message: { each: 'query', item: '{name}={value}', join: '&', ...more }, allowUnboundBody: 'x' })
export const heads = (more, fields) => ({
  define: { l: { each: 'headers', names: '{s}', item: '{name}:{value}\n', join: '', ...more } },
  fields: { s: { header: 's', names: ' ', mustInclude: ['host'] }, ...fields },
  message: '{l}\n{body}',
})
export const branch = (when) => ({ message: { choose: [{ when, use: 'a{body}' }, { use: 'b{body}' }] } })
