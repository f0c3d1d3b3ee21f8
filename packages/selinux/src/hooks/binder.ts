/** Binder: who may call whom, and hand over objects and files. */
import type { Cred, HookGroup } from '@lsmkit/core'
import { bpfPass, dentryState } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { credSid, currentSid } from '../state.ts'
import { S_PRIVATE } from '@lsmkit/abi'
import { filePerms } from '../mode-class.ts'
import type { Selinux } from '../state.ts'

export const binderHooks = (selinux: Selinux): HookGroup => {
  const { avc } = selinux
  const { binder } = AV
  const between = (from: number, to: Cred, perm: number): number =>
    avc.hasPerm(from, credSid(selinux, to), SECCLASS.binder, perm, 'nothing', null)
  return {
    binder_set_context_mgr: (mgr) => between(currentSid(selinux), mgr, binder.set_context_mgr),

    /** Somebody else's transaction needs the right to stand in for it. */
    binder_transaction(from, to) {
      const sid = currentSid(selinux)
      const rc = sid === credSid(selinux, from) ? 0 : between(sid, from, binder.impersonate)
      return rc !== 0 ? rc : between(credSid(selinux, from), to, binder.call)
    },

    binder_transfer_binder: (from, to) => between(credSid(selinux, from), to, binder.transfer),

    binder_transfer_file(_from, to, file) {
      const sid = credSid(selinux, to)
      const opener = selinux.blobs.file(file).sid
      const { f_path: path, f_inode: inode } = file
      if (sid !== opener) {
        const rc = avc.hasPerm(sid, opener, SECCLASS.fd, AV.fd.use, 'path', path)
        if (rc !== 0) return rc
      }
      const rc = bpfPass(selinux, file, sid)
      if (rc !== 0 || (inode.i_flags & S_PRIVATE) !== 0) return rc
      const { sid: label, sclass } = dentryState(selinux, path.dentry)
      return avc.hasPerm(sid, label, sclass, filePerms(file), 'path', path)
    },
  }
}
