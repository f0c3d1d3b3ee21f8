/** A terminal of the host's as one of the kernel's. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { openTerminal, ProgramError } from '@lsmkit/wasi'
import type { Terminal } from '@lsmkit/wasi'
import { CommandError } from '../command-error.ts'
import type { HostTerminal } from '../io.ts'

/**
 * Makes `task` the leader of a session with the terminal as its descriptors 0, 1 and 2. Typed input goes to the
 * kernel's line discipline, echo and signals included, and output goes to `write`, at most `output` bytes. The answer
 * lets go of it.
 */
export const giveTerminal = (
  kernel: Kernel, task: Task, uid: number, host: HostTerminal, write: (bytes: Uint8Array) => void, output = Infinity,
): (() => void) => {
  let terminal: Terminal
  try {
    terminal = openTerminal(kernel, task, { uid, size: host.size(), write, output })
  } catch (error) {
    throw error instanceof ProgramError ? new CommandError('badInput', error.message) : error
  }
  host.begin((bytes) => void terminal.type(bytes), () => {
    const { rows, columns } = host.size()
    terminal.resize(rows, columns)
  })
  return () => {
    void terminal.close()
    host.end()
  }
}
