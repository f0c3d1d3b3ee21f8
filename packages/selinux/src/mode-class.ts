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

/** As `file_mask_to_av`: MAY_APPEND takes the place of MAY_WRITE, but for directories. */
export const maskPerms = (mode: number, mask: number): number => {
  let av = 0
  if (!S_ISDIR(mode)) {
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

/** As `file_to_av`: what the file was opened for. Flags 3 open for ioctl alone. */
export const filePerms = ({ f_mode, f_flags }: File): number => {
  let av = 0
  if ((f_mode & FMODE_READ) !== 0) av |= AV.file.read
  if ((f_mode & FMODE_WRITE) !== 0) av |= (f_flags & O_APPEND) !== 0 ? AV.file.append : AV.file.write
  return av === 0 ? AV.file.ioctl : av
}
