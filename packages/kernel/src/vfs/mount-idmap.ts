/** Mounts with an id mapping: which user namespaces may give it, and which mounts may get it. */
import { CAP_SYS_ADMIN, CLONE_NEWUSER, EBADF, EINVAL, EPERM, FS_ALLOW_IDMAP, MOUNT_ATTR_IDMAP } from '@lsmkit/abi'
import { nop_mnt_idmap, ns_capable } from '@lsmkit/core'
import type { MntIdmap, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import type { Mount } from '../state/vfs/mount.ts'

/** A requested mapping, and its user namespace. */
export interface WantedIdmap {
  readonly ns: UserNamespace
  readonly idmap: MntIdmap
}

/**
 * As `build_mount_idmapped`: the namespace of `userns_fd`, null if no mapping is requested, or -errno. A mapping cannot
 * be cleared, and the mapping of the initial namespace is refused: it maps nothing.
 */
export const idmapNamespace = (
  machine: Machine, attr_set: number, attr_clr: number, userns_fd: number,
): UserNamespace | null | number => {
  if ((attr_clr & MOUNT_ATTR_IDMAP) !== 0) return -EINVAL
  if ((attr_set & MOUNT_ATTR_IDMAP) === 0) return null
  if (userns_fd < 0 || userns_fd > 0x7fffffff) return -EINVAL
  const file = fget(machine.current.task, userns_fd)
  if (file === null) return -EBADF
  const ref = machine.nsfs.namespaceOf(file)
  if (ref === null || ref.flag !== CLONE_NEWUSER) return -EINVAL
  const ns = ref.ns as UserNamespace
  return ns === machine.init_user_ns || !ns_capable(machine.lsm, machine.current, ns, CAP_SYS_ADMIN) ? -EPERM : ns
}

/** As `alloc_mnt_idmap`: -EINVAL while a map of the namespace has not been written. */
export const alloc_mnt_idmap = (ns: UserNamespace): WantedIdmap | number =>
  ns.uid_map.length === 0 || ns.gid_map.length === 0
    ? -EINVAL
    : { ns, idmap: { uid_map: ns.uid_map, gid_map: ns.gid_map } }

/**
 * As `can_idmap_mount`: 0 or -errno. A mount may get one mapping, before it is attached, if its type supports mappings
 * and the caller is privileged over the file system.
 */
export const can_idmap_mount = (machine: Machine, mount: Mount, wanted: WantedIdmap): number => {
  const { s_user_ns, s_type } = mount.mnt_sb
  if (wanted.ns === s_user_ns) return -EINVAL
  if (mount.mnt_idmap !== nop_mnt_idmap) return -EPERM
  if ((s_type.fs_flags & FS_ALLOW_IDMAP) === 0) return -EINVAL
  if (!ns_capable(machine.lsm, machine.current, s_user_ns, CAP_SYS_ADMIN)) return -EPERM
  return mount.mnt_ns === null || !mount.mnt_ns.isAnonymous ? -EINVAL : 0
}
