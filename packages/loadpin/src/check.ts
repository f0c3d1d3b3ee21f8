/** The question: may the kernel load this file, or these bytes that come from none? */
import { EPERM, hexText, kernelReadFileName } from '@lsmkit/abi'
import type { BlockDevice, File, HookGroup, SuperBlock } from '@lsmkit/core'
import { reportLoad } from './report.ts'
import { GONE } from './state.ts'
import type { LoadPin } from './state.ts'

/** As `sb_is_writable`; what lies on no block device counts as writable. */
const isWritable = ({ s_bdev }: SuperBlock): boolean => s_bdev === null || !s_bdev.bd_read_only

/** As `report_writable`. */
const reportWritable = ({ printk }: LoadPin, { s_bdev }: SuperBlock, writable: boolean): void => {
  if (s_bdev === null) {
    printk('LoadPin: mnt_sb lacks block device, treating as: writable')
  } else {
    const number = `${s_bdev.bd_dev >>> 20}:${s_bdev.bd_dev & 0xfffff}`
    printk(`LoadPin: ${s_bdev.bd_disk} (${number}): ${writable ? 'writable' : 'read-only'}`)
  }
  if (!writable) printk('LoadPin: load pinning engaged.')
}

/** As `dm_verity_loadpin_is_bdev_trusted`: it is a dm-verity device, and its root digest is on the list. */
const isTrusted = ({ ctx, trusted }: LoadPin, bdev: BlockDevice | null): boolean => {
  if (trusted.size === 0 || bdev === null) return false
  const digest = ctx.host.dm_verity_root_digest!(bdev)
  return digest !== null && trusted.has(hexText(digest))
}

/** The first file says where all others have to come from. */
const pin = (loadpin: LoadPin, id: number, file: File, sb: SuperBlock): void => {
  const writable = isWritable(sb)
  loadpin.pinned = sb
  loadpin.mayRelax = writable
  reportWritable(loadpin, sb, writable)
  reportLoad(loadpin, id, file, 'pinned')
}

/** As `loadpin_check`. `file` is null for bytes that a program has handed over. */
const check = (loadpin: LoadPin, id: number, file: File | null): number => {
  if (loadpin.excluded.has(id)) {
    reportLoad(loadpin, id, file, 'pinning-excluded')
    return 0
  }
  if (file === null) return refuse(loadpin, id, file, 'old-api-denied', 'old-api-pinning-ignored')
  const sb = file.f_path.mnt.mnt_sb
  if (loadpin.pinned === null) pin(loadpin, id, file, sb)
  if (loadpin.pinned === sb || (loadpin.pinned !== GONE && isTrusted(loadpin, sb.s_bdev))) return 0
  return refuse(loadpin, id, file, 'denied', 'pinning-ignored')
}

/** Says no where pinning is enforced, and only says it otherwise. */
const refuse = (
  loadpin: LoadPin, id: number, file: File | null, denied: 'denied' | 'old-api-denied',
  ignored: 'pinning-ignored' | 'old-api-pinning-ignored',
): number => {
  if (loadpin.enforce === 0) {
    reportLoad(loadpin, id, file, ignored)
    return 0
  }
  return loadpin.ctx.audit.deny(-EPERM, reportLoad(loadpin, id, file, denied), { kind: kernelReadFileName(id) })
}

export const loadHooks = (loadpin: LoadPin): HookGroup => ({
  kernel_read_file: (file, id) => check(loadpin, id, file),
  kernel_load_data: (id) => check(loadpin, id, null),

  /** With the pinned file system goes what may be loaded, unless nothing is enforced: then the next file pins anew. */
  sb_free_security(sb) {
    if (loadpin.pinned !== sb) return
    loadpin.pinned = loadpin.enforce === 0 ? null : GONE
    if (loadpin.enforce !== 0) loadpin.printk('LoadPin: umount pinned fs: refusing further loads')
  },
})
