import type { CommandSpec } from './command-spec.js'
import { catalogueCommands, clientCommands, networkCommands, shellCommands, signingCommands } from './tree/index.js'

/** Every command, in the order of the help. */
export const commandTree: readonly CommandSpec[] = [
  ...signingCommands,
  ...catalogueCommands,
  ...clientCommands,
  ...networkCommands,
  ...shellCommands,
]
