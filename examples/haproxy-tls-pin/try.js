import { execFile } from 'node:child_process'
import { commandLine } from './lines.js'

/**
 * Runs lines with curl and compares what comes.
 *
 * @param {import('./lines.js').Line[]} lines
 * @returns {Promise<boolean>} whether every line gave what it should
 */
export async function tryLines(lines) {
  let isRight = true
  for (const { title, args, status, says } of lines) {
    const { code, text } = await curl(args)
    const fits = code === status && (typeof says === 'string' ? text.includes(says) : says.test(text))
    isRight &&= fits
    console.log(
      `${fits ? 'ok    ' : 'WRONG '} ${title}: ${code === 0 ? 'no answer' : code}\n       ${commandLine(args)}\n       ${text.trim()}`,
    )
  }
  return isRight
}

/**
 * @param {string[]} args
 * @returns {Promise<{ code: number, text: string }>}
 */
function curl(args) {
  return new Promise((resolve) => {
    execFile('curl', ['-sS', '--max-time', '10', '-w', '\n%{http_code}', ...args], (_error, stdout, stderr) => {
      const end = stdout.lastIndexOf('\n')
      resolve({ code: Number(stdout.slice(end + 1)), text: stdout.slice(0, Math.max(end, 0)) || stderr })
    })
  })
}
