/** All attempts to get out, in one list: their places in it are their names between processes. */
import { fileAttempts } from './attempts-files.ts'
import { kernelAttempts } from './attempts-kernel.ts'
import { memoryAttempts } from './attempts-memory.ts'
import { passingAttempts } from './attempts-passing.ts'
import { processAttempts } from './attempts-processes.ts'
import { unaskedAttempts } from './attempts-unasked.ts'
import { watchAttempts } from './attempts-watch.ts'
import type { Attempt } from './target.ts'

export const allAttempts: readonly Attempt[] = [
  ...fileAttempts, ...processAttempts, ...kernelAttempts, ...watchAttempts, ...memoryAttempts, ...passingAttempts,
  ...unaskedAttempts,
]
