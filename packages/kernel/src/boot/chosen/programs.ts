/** `@lsmkit/kernel/subsystems/programs`: those that programs of WASI and POSIX can reach. */
import type { Subsystem } from '../subsystem.ts'
import { devpts } from './devpts.ts'
import { inotify } from './inotify.ts'
import { net } from './net.ts'
import { proc } from './proc.ts'

export const programSubsystems: readonly Subsystem[] = [devpts, inotify, net, proc]
