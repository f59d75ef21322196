import type { Invocation } from '../command-spec.js'
import { type ExitCode, outOfReach } from '../exit-codes.js'

export async function run(_invocation: Invocation): Promise<ExitCode> {
  throw outOfReach('not there yet')
}
