/**
 * Prints an attempt: what was sent, what was signed, what came of it. Credentials are cut by the interceptor.
 *
 * @param {import('@countersign/axios-auth').TraceEntry} entry
 */
export function showWire({ kinds, attempt, method, url, headers, bodyBytes, signed, status, code }) {
  const lines = [`${kinds.join('+')}, attempt ${attempt}: ${method} ${url}`]
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  lines.push(`(${bodyBytes} octets of body)`)
  for (const message of signed) lines.push(`signed: ${JSON.stringify(String(message))}`)
  lines.push(`-> ${status ?? code}`)
  console.log(lines.map((line, i) => (i === 0 ? `wire ${line}` : `       ${line}`)).join('\n'))
}
