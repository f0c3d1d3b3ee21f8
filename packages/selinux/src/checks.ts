/** The checks hooks share: what the subject may do to inodes, files, file systems, and with capabilities. */
import { CAP_MAC_ADMIN, CAP_OPT_NOAUDIT, CAP_OPT_NONE, S_PRIVATE } from '@lsmkit/abi'
import { cap_capable, init_user_ns_of } from '@lsmkit/core'
import type { Cred, Dentry, File, Inode, Path, SuperBlock } from '@lsmkit/core'
import type { AvcKind, AvcSource } from './avc/audit-source.ts'
import { bpfFilePerm } from './bpf-sids.ts'
import type { InodeState } from './blobs.ts'
import { AV, SECCLASS } from './class-map.ts'
import { labelInode } from './inode-label.ts'
import { credSid, currentSid } from './state.ts'
import type { Selinux } from './state.ts'

/** As `inode_security`: the state of an inode, its label read again first where it must be. */
export const inodeState = (selinux: Selinux, inode: Inode): InodeState => {
  const state = selinux.blobs.inode(inode)
  if (state.initialized === 0) labelInode(selinux, inode, null)
  return state
}

/** As `backing_inode_security`. */
export const dentryState = (selinux: Selinux, dentry: Dentry): InodeState => {
  const inode = dentry.d_inode!
  const state = selinux.blobs.inode(inode)
  if (state.initialized === 0) labelInode(selinux, inode, dentry)
  return state
}

/** Permission of the running task on another domain, without an object. */
export const currentHas = (selinux: Selinux, tsid: number, tclass: number, perms: number): number =>
  selinux.avc.hasPerm(currentSid(selinux), tsid, tclass, perms, 'nothing', null)

/** Permission of the running task in its own domain. */
export const selfHas = (selinux: Selinux, tclass: number, perms: number): number => {
  const sid = currentSid(selinux)
  return selinux.avc.hasPerm(sid, sid, tclass, perms, 'nothing', null)
}

/** As `inode_has_perm`: inodes of the kernel's own are not asked about. */
export const inodeHas = <K extends AvcKind>(
  selinux: Selinux, cred: Cred, inode: Inode, perms: number, kind: K, source: AvcSource<K>,
): number => {
  if ((inode.i_flags & S_PRIVATE) !== 0) return 0
  const { sid, sclass } = selinux.blobs.inode(inode)
  return selinux.avc.hasPerm(credSid(selinux, cred), sid, sclass, perms, kind, source)
}

/** As `dentry_has_perm`, for the running task. */
export const dentryHas = (selinux: Selinux, dentry: Dentry, perms: number): number => {
  dentryState(selinux, dentry)
  return inodeHas(selinux, selinux.ctx.current.task.cred, dentry.d_inode!, perms, 'dentry', dentry)
}

/** As `path_has_perm`, for the running task. */
export const pathHas = (selinux: Selinux, path: Path, perms: number): number => {
  dentryState(selinux, path.dentry)
  return inodeHas(selinux, selinux.ctx.current.task.cred, path.dentry.d_inode!, perms, 'path', path)
}

/** As `file_has_perm`: the descriptor, where another domain opened the file, and then the inode. */
export const fileHas = (selinux: Selinux, cred: Cred, file: File, perms: number): number => {
  const rc = fdHas(selinux, cred, file, 'file', file)
  if (rc !== 0 || perms === 0) return rc
  return inodeHas(selinux, cred, file.f_inode, perms, 'file', file)
}

/** `fd use`, and what a descriptor of a BPF object stands for. */
export const fdHas = <K extends AvcKind>(
  selinux: Selinux, cred: Cred, file: File, kind: K, source: AvcSource<K>,
): number => {
  const sid = credSid(selinux, cred)
  const opener = selinux.blobs.file(file).sid
  if (sid !== opener) {
    const rc = selinux.avc.hasPerm(sid, opener, SECCLASS.fd, AV.fd.use, kind, source)
    if (rc !== 0) return rc
  }
  return bpfPass(selinux, file, sid)
}

/** As `bpf_fd_pass`. */
export const bpfPass = (selinux: Selinux, file: File, sid: number): number => {
  // a kernel may keep more than the object with an open file
  const held = file.private_data as { readonly data?: object } | null
  const object = held?.data ?? held
  const asked = object === null ? null : bpfFilePerm(object, file.f_mode)
  return asked === null ? 0 : selinux.avc.hasPerm(sid, asked.sid, SECCLASS.bpf, asked.perm, 'nothing', null)
}

/** As `superblock_has_perm`, for the running task. */
export const superblockHas = <K extends AvcKind>(
  selinux: Selinux, sb: SuperBlock, perms: number, kind: K, source: AvcSource<K>,
): number =>
  selinux.avc.hasPerm(
    currentSid(selinux), selinux.blobs.superblock(sb).sid, SECCLASS.filesystem, perms, kind, source,
  )

/** The class of a capability: those from 32 on have one of their own, and so have those of a namespace. */
export const capabilityClass = (cap: number, initNs: boolean): number =>
  (cap < 32 ? (initNs ? SECCLASS.capability : SECCLASS.cap_userns)
    : initNs ? SECCLASS.capability2 : SECCLASS.cap2_userns)

/** As `cred_has_capability`. */
export const credHasCapability = (
  selinux: Selinux, cred: Cred, cap: number, opts: number, initNs: boolean,
): number => {
  const sid = credSid(selinux, cred)
  const perm = 1 << (cap & 31)
  const tclass = capabilityClass(cap, initNs)
  if ((opts & CAP_OPT_NOAUDIT) !== 0) return selinux.avc.hasPermNoAudit(sid, sid, tclass, perm)
  return selinux.avc.hasPerm(sid, sid, tclass, perm, 'cap', cap)
}

/** As `has_cap_mac_admin`: may the running task use contexts that the policy does not know? */
export const hasMacAdmin = (selinux: Selinux, audited: boolean): boolean => {
  const { cred } = selinux.ctx.current.task
  const opts = audited ? CAP_OPT_NONE : CAP_OPT_NOAUDIT
  if (cap_capable(cred, init_user_ns_of(cred.user_ns), CAP_MAC_ADMIN) !== 0) return false
  return credHasCapability(selinux, cred, CAP_MAC_ADMIN, opts, true) === 0
}
