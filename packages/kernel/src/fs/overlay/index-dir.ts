/**
 * The index: a name for each lower file that was copied up, by which its other hard links find what became of it
 * (fs/overlayfs/namei.c, readdir.c).
 */
import { EINVAL, EIO, ENOENT, ESTALE, hexText, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { isDirDentry, isDirMode } from './node.ts'
import type { OvlFs } from './node.ts'
import { checkHandle, FH_HEADER, encodeReal, verifyReal, indexUpper, verifyHandle, decodeOrigin } from './origin.ts'
import {
  bytesOf, isWhiteoutInode, upperIdmap, getOwn, upperPlace, setOwn, createTemp, lookupUpper, renameReal, cleanupReal,
} from './real.ts'

const unhex = (text: string): Uint8Array | null =>
  text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text)
    ? Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
    : null

const nlinkOf = (dentry: Dentry): number => (dentry.d_inode as Inode).i_nlink

export const indexName = (ofs: OvlFs, origin: Dentry): string | number => {
  const fh = encodeReal(ofs, origin.d_inode as Inode, false)
  return typeof fh === 'number' ? fh : hexText(fh)
}

/** The entry of the index for a lower file: null if there is none, -EIO if it does not fit. */
export const lookupIndex = (
  machine: Machine, ofs: OvlFs, upper: Dentry | null, origin: Dentry,
): Dentry | number | null => {
  const name = indexName(ofs, origin)
  if (typeof name === 'number') return name
  const index = machine.vfs.lookup_one(upperIdmap(ofs), name, ofs.workdir as Dentry)
  if (typeof index === 'number') return index === -ENOENT ? null : index
  const inode = index.d_inode
  if (inode === null) return null
  if (isWhiteoutInode(inode) || ((inode.i_mode ^ (origin.d_inode as Inode).i_mode) & S_IFMT) !== 0) return -EIO
  if (isDirDentry(origin)) {
    if (upper === null) return -EIO
    return verifyReal(machine, ofs, index, 'upper', upper, true, false) === 0 ? index : -EIO
  }
  return upper !== null && upper.d_inode !== inode ? null : index
}

/** How many names the file has in the overlay, as the index has written down; `fallback` when it has not. */
export const getNlink = (
  machine: Machine, ofs: OvlFs, lower: Dentry | null, upper: Dentry | null, indexed: boolean, fallback: number,
): number => {
  if (lower === null || upper === null) return fallback
  if (nlinkOf(lower) === 1 && !(indexed && machine.rules.overlayCountsIndexed)) return fallback
  const value = getOwn(machine, ofs, upperPlace(ofs, upper), 'nlink')
  const match = typeof value === 'number' ? null : /^([LU])([+-]\d{1,9})$/.exec(new TextDecoder().decode(value))
  if (match === null) return fallback
  const nlink = nlinkOf(match[1] === 'L' ? lower : upper) + Number(match[2])
  return nlink > 0 ? nlink : fallback
}

/** Writes it down, relative to that of a real file. */
export const setNlink = (
  machine: Machine, ofs: OvlFs, inode: Inode, upper: Dentry, real: Dentry, kind: 'L' | 'U',
): number => {
  const diff = inode.i_nlink - nlinkOf(real)
  return setOwn(machine, ofs, upper, 'nlink', bytesOf(`${kind}${diff < 0 ? '' : '+'}${diff}`))
}

/** An entry for a directory that is about to be installed. */
export const createDirIndex = (machine: Machine, ofs: OvlFs, fh: Uint8Array, upper: Dentry): number => {
  const indexdir = ofs.workdir as Dentry
  const temp = createTemp(machine, ofs, indexdir, { mode: S_IFDIR })
  if (typeof temp === 'number') return temp
  const own = encodeReal(ofs, upper.d_inode as Inode, true)
  let rc = typeof own === 'number' ? own : setOwn(machine, ofs, temp, 'upper', own)
  if (rc === 0) {
    const index = lookupUpper(machine, ofs, hexText(fh), indexdir)
    rc = typeof index === 'number' ? index : renameReal(machine, ofs, indexdir, temp, indexdir, index, 0)
  }
  if (rc !== 0) cleanupReal(machine, ofs, indexdir, temp)
  return rc
}

/** 0: in order; -ESTALE: to be removed; -ENOENT: its file has no name any more; else the mount fails. */
export const verifyIndex = (machine: Machine, ofs: OvlFs, index: Dentry): number => {
  const inode = index.d_inode
  if (inode === null) return 0
  const fh = unhex(index.d_name.name)
  if (fh === null || fh.length < FH_HEADER) return -EINVAL
  let rc = checkHandle(fh)
  if (rc !== 0) return rc
  if (isWhiteoutInode(inode) || (isDirMode(inode.i_mode) && !ofs.config.nfs_export)) return 0
  const upper = indexUpper(machine, ofs, index)
  if (upper === null) return -ESTALE
  if (typeof upper === 'number') return upper === -ESTALE ? -ENOENT : upper
  rc = verifyHandle(machine, ofs, upper, 'origin', fh)
  if (rc !== 0 || isDirMode(inode.i_mode) || inode.i_nlink !== 1) return rc
  const origin = decodeOrigin(machine, ofs, fh, false, index)
  if (typeof origin === 'number') return origin
  return getNlink(machine, ofs, origin.dentry, index, true, 0) === 0 ? -ENOENT : 0
}
