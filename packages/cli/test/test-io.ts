/** For tests: an Io that keeps what is written. */
import pc from 'picocolors'
import type { HostTerminal, Io } from '../src/io.ts'
import { runLsm } from '../src/start.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A terminal that types nothing by itself. */
const seat: HostTerminal = { size: () => ({ rows: 24, columns: 80 }), begin: () => {}, end: () => {} }

/** Runs one command line; `stdin` is all there is to read, `cwd` where relative paths start. */
export const lsm = async (
  args: readonly string[], { stdin = '', cwd = import.meta.dirname, isTerminal = false } = {},
): Promise<Ran> => {
  let stdout = ''
  let stderr = ''
  let rest = new TextEncoder().encode(stdin)
  const io: Io = {
    print: (line) => void (stdout += `${line}\n`),
    note: (line) => void (stderr += `${line}\n`),
    stdout: (bytes) => void (stdout += new TextDecoder().decode(bytes)),
    stderr: (bytes) => void (stderr += new TextDecoder().decode(bytes)),
    stdin(buffer) {
      const part = rest.subarray(0, buffer.length)
      buffer.set(part)
      rest = rest.subarray(part.length)
      return part.length
    },
    terminal: () => (isTerminal ? seat : null),
    cwd,
    colors: pc.createColors(false),
  }
  const code = await runLsm(io, args)
  return { code, stdout, stderr }
}
