/** Errors of `node:fs` as numbers. */
import { EIO, errnoByName } from '@lsmkit/abi'

/** The errno of a host error, negative; -EIO for one the kernel does not know. */
export const rcOf = (error: unknown): number => {
  const { code } = error as { code?: unknown }
  return -((typeof code === 'string' ? errnoByName(code) : undefined) ?? EIO)
}
