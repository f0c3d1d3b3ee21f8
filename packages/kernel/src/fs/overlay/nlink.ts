/** Link counts of files with an entry in the index, around a change of one of their names (fs/overlayfs/util.c). */
import { ENOENT } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import type { CopyUps } from './copy-up.ts'
import type { IndexDirectory } from './index-dir.ts'
import { hasUpperAlias, isDirDentry, isDirMode, lowerOf, ovlFs, OVL_INDEX, testInodeFlag, upperOf } from './node.ts'
import type { RealOperations } from './real.ts'
import type { Whiteouts } from './whiteout.ts'

export const linkCounts = (
  { asMounter, lookupUpper, cleanup, wantWrite }: RealOperations,
  { indexName, setNlink }: IndexDirectory,
  { needsIndex, copyUpFor }: CopyUps,
  { cleanupAndWhiteout }: Whiteouts,
) => {
  /** Before: the count is written down relative to that of the upper file, which will change with it. */
  const nlinkStart = (dentry: Dentry): number => {
    const inode = dentry.d_inode
    if (inode === null) return -ENOENT
    if (needsIndex(dentry) && !hasUpperAlias(dentry)) {
      const rc = copyUpFor(dentry)
      if (rc !== 0) return rc
    }
    const rc = wantWrite(dentry.d_sb)
    if (rc !== 0 || isDirDentry(dentry) || !testInodeFlag(inode, OVL_INDEX)) return rc
    const upper = upperOf(dentry) as Dentry
    return asMounter(dentry.d_sb, () => setNlink(ovlFs(dentry.d_sb), inode, upper, upper, 'U'))
  }

  /** The last name is gone: so is the entry, or it becomes a whiteout that keeps old handles from being opened. */
  const cleanupIndexOf = (dentry: Dentry): void => {
    const ofs = ovlFs(dentry.d_sb)
    const indexdir = ofs.indexdir as Dentry
    const upper = upperOf(dentry) as Dentry
    const inode = upper.d_inode as Inode
    const name = indexName(ofs, lowerOf(dentry) as Dentry)
    if (typeof name === 'number' || wantWrite(dentry.d_sb) !== 0) return
    if (!isDirMode(inode.i_mode) && inode.i_nlink !== 1) {
      const own = dentry.d_inode as Inode
      own.i_nlink = inode.i_nlink - 1
      setNlink(ofs, own, upper, upper, 'U')
      return
    }
    const index = lookupUpper(ofs, name, indexdir)
    if (typeof index === 'number') return
    if (ofs.indexAll) cleanupAndWhiteout(ofs, indexdir, index)
    else cleanup(ofs, indexdir, index)
  }

  const nlinkEnd = (dentry: Dentry): void => {
    const inode = dentry.d_inode as Inode
    if (testInodeFlag(inode, OVL_INDEX) && inode.i_nlink === 0) {
      asMounter(dentry.d_sb, () => cleanupIndexOf(dentry))
    }
  }

  return { nlinkStart, nlinkEnd }
}
export type LinkCounts = ReturnType<typeof linkCounts>
