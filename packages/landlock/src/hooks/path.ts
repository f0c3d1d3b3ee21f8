/** Making, removing, renaming and linking names, and cutting files by name. */
import {
  EACCES, ENOENT, EXDEV, LANDLOCK_ACCESS_FS_MAKE_BLOCK, LANDLOCK_ACCESS_FS_MAKE_CHAR, LANDLOCK_ACCESS_FS_MAKE_DIR,
  LANDLOCK_ACCESS_FS_MAKE_FIFO, LANDLOCK_ACCESS_FS_MAKE_REG, LANDLOCK_ACCESS_FS_MAKE_SOCK, LANDLOCK_ACCESS_FS_MAKE_SYM,
  LANDLOCK_ACCESS_FS_REFER, LANDLOCK_ACCESS_FS_REMOVE_DIR, LANDLOCK_ACCESS_FS_REMOVE_FILE, LANDLOCK_ACCESS_FS_TRUNCATE,
  RENAME_EXCHANGE, RENAME_WHITEOUT, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFSOCK,
} from '@lsmkit/abi'
import type { Dentry, HookTable, Path } from '@lsmkit/core'
import { blockedBy, giveReason, logDenial, refuseRights } from '../denial.ts'
import type { RightsLeft } from '../denial.ts'
import type { Domain } from '../domain.ts'
import { anyOf, checkMove } from '../refer.ts'
import type { Move } from '../refer.ts'
import { currentFsDomain, grantedPath } from '../state.ts'
import type { Landlock } from '../state.ts'

/** The device that stands for a name that is gone, in overlays. */
const WHITEOUT_DEV = 0

/** As `get_mode_access`: what it takes to make a file of that type; anything unknown counts as a plain file. */
const makeRight = ({ guardsWhiteouts }: Landlock, mode: number, dev: number): number => {
  switch (mode & S_IFMT) {
    case S_IFLNK:
      return LANDLOCK_ACCESS_FS_MAKE_SYM
    case S_IFDIR:
      return LANDLOCK_ACCESS_FS_MAKE_DIR
    case S_IFCHR:
      return dev === WHITEOUT_DEV && guardsWhiteouts ? LANDLOCK_ACCESS_FS_MAKE_REG : LANDLOCK_ACCESS_FS_MAKE_CHAR
    case S_IFBLK:
      return LANDLOCK_ACCESS_FS_MAKE_BLOCK
    case S_IFIFO:
      return LANDLOCK_ACCESS_FS_MAKE_FIFO
    case S_IFSOCK:
      return LANDLOCK_ACCESS_FS_MAKE_SOCK
    default:
      return LANDLOCK_ACCESS_FS_MAKE_REG
  }
}

const makeRightOf = (landlock: Landlock, { d_inode }: Dentry): number =>
  makeRight(landlock, d_inode!.i_mode, d_inode!.i_rdev)

/** As `maybe_remove`: what it takes to make room where something is. */
const removeRight = ({ d_inode }: Dentry): number => {
  if (d_inode === null) return 0
  return (d_inode.i_mode & S_IFMT) === S_IFDIR ? LANDLOCK_ACCESS_FS_REMOVE_DIR : LANDLOCK_ACCESS_FS_REMOVE_FILE
}

/** Some rights at one place. */
const check = (landlock: Landlock, domain: Domain, path: Path, request: number): number => {
  const { granted, layers, quiet } = landlock.places.refusals(domain, path)
  return (request & ~granted) === 0 ? grantedPath(landlock, domain, path, request)
    : refuseAt(landlock, domain, path, { rc: -EACCES, layers, request, quiet })
}

const refuseAt = (landlock: Landlock, domain: Domain, path: Path, right: RightsLeft): number =>
  refuseRights(landlock, domain, right, 'path', path)

const currentMay = (landlock: Landlock, path: Path, request: number): number => {
  const domain = currentFsDomain(landlock)
  return domain === null ? 0 : check(landlock, domain, path, request)
}

/** Into another directory. */
const move = (landlock: Landlock, domain: Domain, question: Move): number => {
  const refused = checkMove(landlock.blobs.inode, domain, question)
  const { mnt, fromRequest, toRequest } = question
  const [fromDir, toDir] = [{ mnt, dentry: question.fromDir }, { mnt, dentry: question.toDir }]
  if (refused === null) {
    grantedPath(landlock, domain, fromDir, fromRequest)
    return grantedPath(landlock, domain, toDir, toRequest)
  }
  const rc = refused.isForbidden ? -EACCES : -EXDEV
  for (const [path, { layers, wanted, allowed }] of [[fromDir, refused.from], [toDir, refused.to]] as const) {
    if (allowed || !anyOf(layers, wanted)) continue
    const { quiet } = landlock.places.refusals(domain, path)
    logDenial(landlock, blockedBy(domain, { rc, layers, request: wanted, quiet }, 'path', path))
  }
  const deny = (path: Path, layers: Int32Array, request: number): number =>
    giveReason(landlock, blockedBy(domain, { rc, layers, request }, 'path', path))
  if (anyOf(refused.from.layers, fromRequest)) return deny(fromDir, refused.from.layers, fromRequest)
  if (anyOf(refused.to.layers, toRequest)) return deny(toDir, refused.to.layers, toRequest)
  // the rights are there, and the move would give more of them: that too is put down to REFER
  return deny(toDir, domain.initial.layers, LANDLOCK_ACCESS_FS_REFER)
}

/** As `current_check_refer_path`. */
const refer = (
  landlock: Landlock, old: Dentry, newDir: Path, next: Dentry, isRename: boolean, flags: number,
): number => {
  const domain = currentFsDomain(landlock)
  if (domain === null) return 0
  const exchanges = (flags & RENAME_EXCHANGE) !== 0
  if (old.d_inode === null || (exchanges && next.d_inode === null)) return -ENOENT
  let fromRequest = exchanges ? makeRightOf(landlock, next) : 0
  let toRequest = makeRightOf(landlock, old)
  if (isRename) {
    fromRequest |= removeRight(old)
    toRequest |= removeRight(next)
  }
  if ((flags & RENAME_WHITEOUT) !== 0 && landlock.guardsWhiteouts) fromRequest |= LANDLOCK_ACCESS_FS_MAKE_REG
  const parent = old.d_parent ?? old
  if (parent === newDir.dentry) return check(landlock, domain, newDir, fromRequest | toRequest)
  if (landlock.abi < 2) {
    // there was no right for it yet
    const { layers } = domain.initial
    return refuseAt(landlock, domain, newDir, { rc: -EXDEV, layers, request: LANDLOCK_ACCESS_FS_REFER })
  }
  const { mnt } = newDir
  return move(landlock, domain, {
    mnt,
    from: old,
    fromDir: old === mnt.mnt_root ? old : parent,
    toDir: newDir.dentry,
    exchanged: exchanges ? next : null,
    fromRequest: fromRequest | LANDLOCK_ACCESS_FS_REFER,
    toRequest: toRequest | LANDLOCK_ACCESS_FS_REFER,
  })
}

export const pathHooks: HookTable<Landlock> = {
  path_link: (landlock, old, newDir, next) => refer(landlock, old, newDir, next, false, 0),
  path_rename: (landlock, _oldDir, old, newDir, next, flags) => refer(landlock, old, newDir, next, true, flags),
  path_mkdir: (landlock, dir) => currentMay(landlock, dir, LANDLOCK_ACCESS_FS_MAKE_DIR),
  path_mknod: (landlock, dir, _dentry, mode, dev) => currentMay(landlock, dir, makeRight(landlock, mode, dev)),
  path_symlink: (landlock, dir) => currentMay(landlock, dir, LANDLOCK_ACCESS_FS_MAKE_SYM),
  path_unlink: (landlock, dir) => currentMay(landlock, dir, LANDLOCK_ACCESS_FS_REMOVE_FILE),
  path_rmdir: (landlock, dir) => currentMay(landlock, dir, LANDLOCK_ACCESS_FS_REMOVE_DIR),
  path_truncate: (landlock, path) => currentMay(landlock, path, LANDLOCK_ACCESS_FS_TRUNCATE),
}
