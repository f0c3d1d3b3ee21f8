/** Device nodes, FIFOs and sockets by name: what opening them leads to (init_special_inode, chrdev_open). */
import { S_IFCHR, S_IFIFO } from '@lsmkit/abi'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { noDevice } from '../state/vfs/no-device.ts'
import type { Machine } from '../machine.ts'
import { fileState } from '../state/vfs/state.ts'

export const specialFiles = (machine: Machine, fifo: FileOperations) => {
  /** The driver is looked for when the node is opened, not when it is made. */
  const charDevice = fileOperations({
    open(inode, file) {
      const fops = machine.chrdev(inode.i_rdev)
      fileState(file).f_op = fops
      return fops.open === null ? 0 : fops.open(inode, file)
    },
  })

  /** By file type. A socket has no open by name; there are no block devices. */
  const special_fops = (type: number): FileOperations => {
    if (type === S_IFCHR) return charDevice
    return type === S_IFIFO ? fifo : noDevice
  }

  return { special_fops }
}
