/** Files that the kernel reads for itself: modules, firmware, kernels to boot (fs/kernel_read_file.c). */
import { EBADF, EFBIG, EINVAL, EIO, ENOMEM, FMODE_READ, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { File, AnyKeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { allow_write_access, deny_write_access } from '../vfs/file.ts'

export const kernelReads = (lsm: AnyKeyMap, machine: Machine) => {
  /** No other call can write to it meanwhile. */
  const readAll = (file: File, id: number, max: number): Uint8Array | number => {
    const { i_size } = file.f_inode
    if (i_size <= 0) return -EINVAL
    if (i_size > max) return -EFBIG
    let rc = lsm.kernel_read_file.ask(file, id, true)
    if (rc !== 0) return rc
    if (!machine.account.hasRoom(i_size)) return -ENOMEM
    const buf = new Uint8Array(i_size)
    let pos = 0
    for (;;) {
      const bytes = machine.vfs.vfs_read(file, buf, pos, i_size - pos, pos)
      if (bytes < 0) return bytes
      if (bytes === 0) break
      pos += bytes
    }
    if (pos !== i_size) return -EIO
    rc = lsm.kernel_post_read_file.ask(file, buf, i_size, id)
    return rc !== 0 ? rc : buf
  }

  /** The whole file of at most `max` bytes, or -errno; `id` is READING_*. */
  const kernel_read_file = (file: File, id: number, max = Infinity): Uint8Array | number => {
    if ((file.f_inode.i_mode & S_IFMT) !== S_IFREG) return -EINVAL
    const rc = deny_write_access(file.f_inode)
    if (rc !== 0) return rc
    const contents = readAll(file, id, max)
    allow_write_access(file.f_inode)
    return contents
  }

  const kernel_read_file_from_fd = (fd: number, id: number): Uint8Array | number => {
    const file = fget(machine.current.task, fd)
    return file === null || (file.f_mode & FMODE_READ) === 0 ? -EBADF : kernel_read_file(file, id)
  }

  return { kernel_read_file, kernel_read_file_from_fd }
}
