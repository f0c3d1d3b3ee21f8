/** The union of directories: `mount -t overlay`, and the one place where a cache of files can be bound. */
import { cachefilesDevice } from '../../fs/dev/cachefiles.ts'
import { MISC_MAJOR, MKDEV } from '../../fs/dev/chrdev.ts'
import { overlay as overlayType } from '../../fs/overlay/super.ts'
import { typeOf } from '../subsystem.ts'
import type { Subsystem } from '../subsystem.ts'

/** The number of /dev/cachefiles; no node is made for it. */
export const CACHEFILES_MINOR = 122

const setUpType = typeOf((machine) => overlayType(machine))

export const overlay: Subsystem = {
  name: 'overlay',
  setUp(...given) {
    setUpType(...given)
    const [machine] = given
    machine.registerChrdev(MKDEV(MISC_MAJOR, CACHEFILES_MINOR), cachefilesDevice(machine))
  },
}
