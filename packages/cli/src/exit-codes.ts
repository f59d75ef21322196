/** The exit codes of the command. */
export const exitCodes = Object.freeze({
  /** The signature is valid, or the command succeeded. */
  success: 0,
  /** The signature is not valid, or the change was refused. */
  negative: 1,
  /** The command line or an input is wrong. */
  usage: 2,
  /** Something could not be reached: a file, the network, a store, or a package that is not installed. */
  outOfReach: 3,
  /** A bug in countersign. */
  defect: 4,
  /** Ctrl-C at a prompt, as shells have it. */
  interrupted: 130,
} as const)

/** One of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the command with a message that holds no secret, and an exit code. */
export class CommandError extends Error {
  readonly exitCode: ExitCode
  /** Stable across versions, for `--json`. */
  readonly code: string

  constructor(exitCode: ExitCode, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.exitCode = exitCode
    this.code = code
  }
}

/** The command line, or something that it names, is not what it has to be. */
export function usageError(message: string, options?: ErrorOptions): CommandError {
  return new CommandError(exitCodes.usage, 'ERR_CLI_USAGE', message, options)
}

/** Something could not be reached or read. */
export function outOfReach(message: string, options?: ErrorOptions): CommandError {
  return new CommandError(exitCodes.outOfReach, 'ERR_CLI_OUT_OF_REACH', message, options)
}
