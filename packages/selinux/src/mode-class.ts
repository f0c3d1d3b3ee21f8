/** Classes of inodes and permissions of access masks. */
import {
  FMODE_READ, FMODE_WRITE, MAY_APPEND, MAY_EXEC, MAY_READ, MAY_WRITE, O_APPEND, S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO,
  S_ISLNK, S_ISSOCK,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { AV, SECCLASS } from './class-map.ts'

/** As `inode_mode_to_security_class`. */
export const modeClass = (mode: number): number => {
  if (S_ISDIR(mode)) return SECCLASS.dir
  if (S_ISLNK(mode)) return SECCLASS.lnk_file
  if (S_ISCHR(mode)) return SECCLASS.chr_file
  if (S_ISBLK(mode)) return SECCLASS.blk_file
  if (S_ISFIFO(mode)) return SECCLASS.fifo_file
  if (S_ISSOCK(mode)) return SECCLASS.sock_file
  return SECCLASS.file
}

/** MAY_APPEND takes the place of MAY_WRITE, but for directories. */
const permsOf = (isDir: boolean, mask: number): number => {
  let av = 0
  if (!isDir) {
    if ((mask & MAY_EXEC) !== 0) av |= AV.file.execute
    if ((mask & MAY_READ) !== 0) av |= AV.file.read
    if ((mask & MAY_APPEND) !== 0) av |= AV.file.append
    else if ((mask & MAY_WRITE) !== 0) av |= AV.file.write
    return av
  }
  if ((mask & MAY_EXEC) !== 0) av |= AV.dir.search
  if ((mask & MAY_WRITE) !== 0) av |= AV.dir.write
  if ((mask & MAY_READ) !== 0) av |= AV.dir.read
  return av
}

const ACCESS = MAY_READ | MAY_WRITE | MAY_EXEC | MAY_APPEND
const allMasks = Array.from({ length: ACCESS + 1 }, (_, mask) => mask)
const FILE_PERMS = Int32Array.from(allMasks, (mask) => permsOf(false, mask))
const DIR_PERMS = Int32Array.from(allMasks, (mask) => permsOf(true, mask))

/** As `file_mask_to_av`, of every mask computed in advance: each step of a path asks. */
export const maskPerms = (mode: number, mask: number): number =>
  (S_ISDIR(mode) ? DIR_PERMS : FILE_PERMS)[mask & ACCESS]!

/** As `file_to_av`: what the file was opened for. Flags 3 open for ioctl alone. */
export const filePerms = ({ f_mode, f_flags }: File): number => {
  let av = 0
  if ((f_mode & FMODE_READ) !== 0) av |= AV.file.read
  if ((f_mode & FMODE_WRITE) !== 0) av |= (f_flags & O_APPEND) !== 0 ? AV.file.append : AV.file.write
  return av === 0 ? AV.file.ioctl : av
}
