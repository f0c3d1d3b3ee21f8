/** Firmware that a driver asks for by name, a host's own too (drivers/base/firmware_loader). */
import { AT_FDCWD, EINVAL, ENAMETOOLONG, ENOENT, O_RDONLY, PATH_MAX, READING_FIRMWARE } from '@lsmkit/abi'
import type { AnyKeyMap } from '@lsmkit/core'
import type { FirmwareLoader } from '../interfaces/exec.ts'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import { LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { kernelReads } from './kernel-read.ts'

export const firmwareLoader = (lsm: AnyKeyMap, machine: Machine): FirmwareLoader => {
  const { vfs, current } = machine
  const { kernel_read_file } = kernelReads(lsm, machine)

  const readFrom = (path: string): Uint8Array | number => {
    const at = vfs.user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW)
    if (typeof at === 'number') return at
    const file = vfs.dentry_open(at, O_RDONLY, current.task.cred)
    if (typeof file === 'number') return file
    const contents = kernel_read_file(file, READING_FIRMWARE)
    vfs.fput_sync(file)
    return contents
  }

  /** Runs a step with the root directory and the credentials of the kernel itself. */
  const asKernel = <T>(run: () => T): T => {
    const caller = current.task
    current.task = machine.idle
    try {
      return run()
    } finally {
      current.task = caller
    }
  }

  /**
   * As `request_firmware`: the bytes, or the last -errno. Four places are searched: below /lib/firmware/updates and
   * /lib/firmware, first in the directory of this release.
   */
  const request_firmware = (name: string): Uint8Array | number => asKernel(() => {
    if (name === '' || name.split('/').includes('..')) return -EINVAL
    const { release } = threadOf(current.task).nsproxy.uts_ns
    let rc = -ENOENT
    for (const dir of [`/updates/${release}`, '/updates', `/${release}`, '']) {
      const path = `/lib/firmware${dir}/${name}`
      if (path.length >= PATH_MAX) return -ENAMETOOLONG
      const contents = readFrom(path)
      if (typeof contents !== 'number') return contents
      rc = contents
    }
    return rc
  })

  return { request_firmware }
}
