/** Names of files: made, removed, renamed, changed. Each name goes through the rules of every profile. */
import { RENAME_EXCHANGE, S_IFDIR, S_IFLNK } from '@lsmkit/abi'
import type { Dentry, HookGroup, Path } from '@lsmkit/core'
import { linkPermission } from '../path/link.ts'
import { condOf, isMediated, pathPermission } from '../path/path-perm.ts'
import type { PathCond } from '../path/path-perm.ts'
import {
  AA_MAY_CHMOD, AA_MAY_CHOWN, AA_MAY_CREATE, AA_MAY_DELETE, AA_MAY_GETATTR, AA_MAY_READ, AA_MAY_SETATTR, AA_MAY_WRITE,
} from '../perms.ts'
import { currentLabel, refreshCurrent } from '../state.ts'
import type { Apparmor } from '../state.ts'

const ask = (aa: Apparmor, operation: string, path: Path, request: number, cond: PathCond): number => {
  const label = currentLabel(aa)
  return label.unconfined ? 0 : pathPermission(aa, operation, label, path, request, cond)
}

/** As `common_perm_cond`: of a file that is there. */
const askFile = (aa: Apparmor, operation: string, path: Path, request: number): number =>
  isMediated(path.dentry) ? ask(aa, operation, path, request, condOf(path.mnt, path.dentry)) : 0

/** As `common_perm_rm`. */
const askRemoval = (aa: Apparmor, operation: string, { mnt }: Path, dentry: Dentry): number =>
  dentry.d_inode === null || !isMediated(dentry) ? 0 : askFile(aa, operation, { mnt, dentry }, AA_MAY_DELETE)

/** As `common_perm_create`: the new file is its maker's. */
const askCreation = (aa: Apparmor, operation: string, dir: Path, dentry: Dentry, mode: number): number => {
  if (!isMediated(dir.dentry)) return 0
  const cond = { uid: aa.ctx.current.task.cred.fsuid, mode }
  return ask(aa, operation, { mnt: dir.mnt, dentry }, AA_MAY_CREATE, cond)
}

const SOURCE = AA_MAY_READ | AA_MAY_GETATTR | AA_MAY_WRITE | AA_MAY_SETATTR | AA_MAY_DELETE
const TARGET = AA_MAY_WRITE | AA_MAY_SETATTR | AA_MAY_CREATE

/** Both names, and in an exchange the other way round first; all by the owner of the old one. */
const askRename = (
  aa: Apparmor, oldDir: Path, oldDentry: Dentry, newDir: Path, newDentry: Dentry, flags: number,
): number => {
  const exchanges = (flags & RENAME_EXCHANGE) !== 0
  if (!isMediated(oldDentry) || (exchanges && !isMediated(newDentry))) return 0
  const label = refreshCurrent(aa)
  if (label.unconfined) return 0
  const from = { mnt: oldDir.mnt, dentry: oldDentry }
  const to = { mnt: newDir.mnt, dentry: newDentry }
  const cond = condOf(oldDir.mnt, oldDentry)
  const pair = (source: Path, target: Path, of: PathCond): number =>
    pathPermission(aa, 'rename_src', label, source, SOURCE, of) ||
    pathPermission(aa, 'rename_dest', label, target, TARGET, of)
  const back = exchanges ? pair(to, from, { uid: cond.uid, mode: newDentry.d_inode!.i_mode }) : 0
  return back || pair(from, to, cond)
}

export const pathHooks = (aa: Apparmor): HookGroup => ({
  path_unlink: (dir, dentry) => askRemoval(aa, 'unlink', dir, dentry),
  path_rmdir: (dir, dentry) => askRemoval(aa, 'rmdir', dir, dentry),
  path_mkdir: (dir, dentry) => askCreation(aa, 'mkdir', dir, dentry, S_IFDIR),
  path_mknod: (dir, dentry, mode) => askCreation(aa, 'mknod', dir, dentry, mode),
  path_symlink: (dir, dentry) => askCreation(aa, 'symlink', dir, dentry, S_IFLNK),

  path_link(oldDentry, newDir, newDentry) {
    if (!isMediated(oldDentry)) return 0
    const label = refreshCurrent(aa)
    return label.unconfined ? 0 : linkPermission(aa, label, oldDentry, newDir, newDentry)
  },

  path_rename: (oldDir, oldDentry, newDir, newDentry, flags) =>
    askRename(aa, oldDir, oldDentry, newDir, newDentry, flags),
  path_truncate: (path) => askFile(aa, 'truncate', path, AA_MAY_WRITE | AA_MAY_SETATTR),
  file_truncate: (file) => askFile(aa, 'truncate', file.f_path, AA_MAY_WRITE | AA_MAY_SETATTR),
  path_chmod: (path) => askFile(aa, 'chmod', path, AA_MAY_CHMOD),
  path_chown: (path) => askFile(aa, 'chown', path, AA_MAY_CHOWN),
  inode_getattr: (path) => askFile(aa, 'getattr', path, AA_MAY_GETATTR),
})
