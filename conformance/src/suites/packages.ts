/** Policy packages as distributions ship them, and the programs of the machine that read them. */
import { spawnSync } from 'node:child_process'
import { UsageError } from '../suite.ts'

const MOST = 2 ** 28

/** Runs a program on the input. Throws UsageError where it cannot be run. */
export const runProgram = (program: string, args: readonly string[], input: Uint8Array): Buffer => {
  const { status, stdout, error } = spawnSync(program, args, { input, maxBuffer: MOST })
  if (status !== 0) throw new UsageError(`\`${program}\` cannot be run: ${error?.message ?? `it ended with ${status}`}`)
  return stdout
}

/** A `.pp.bz2` without its packing. */
export const unpackedPackage = (name: string, bytes: Uint8Array): Uint8Array =>
  name.endsWith('.bz2') ? runProgram('bunzip2', ['-c'], bytes) : bytes
