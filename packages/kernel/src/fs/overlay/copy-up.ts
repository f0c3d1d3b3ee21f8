/** Copying up: a file that is about to change gets its place in the upper layer (fs/overlayfs/copy_up.c). */
import { EROFS, O_WRONLY, S_IFMT } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import { SPECIAL, alreadyCopiedUp, copyUpOne, opensForWriting } from './copy-up-one.ts'
import { parentOf, upperOf } from './node.ts'
import type { Machine } from '../../machine.ts'
import { verifyLowerdata } from './lookup.ts'
import { asMounter } from './real.ts'

/** The topmost directory first; the way is short, since the root is always there. */
const copyUpFlags = (machine: Machine, dentry: Dentry, flags: number): number => {
  const rc = verifyLowerdata(machine, dentry)
  if (rc !== 0) return rc
  return asMounter(machine, dentry.d_sb, () => {
    while (!alreadyCopiedUp(dentry, flags)) {
      let next = dentry
      while (upperOf(parentOf(next)) === null) {
        if (next.d_parent === null) return -EROFS
        next = next.d_parent
      }
      const answer = copyUpOne(machine, parentOf(next), next, flags)
      if (answer !== 0) return answer
    }
    return 0
  })
}

/** Attributes only, where metacopy allows it. */
export const copyUpFor = (machine: Machine, dentry: Dentry): number => copyUpFlags(machine, dentry, 0)

export const copyUpWithData = (machine: Machine, dentry: Dentry): number => copyUpFlags(machine, dentry, O_WRONLY)

/** Copies a file up before it is opened for writing; anything else is not copied. */
export const maybeCopyUp = (machine: Machine, dentry: Dentry, flags: number): number => {
  if (alreadyCopiedUp(dentry, flags) || SPECIAL.has((dentry.d_inode as Inode).i_mode & S_IFMT)) return 0
  return opensForWriting(flags) ? copyUpFlags(machine, dentry, flags) : 0
}
