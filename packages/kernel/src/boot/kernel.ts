/** `bootKernel` of the main entry: a kernel with all subsystems. */
import { bootWith } from './boot-with.ts'
import type { BootOptions, Kernel } from './boot-with.ts'
import { everySubsystem } from './chosen/every.ts'

export type { BootOptions, Kernel } from './boot-with.ts'

/**
 * Throws OptionError for a bad option, BootError when an LSM refuses what the kernel itself needs. Several kernels may
 * live in one process.
 */
export const bootKernel = (options: BootOptions): Kernel => bootWith(everySubsystem, options)
