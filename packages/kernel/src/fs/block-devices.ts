/** Block devices under mounts, as the host declares them: name, number, read-only or not, verity root. */
import { LSM_INT_DMVERITY_ROOTHASH } from '@lsmkit/abi'
import type { BlockDevice, AnyKeyMap, SuperBlock } from '@lsmkit/core'
import type { BlockDevices, BootDevice } from '../interfaces/fs.ts'
import { MKDEV } from './dev/chrdev.ts'

/** Block devices without a major number of their own (blkext). */
const EXTENDED_MAJOR = 259

export const blockDevices = (lsm: AnyKeyMap): BlockDevices => {
  const roots = new WeakMap<BlockDevice, Uint8Array>()
  let last = -1

  /** 0, or -errno of an LSM that refuses the device. */
  const add = (sb: SuperBlock, { name, rdev, readOnly = false, verityRoot }: BootDevice): number => {
    const bdev: BlockDevice = {
      bd_dev: rdev ?? MKDEV(EXTENDED_MAJOR, ++last), bd_disk: name, bd_read_only: readOnly, security: null,
    }
    let rc = lsm.bdev_alloc_security.ask(bdev)
    if (rc !== 0) return rc
    if (verityRoot !== undefined) {
      roots.set(bdev, verityRoot)
      rc = lsm.bdev_setintegrity.ask(bdev, LSM_INT_DMVERITY_ROOTHASH, verityRoot, verityRoot.length)
      if (rc !== 0) {
        lsm.bdev_free_security.tell(bdev)
        return rc
      }
    }
    sb.s_bdev = bdev
    sb.s_dev = bdev.bd_dev
    sb.s_id = name
    return 0
  }

  /** Null for a device without dm-verity. */
  const verityRoot = (bdev: BlockDevice): Uint8Array | null => roots.get(bdev) ?? null

  return { add, verityRoot }
}
