/**
 * INVARIANT: a mount of a box stays where the policy has it. Linux lets anybody rename a directory above a mount, which
 * takes the mount along. Here that is EBUSY, as it is for the place of the mount itself. If the host takes a directory
 * of a copy-on-write folder away, a mount in it goes too, unless the overlay keeps the directory.
 */
import { EBUSY, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import type { Dentry, Link, Stack } from '@lsmkit/core'
import { threadOf } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'

const isDirectory = ({ d_inode }: Dentry): boolean => d_inode !== null && (d_inode.i_mode & S_IFMT) === S_IFDIR

/**
 * Whether a mount of the first namespace lies below the directory, in the same file system. Programs have those too;
 * the others of their namespaces are names of the policy, which stay with the directory.
 */
const leadsToMount = ({ machine: { mountTable }, init }: Kernel, directory: Dentry): boolean => {
  const { mnt_ns: first } = threadOf(init).nsproxy
  for (const [covered, mounts] of mountTable.covers) {
    if (covered.d_sb !== directory.d_sb || ![...mounts].some(({ mnt_ns }) => mnt_ns === first)) continue
    for (let at = covered; at.d_parent !== null && at.d_parent !== at; at = at.d_parent) {
      if (at === directory) return true
    }
  }
  return false
}

export const keepMountPoints = (stack: Pick<Stack, 'modifyReturn'>, kernel: Kernel): void => {
  const isHeld = (dentry: Dentry): boolean => isDirectory(dentry) && leadsToMount(kernel, dentry)
  const link: Link = stack.modifyReturn(
    'inode_rename', (_dir, from, _into, to) => (isHeld(from) || isHeld(to) ? -EBUSY : 0),
  )
  void link
  kernel.machine.overlayKeeps = isHeld
}
