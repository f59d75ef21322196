import { StringDecoder } from 'node:string_decoder'
import type { ReadStream } from 'node:tty'
import { CommandError, exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

const MOST_CHARACTERS = 65_536

/**
 * Asks for a secret at the keyboard; what is typed is not shown.
 *
 * @throws CommandError 130 after Ctrl-C or at the end of the input
 */
export async function promptHidden(terminal: Terminal, keyboard: ReadStream, question: string): Promise<string> {
  const { stderr } = terminal.streams
  const wasRaw = keyboard.isRaw
  keyboard.setRawMode(true)
  // Said only now: whoever waits for the question may answer at once, and nothing of that is echoed any more.
  stderr.write(`${question} (not shown): `)
  try {
    return await typedLine(keyboard)
  } finally {
    keyboard.setRawMode(wasRaw)
    keyboard.pause()
    stderr.write('\n')
  }
}

function typedLine(keyboard: ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8')
    const typed: string[] = []
    const end = (settle: () => void) => {
      keyboard.off('data', take)
      keyboard.off('end', interrupted)
      settle()
    }
    const interrupted = () => end(() => reject(new CommandError(exitCodes.interrupted, 'ERR_CLI_INTERRUPTED', 'interrupted')))
    const take = (octets: Buffer) => {
      for (const character of decoder.write(octets)) {
        if (character === '\r' || character === '\n') return end(() => resolve(typed.join('')))
        if (character === '\x03' || (character === '\x04' && typed.length === 0)) return interrupted()
        if (character === '\x7f' || character === '\b') typed.pop()
        else if (character === '\x15') typed.length = 0
        else if (character >= ' ' && typed.length < MOST_CHARACTERS) typed.push(character)
      }
    }
    keyboard.on('data', take)
    keyboard.once('end', interrupted)
    keyboard.resume()
  })
}
