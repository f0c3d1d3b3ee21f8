/** Link counts of files with an entry in the index, around a change of one of their names (fs/overlayfs/util.c). */
import { ENOENT } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import { hasUpperAlias, isDirDentry, isDirMode, lowerOf, ovlFs, OVL_INDEX, testInodeFlag, upperOf } from './node.ts'
import type { Machine } from '../../machine.ts'
import { copyUpFor } from './copy-up.ts'
import { wantWrite, asMounter, lookupUpper, cleanupReal } from './real.ts'
import { setNlink, indexName } from './index-dir.ts'
import { cleanupAndWhiteout } from './whiteout.ts'
import { needsIndex } from './copy-up-place.ts'

/** Before: the count is written down relative to that of the upper file, which will change with it. */
export const nlinkStart = (machine: Machine, dentry: Dentry): number => {
  const inode = dentry.d_inode
  if (inode === null) return -ENOENT
  if (needsIndex(dentry) && !hasUpperAlias(dentry)) {
    const rc = copyUpFor(machine, dentry)
    if (rc !== 0) return rc
  }
  const rc = wantWrite(dentry.d_sb)
  if (rc !== 0 || isDirDentry(dentry) || !testInodeFlag(inode, OVL_INDEX)) return rc
  const upper = upperOf(dentry) as Dentry
  return asMounter(machine, dentry.d_sb, () => setNlink(machine, ovlFs(dentry.d_sb), inode, upper, upper, 'U'))
}

/** The last name is gone: so is the entry, or it becomes a whiteout that keeps old handles from being opened. */
const cleanupIndexOf = (machine: Machine, dentry: Dentry): void => {
  const ofs = ovlFs(dentry.d_sb)
  const indexdir = ofs.indexdir as Dentry
  const upper = upperOf(dentry) as Dentry
  const inode = upper.d_inode as Inode
  const name = indexName(ofs, lowerOf(dentry) as Dentry)
  if (typeof name === 'number' || wantWrite(dentry.d_sb) !== 0) return
  if (!isDirMode(inode.i_mode) && inode.i_nlink !== 1) {
    const own = dentry.d_inode as Inode
    own.i_nlink = inode.i_nlink - 1
    setNlink(machine, ofs, own, upper, upper, 'U')
    return
  }
  const index = lookupUpper(machine, ofs, name, indexdir)
  if (typeof index === 'number') return
  if (ofs.indexAll) cleanupAndWhiteout(machine, ofs, indexdir, index)
  else cleanupReal(machine, ofs, indexdir, index)
}

export const nlinkEnd = (machine: Machine, dentry: Dentry): void => {
  const inode = dentry.d_inode as Inode
  if (testInodeFlag(inode, OVL_INDEX) && inode.i_nlink === 0) {
    asMounter(machine, dentry.d_sb, () => cleanupIndexOf(machine, dentry))
  }
}
