/** Copying up: a file that is about to change gets its place in the upper layer (fs/overlayfs/copy_up.c). */
import { EROFS, O_WRONLY, S_IFMT } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import { bound } from '../../state/bound.ts'
import { SPECIAL, alreadyCopiedUp, copyUpOne, opensForWriting } from './copy-up-one.ts'
import type { CopyUpParts } from './copy-up-parts.ts'
import { needsIndex } from './copy-up-place.ts'
import { parentOf, upperOf } from './node.ts'

/** The topmost directory first; the way is short, since the root is always there. */
const copyUpFlags = (parts: CopyUpParts, dentry: Dentry, flags: number): number => {
  const rc = parts.lookups.verifyLowerdata(dentry)
  if (rc !== 0) return rc
  return parts.real.asMounter(dentry.d_sb, () => {
    while (!alreadyCopiedUp(dentry, flags)) {
      let next = dentry
      while (upperOf(parentOf(next)) === null) {
        if (next.d_parent === null) return -EROFS
        next = next.d_parent
      }
      const answer = copyUpOne(parts, parentOf(next), next, flags)
      if (answer !== 0) return answer
    }
    return 0
  })
}

/** Attributes only, where metacopy allows it. */
const copyUpFor = (parts: CopyUpParts, dentry: Dentry): number => copyUpFlags(parts, dentry, 0)

const copyUpWithData = (parts: CopyUpParts, dentry: Dentry): number => copyUpFlags(parts, dentry, O_WRONLY)

/** Before an open: what is only read stays where it is, and so does what is no file. */
const maybeCopyUp = (parts: CopyUpParts, dentry: Dentry, flags: number): number => {
  if (alreadyCopiedUp(dentry, flags) || SPECIAL.has((dentry.d_inode as Inode).i_mode & S_IFMT)) return 0
  return opensForWriting(flags) ? copyUpFlags(parts, dentry, flags) : 0
}

export type CopyUps = ReturnType<typeof copyUps>

export const copyUps = (parts: CopyUpParts) => ({
  ...bound(parts, { copyUpFor, copyUpWithData, maybeCopyUp }),
  needsIndex,
})
