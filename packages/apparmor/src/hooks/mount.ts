/** Mounts. */
import type { HookGroup, VfsMount } from '@lsmkit/core'
import { buildLabel } from '../exec/build-label.ts'
import { newest } from '../domain/label.ts'
import { mayMount, mayMoveMount, mayPivot, mayUmount } from '../mediate/mount.ts'
import { isOurMount } from '../path/path-name.ts'
import { currentLabel, replaceCurrent } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** What old programs put in front of flags. */
const MS_MGC_VAL = 0xc0ed0000
const MS_MGC_MSK = 0xffff0000
/** MS_NOSEC, MS_ACTIVE and MS_BORN. */
const IGNORED = 0x10000000 | 0x40000000 | 0x20000000

const flagsOf = (given: number): number => {
  const flags = (given & MS_MGC_MSK) >>> 0 === MS_MGC_VAL ? given & ~MS_MGC_MSK : given
  return (flags & ~IGNORED) >>> 0
}

export const mountHooks = (aa: Apparmor): HookGroup => ({
  sb_mount(device, path, type, flags, data) {
    const label = currentLabel(aa)
    return label.unconfined ? 0 : mayMount(aa, label, device, path, type, flagsOf(flags), data)
  },

  move_mount(from, to) {
    const label = currentLabel(aa)
    return label.unconfined ? 0 : mayMoveMount(aa, label, isOurMount(aa, from.mnt) ? from : null, to)
  },

  sb_umount(mnt: VfsMount) {
    const label = currentLabel(aa)
    return label.unconfined ? 0 : mayUmount(aa, label, { mnt, dentry: mnt.mnt_root })
  },

  /** A profile that lets it happen stays what it is. */
  sb_pivotroot(oldPath, newPath) {
    const label = currentLabel(aa)
    if (label.unconfined) return 0
    const next = buildLabel(label, (profile) => mayPivot(aa, profile, oldPath, newPath) || newest(profile.label))
    return typeof next === 'number' ? next : replaceCurrent(aa, next)
  },
})
