/** A folder of the host as a file system: its root, and cached names that are checked with the host. */
import { ENOENT, EROFS, ESTALE, SB_I_NODEV, SB_RDONLY } from '@lsmkit/abi'
import type { Dentry, FsContext, Inode, SuperBlock } from '@lsmkit/core'
import { superOperations } from '../../state/vfs/driver.ts'
import type { FileSystem, SuperOperations } from '../../state/vfs/driver.ts'
import { LOOKUP_EXCL, LOOKUP_OPEN, LOOKUP_RCU } from '../../state/vfs/lookup-flags.ts'
import { hostOf, nodeOf } from './host-fs.ts'
import type { HostFs } from './host-fs.ts'
import { instantiate, refresh } from './host-inode.ts'
import { hostLabels } from './host-labels.ts'

/** HOSTFS_SUPER_MAGIC of User Mode Linux. */
const HOSTFS_SUPER_MAGIC = 0x00c0ffee
/** The first try of an open. */
const TRUSTING = LOOKUP_OPEN | LOOKUP_RCU

/**
 * A name that leads to something else by now is looked up again. A file that is about to be opened is not checked the
 * first time, because the open compares what it finds with what was found before.
 */
const d_revalidate = (own: HostFs, dentry: Dentry, flags: number): number => {
  const inode = dentry.d_inode
  if (inode === null) return 0
  const node = nodeOf(inode)
  if ((flags & (TRUSTING | LOOKUP_EXCL)) === TRUSTING && node.kind === 'file' && !node.trusted) {
    node.trusted = true
    return 1
  }
  node.trusted = false
  if (node.proof !== null && node.proof.watch !== null) own.refreshWatches()
  if (hostOf(inode).isUnchanged(node, own.known !== null && own.known === node.parent)) {
    own.noteKnown(node)
    return 1
  }
  // a walk begins without locks; any other look-up is about to change the name
  const isWalk = (flags & LOOKUP_RCU) !== 0 || node.kind === 'dir'
  const now = isWalk ? hostOf(inode).stat(node) : hostOf(inode).statQuickly(node)
  if (now === -ESTALE) return 0
  if (typeof now === 'number') return now === -ENOENT ? 0 : now
  refresh(inode, now)
  if (now.times !== null) own.noteAsked(node)
  return 1
}

const fill = (own: HostFs, sb: SuperBlock): Inode | number => {
  const { host } = own
  sb.s_magic = HOSTFS_SUPER_MAGIC
  sb.s_maxbytes = Number.MAX_SAFE_INTEGER
  if (own.writable === null) sb.s_flags |= SB_RDONLY
  sb.s_iflags |= SB_I_NODEV
  const rc = host.use()
  if (rc !== 0) return rc
  const stat = host.stat(host.root)
  const root = typeof stat === 'number' ? stat : instantiate(own, sb, host.root, stat)
  if (typeof root === 'number') host.leave()
  return root
}

const statfs: SuperOperations['statfs'] = (_dentry, buf) => {
  buf.f_type = HOSTFS_SUPER_MAGIC
  return 0
}

/** A remount cannot make a read-only folder writable. */
const reconfigure = ({ writable }: HostFs, { sb_flags, sb_flags_mask }: FsContext): number =>
  writable === null && (sb_flags_mask & SB_RDONLY) !== 0 && (sb_flags & SB_RDONLY) === 0 ? -EROFS : 0

export const hostType = (own: HostFs, name: string): FileSystem => {
  const s_op = superOperations({
    statfs,
    put_super: () => own.host.leave(),
    // called for every cached name: a closure is quicker than a bound function
    d_revalidate: (dentry, flags) => d_revalidate(own, dentry, flags),
  })
  const s_xattr = own.labels === null ? [] : hostLabels(own, own.labels)
  return {
    name,
    fs_flags: 0,
    parse_param: null,
    get_tree: (fc) => own.machine.vfs.get_tree_nodev(fc, s_op, s_xattr, own.host, (sb) => fill(own, sb)),
    reconfigure: (fc) => reconfigure(own, fc),
  }
}
