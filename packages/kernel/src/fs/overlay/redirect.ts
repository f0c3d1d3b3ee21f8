/** Redirects: a moved upper file remembers where its lower one is (fs/overlayfs/dir.c). */
import { EXDEV } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import { byteLength } from '../../state/vfs/names.ts'
import { isDirDentry, lowerOf, ovlFs, ovlInode, upperOf } from './node.ts'
import { bytesOf, checkSetOwn } from './real.ts'
import type { Machine } from '../../machine.ts'

/** Bytes of an absolute redirect (the module's parameter redirect_max). */
const REDIRECT_MAX = 256

/** The path from the root as the layers below know it; -EXDEV when it is too long. */
const absolutePath = (dentry: Dentry): string | number => {
  let path = ''
  for (let at = dentry; at.d_parent !== null; at = at.d_parent) {
    const name = ovlInode(at.d_inode as Inode).redirect ?? at.d_name.name
    path = name.startsWith('/') ? name + path : `/${name}${path}`
    if (byteLength(path) > REDIRECT_MAX) return -EXDEV
    if (name.startsWith('/')) break
  }
  return path
}

/** Within the directory the name alone would do, but not for files of several names. */
const needsAbsolute = (dentry: Dentry, samedir: boolean): boolean => {
  if (!samedir) return true
  return !isDirDentry(dentry) && ((lowerOf(dentry) as Dentry).d_inode as Inode).i_nlink > 1
}

export const setRedirect = (machine: Machine, dentry: Dentry, samedir: boolean): number => {
  const own = ovlInode(dentry.d_inode as Inode)
  const absolute = needsAbsolute(dentry, samedir)
  if (own.redirect !== null && (!absolute || own.redirect.startsWith('/'))) return 0
  const redirect = absolute ? absolutePath(dentry) : dentry.d_name.name
  if (typeof redirect === 'number') return redirect
  const upper = upperOf(dentry) as Dentry
  if (checkSetOwn(machine, ovlFs(dentry.d_sb), upper, 'redirect', bytesOf(redirect), -EXDEV) !== 0) return -EXDEV
  own.redirect = redirect
  return 0
}
