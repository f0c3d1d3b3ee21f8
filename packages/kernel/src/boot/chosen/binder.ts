/** Binder: the driver of its character device, MKDEV(MISC_MAJOR, BINDER_MINOR). No node is made for it. */
import { BINDER_MINOR } from '@lsmkit/abi'
import { MISC_MAJOR, MKDEV } from '../../fs/dev/chrdev.ts'
import { binderDevice } from '../../fs/dev/binder/binder-device.ts'
import type { Subsystem } from '../subsystem.ts'

export const binder: Subsystem = {
  name: 'binder',
  setUp: (machine) => machine.registerChrdev(MKDEV(MISC_MAJOR, BINDER_MINOR), binderDevice(machine)),
}
