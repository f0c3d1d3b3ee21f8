/** /proc: processes, and files about the machine. */
import { procType } from '../../fs/proc/root.ts'
import { typeOf } from '../subsystem.ts'
import type { Subsystem } from '../subsystem.ts'

export const proc: Subsystem = { name: 'proc', setUp: typeOf(procType) }
