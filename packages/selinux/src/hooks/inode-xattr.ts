/** Relabelling: security.selinux as an attribute of a file. */
import {
  EACCES, EINVAL, EOPNOTSUPP, EPERM, XATTR_NAME_SELINUX,
} from '@lsmkit/abi'
import { inode_owner_or_capable } from '@lsmkit/core'
import type { HookTable } from '@lsmkit/core'
import { invalidContextText } from '../avc/mac-text.ts'
import { SBLABEL_MNT } from '../blobs.ts'
import { dentryHas, dentryState, hasMacAdmin } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { contextText, writtenText } from '../context-text.ts'
import { modeClass } from '../mode-class.ts'
import { currentSid, logError } from '../state.ts'
import type { Selinux } from '../state.ts'

/** The SID of a new label. One the policy does not know needs CAP_MAC_ADMIN and at least a byte; it is kept as text. */
const newLabel = (selinux: Selinux, value: Uint8Array): number => {
  const text = contextText(value)
  const sid = selinux.server.contextToSid(text)
  if (sid !== -EINVAL) return sid
  if (!hasMacAdmin(selinux, true)) {
    logError(selinux, invalidContextText('setxattr', selinux.ctx.audit.untrusted(writtenText(value))))
    return sid
  }
  return value.length === 0 ? sid : selinux.server.contextToSidForce(text)
}

export const inodeXattrHooks: HookTable<Selinux> = {
  /** Its own checks take the place of the capability module's. */
  inode_xattr_skipcap: (_selinux, name) => (name === XATTR_NAME_SELINUX ? 1 : 0),

  inode_setxattr(selinux, idmap, dentry, name, value, size) {
    if (name !== XATTR_NAME_SELINUX) return dentryHas(selinux, dentry, AV.file.setattr)
    const { avc, server } = selinux
    const inode = dentry.d_inode!
    const owns = (): boolean => inode_owner_or_capable(selinux.ctx.lsm, selinux.ctx.current, idmap, inode)
    if (!server.loaded) return owns() ? 0 : -EPERM
    const sb = selinux.blobs.superblock(inode.i_sb)
    if ((sb.flags & SBLABEL_MNT) === 0) return -EOPNOTSUPP
    if (!owns()) return -EPERM
    const { sid: old, sclass } = dentryState(selinux, dentry)
    const sid = currentSid(selinux)
    const from = avc.hasPerm(sid, old, sclass, AV.file.relabelfrom, 'dentry', dentry)
    if (from !== 0) return from
    const label = newLabel(selinux, value.subarray(0, size))
    if (label < 0) return label
    return (
      avc.hasPerm(sid, label, sclass, AV.file.relabelto, 'dentry', dentry) ||
      server.validateTransition(old, label, sid, sclass) ||
      avc.hasPerm(label, sb.sid, SECCLASS.filesystem, AV.filesystem.associate, 'dentry', dentry)
    )
  },

  inode_post_setxattr(selinux, dentry, name, value, size) {
    if (name !== XATTR_NAME_SELINUX || !selinux.server.loaded) return
    const text = contextText(value.subarray(0, size))
    const known = selinux.server.contextToSid(text)
    const sid = known < 0 ? selinux.server.contextToSidForce(text) : known
    if (sid < 0) return
    const inode = dentry.d_inode!
    selinux.blobs.inode(inode).label(sid, modeClass(inode.i_mode))
  },

  /** Nobody may take a label off. */
  inode_removexattr(selinux, _idmap, dentry, name) {
    if (name !== XATTR_NAME_SELINUX) return dentryHas(selinux, dentry, AV.file.setattr)
    return selinux.server.loaded ? -EACCES : 0
  },
}
