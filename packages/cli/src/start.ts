/** The start of `lsm`: a plain line of `lsm run` is run straight away, any other by the table of all commands. */
import { complain } from './complain.ts'
import type { Io } from './io.ts'
import type { RunOptions } from './commands/run.ts'
import { plainLine } from './plain-line.ts'
import { runRows } from './run/world-rows.ts'
import { safeOutput } from './safe-output.ts'

/** Runs one command line (without `node lsm`) and answers the exit code. Never throws for what a person typed. */
export const runLsm = async (given: Io, args: readonly string[]): Promise<number> => {
  const io = safeOutput(given)
  const plain = args[0] === 'run' ? plainLine(runRows(), args.slice(1)) : null
  if (plain === null) return (await import('./program.ts')).runProgram(io, args)
  const { operand, rest, options } = plain
  try {
    const { runCommand } = await import('./commands/run.ts')
    return await runCommand(io, operand, rest, options as unknown as RunOptions)
  } catch (error) {
    return complain(io, error)
  }
}
