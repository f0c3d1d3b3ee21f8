/** Operations on names and inodes. */
import {
  ATTR_ATIME_SET, ATTR_FILE, ATTR_FORCE, ATTR_GID, ATTR_KILL_SGID, ATTR_KILL_SUID, ATTR_MODE, ATTR_MTIME_SET, ATTR_SIZE,
  ATTR_TIMES_SET, ATTR_UID, MAY_ACCESS, MAY_APPEND, MAY_EXEC, MAY_READ, MAY_WRITE, S_ISDIR, S_PRIVATE, SOCKFS_MAGIC,
} from '@lsmkit/abi'
import type { Dentry, HookTable, Inode } from '@lsmkit/core'
import { keptPerm } from '../avc/kept-decisions.ts'
import type { Keeps } from '../avc/kept-decisions.ts'
import { dentryHas, dentryState, inodeState, pathHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { maskPerms, modeClass } from '../mode-class.ts'
import { currentSid, currentState } from '../state.ts'
import type { Selinux } from '../state.ts'
import { newInodeSid } from './inode-create.ts'

const { dir: dirAv, file: fileAv } = AV

/** As `may_create`: the directory, what is made, and whether the file system may hold such a label. */
const mayCreate = (selinux: Selinux, dir: Inode, dentry: Dentry, tclass: number): number => {
  const { avc } = selinux
  const sid = currentSid(selinux)
  const perms = dirAv.add_name | dirAv.search
  const rc = avc.hasPerm(sid, inodeState(selinux, dir).sid, SECCLASS.dir, perms, 'dentry', dentry)
  if (rc !== 0) return rc
  const label = newInodeSid(selinux, currentState(selinux), dir, dentry.d_name.name, tclass)
  if (label < 0) return label
  const made = avc.hasPerm(sid, label, tclass, fileAv.create, 'dentry', dentry)
  if (made !== 0) return made
  const { sid: fs } = selinux.blobs.superblock(dir.i_sb)
  return avc.hasPerm(label, fs, SECCLASS.filesystem, AV.filesystem.associate, 'dentry', dentry)
}

/** As `may_link`: a name is added to the directory or taken from it. */
const mayLink = (selinux: Selinux, dir: Inode, dentry: Dentry, name: number, perm: number): number => {
  const { avc } = selinux
  const sid = currentSid(selinux)
  const { sid: directory } = inodeState(selinux, dir)
  const target = dentryState(selinux, dentry)
  const rc = avc.hasPerm(sid, directory, SECCLASS.dir, dirAv.search | name, 'dentry', dentry)
  return rc !== 0 ? rc : avc.hasPerm(sid, target.sid, target.sclass, perm, 'dentry', dentry)
}

const mayRename = (selinux: Selinux, oldDir: Inode, old: Dentry, newDir: Inode, next: Dentry): number => {
  const { avc } = selinux
  const sid = currentSid(selinux)
  const moved = dentryState(selinux, old)
  const from = inodeState(selinux, oldDir).sid
  const leave = dirAv.remove_name | dirAv.search
  const rc =
    avc.hasPerm(sid, from, SECCLASS.dir, leave, 'dentry', old) ||
    avc.hasPerm(sid, moved.sid, moved.sclass, fileAv.rename, 'dentry', old)
  if (rc !== 0) return rc
  if (S_ISDIR(old.d_inode!.i_mode) && newDir !== oldDir) {
    const reparent = avc.hasPerm(sid, moved.sid, moved.sclass, dirAv.reparent, 'dentry', old)
    if (reparent !== 0) return reparent
  }
  const target = next.d_inode
  const enter = dirAv.add_name | dirAv.search | (target === null ? 0 : dirAv.remove_name)
  const to = inodeState(selinux, newDir).sid
  const arrive = avc.hasPerm(sid, to, SECCLASS.dir, enter, 'dentry', next)
  if (arrive !== 0 || target === null) return arrive
  const replaced = dentryState(selinux, next)
  const perm = S_ISDIR(target.i_mode) ? dirAv.rmdir : fileAv.unlink
  return avc.hasPerm(sid, replaced.sid, replaced.sclass, perm, 'dentry', next)
}

// constants of this module are folded into the hooks; what is imported is read at each use
const ACCESS = MAY_READ | MAY_WRITE | MAY_EXEC | MAY_APPEND
const PRIVATE = S_PRIVATE
const ASKS_ACCESS = MAY_ACCESS
const { audit_access: AUDIT_ACCESS } = fileAv
const FORCED = ATTR_KILL_SUID | ATTR_KILL_SGID | ATTR_MODE | ATTR_FORCE
const ATTRIBUTES = ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME_SET | ATTR_MTIME_SET | ATTR_TIMES_SET

const DIR = SECCLASS.dir

/** The running task on a directory, by what it keeps. */
const walkHas = (
  selinux: Selinux, keeps: Keeps, sid: number, perms: number, override: number, inode: Inode,
): number => {
  const { avc, kept, server, ctx } = selinux
  const { task } = ctx.current
  return keptPerm(avc, kept.of(task), keeps, server.seqno, currentSid(selinux), sid, perms, override, inode)
}

export const inodeHooks: HookTable<Selinux> = {
  inode_create: (selinux, dir, dentry) => mayCreate(selinux, dir, dentry, SECCLASS.file),
  inode_symlink: (selinux, dir, dentry) => mayCreate(selinux, dir, dentry, SECCLASS.lnk_file),
  inode_mkdir: (selinux, dir, dentry) => mayCreate(selinux, dir, dentry, SECCLASS.dir),
  inode_mknod: (selinux, dir, dentry, mode) => mayCreate(selinux, dir, dentry, modeClass(mode)),

  inode_link: (selinux, old, dir) => mayLink(selinux, dir, old, dirAv.add_name, fileAv.link),
  inode_unlink: (selinux, dir, dentry) => mayLink(selinux, dir, dentry, dirAv.remove_name, fileAv.unlink),
  inode_rmdir: (selinux, dir, dentry) => mayLink(selinux, dir, dentry, dirAv.remove_name, dirAv.rmdir),
  inode_rename: (selinux, oldDir, old, newDir, next) => mayRename(selinux, oldDir, old, newDir, next),

  inode_readlink: (selinux, dentry) => dentryHas(selinux, dentry, fileAv.read),

  inode_follow_link(selinux, dentry, inode) {
    const { sid, sclass } = inodeState(selinux, inode)
    return selinux.avc.hasPerm(currentSid(selinux), sid, sclass, fileAv.read, 'dentry', dentry)
  },

  /** 0 for probes of existence. A refused access(2) is recorded unless audit_access is not. */
  inode_permission(selinux, inode, mask) {
    const access = mask & ACCESS
    if (access === 0 || (inode.i_flags & PRIVATE) !== 0) return 0
    const { sid, sclass } = inodeState(selinux, inode)
    const perms = maskPerms(inode.i_mode, access)
    const override = (mask & ASKS_ACCESS) !== 0 ? AUDIT_ACCESS : 0
    if (sclass === DIR && selinux.release.keeps !== null && selinux.avc.mayBeKept) {
      return walkHas(selinux, selinux.release.keeps, sid, perms, override, inode)
    }
    return selinux.avc.hasPermUnless(currentSid(selinux), sid, sclass, perms, override, 'inode', inode)
  },

  inode_setattr(selinux, _idmap, dentry, attr) {
    let { ia_valid: valid } = attr
    // what the kernel does on its own: bits that go when somebody else writes
    if ((valid & ATTR_FORCE) !== 0) valid &= ~FORCED
    if (valid === 0) return 0
    if ((valid & ATTRIBUTES) !== 0) return dentryHas(selinux, dentry, fileAv.setattr)
    const opens =
      selinux.server.policyCap('open_perms') && dentry.d_sb.s_magic !== SOCKFS_MAGIC && (valid & ATTR_SIZE) !== 0 &&
      (valid & ATTR_FILE) === 0
    return dentryHas(selinux, dentry, opens ? fileAv.write | fileAv.open : fileAv.write)
  },

  inode_file_getattr: (selinux, dentry) => dentryHas(selinux, dentry, fileAv.getattr),
  inode_file_setattr: (selinux, dentry) => dentryHas(selinux, dentry, fileAv.setattr),
  inode_getattr: (selinux, path) => pathHas(selinux, path, fileAv.getattr),
  inode_getxattr: (selinux, dentry) => dentryHas(selinux, dentry, fileAv.getattr),
  inode_listxattr: (selinux, dentry) => dentryHas(selinux, dentry, fileAv.getattr),
  inode_set_acl: (selinux, _idmap, dentry) => dentryHas(selinux, dentry, fileAv.setattr),
  inode_get_acl: (selinux, _idmap, dentry) => dentryHas(selinux, dentry, fileAv.getattr),
  inode_remove_acl: (selinux, _idmap, dentry) => dentryHas(selinux, dentry, fileAv.setattr),
}
