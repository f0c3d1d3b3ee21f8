/** File operations of device nodes, FIFOs and sockets (init_special_inode, chrdev_open). */
import { S_IFCHR, S_IFIFO } from '@lsmkit/abi'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { noDevice } from '../state/vfs/no-device.ts'
import type { Machine } from '../machine.ts'
import { fileState } from '../state/vfs/state.ts'

export const specialFiles = (machine: Machine, fifo: FileOperations) => {
  /** finds the driver when the node is opened, not when it is made */
  const charDevice = fileOperations({
    open(inode, file) {
      const fops = machine.chrdev(inode.i_rdev)
      fileState(file).f_op = fops
      return fops.open === null ? 0 : fops.open(inode, file)
    },
  })

  /** The operations of a file type. Sockets cannot be opened by name; there are no block devices. */
  const special_fops = (type: number): FileOperations => {
    if (type === S_IFCHR) return charDevice
    return type === S_IFIFO ? fifo : noDevice
  }

  return { special_fops }
}
