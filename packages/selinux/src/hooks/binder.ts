/** Binder: who may call whom, and hand over objects and files. */
import type { Cred, HookTable } from '@lsmkit/core'
import { bpfPass, dentryState } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { credSid, currentSid } from '../state.ts'
import { S_PRIVATE } from '@lsmkit/abi'
import { filePerms } from '../mode-class.ts'
import type { Selinux } from '../state.ts'

const { binder } = AV

const between = (selinux: Selinux, from: number, to: Cred, perm: number): number =>
  selinux.avc.hasPerm(from, credSid(selinux, to), SECCLASS.binder, perm, 'nothing', null)

export const binderHooks: HookTable<Selinux> = {
  binder_set_context_mgr: (selinux, mgr) => between(selinux, currentSid(selinux), mgr, binder.set_context_mgr),

  /** A transaction of another process needs the right to stand in for it. */
  binder_transaction(selinux, from, to) {
    const sid = currentSid(selinux)
    const rc = sid === credSid(selinux, from) ? 0 : between(selinux, sid, from, binder.impersonate)
    return rc !== 0 ? rc : between(selinux, credSid(selinux, from), to, binder.call)
  },

  binder_transfer_binder: (selinux, from, to) => between(selinux, credSid(selinux, from), to, binder.transfer),

  binder_transfer_file(selinux, _from, to, file) {
    const sid = credSid(selinux, to)
    const opener = selinux.blobs.file(file).sid
    const { f_path: path, f_inode: inode } = file
    if (sid !== opener) {
      const rc = selinux.avc.hasPerm(sid, opener, SECCLASS.fd, AV.fd.use, 'path', path)
      if (rc !== 0) return rc
    }
    const rc = bpfPass(selinux, file, sid)
    if (rc !== 0 || (inode.i_flags & S_PRIVATE) !== 0) return rc
    const { sid: label, sclass } = dentryState(selinux, path.dentry)
    return selinux.avc.hasPerm(sid, label, sclass, filePerms(file), 'path', path)
  },
}
