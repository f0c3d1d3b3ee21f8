/** The union of directories: `mount -t overlay`. */
import { overlay as overlayType } from '../../fs/overlay/super.ts'
import { typeOf } from '../subsystem.ts'
import type { Subsystem } from '../subsystem.ts'

export const overlay: Subsystem = { name: 'overlay', setUp: typeOf((machine) => overlayType(machine)) }
