/** Pseudo terminals: `mount -t devpts`. */
import { devpts as devptsType } from '../../fs/devpts/devpts.ts'
import { typeOf } from '../subsystem.ts'
import type { Subsystem } from '../subsystem.ts'

export const devpts: Subsystem = { name: 'devpts', setUp: typeOf(devptsType) }
