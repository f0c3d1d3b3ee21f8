/** A function of the host or the embedder that fails ends the component that has called it. */
import { SIGILL } from '@lsmkit/abi'
import { killed } from '../exit.ts'
import type { Process } from '../process.ts'

export const importFailed = (process: Process, name: string, error: unknown): never => {
  const text = error instanceof Error ? error.message : String(error)
  return process.stop(killed(SIGILL, `the import \`${name}\` has failed: ${text}`))
}
