/** Credentials: copied whole; others of the kernel may act in a domain they name. */
import {
  READING_FIRMWARE, READING_KEXEC_IMAGE, READING_KEXEC_INITRAMFS, READING_MODULE, READING_POLICY,
  READING_X509_CERTIFICATE,
} from '@lsmkit/abi'
import type { File, HookTable } from '@lsmkit/core'
import { currentHas, inodeState, selfHas } from '../checks.ts'
import { AV, laterPermission, SECCLASS } from '../class-map.ts'
import { SECINITSID_KERNEL, SECSID_NULL } from '../initial-sids.ts'
import { currentSid, taskSid } from '../state.ts'
import type { Selinux } from '../state.ts'

/** What the kernel reads for itself, and the permission for it; 6.12 asks about modules alone. */
const reads = new Map([
  [READING_MODULE, AV.system.module_load], [READING_FIRMWARE, laterPermission('system', 'firmware_load')],
  [READING_KEXEC_IMAGE, laterPermission('system', 'kexec_image_load')],
  [READING_KEXEC_INITRAMFS, laterPermission('system', 'kexec_initramfs_load')],
  [READING_POLICY, laterPermission('system', 'policy_load')],
  [READING_X509_CERTIFICATE, laterPermission('system', 'x509_certificate_load')],
])

/** As `selinux_kernel_load_from_file` (6.12: `selinux_kernel_module_from_file`); without a file it came as bytes. */
const kernelRead = (selinux: Selinux, file: File | null, id: number): number => {
  const perm = id === READING_MODULE || selinux.release.asksKernelReads ? reads.get(id) : undefined
  if (perm === undefined) return 0
  if (file === null) return selfHas(selinux, SECCLASS.system, perm)
  const sid = currentSid(selinux)
  const opener = selinux.blobs.file(file).sid
  if (sid !== opener) {
    const rc = selinux.avc.hasPerm(sid, opener, SECCLASS.fd, AV.fd.use, 'file', file)
    if (rc !== 0) return rc
  }
  const { sid: label } = inodeState(selinux, file.f_inode)
  return selinux.avc.hasPerm(sid, label, SECCLASS.system, perm, 'file', file)
}

export const credHooks: HookTable<Selinux> = {
  cred_prepare(selinux, next, old) {
    selinux.blobs.cred(next).copy(selinux.blobs.cred(old))
    return 0
  },

  cred_transfer(selinux, next, old) {
    selinux.blobs.cred(next).copy(selinux.blobs.cred(old))
  },

  cred_getsecid(selinux, cred, secid) {
    secid.value = selinux.blobs.cred(cred).sid
  },
  current_getsecid_subj(selinux, secid) {
    secid.value = currentSid(selinux)
  },
  task_getsecid_obj(selinux, p, secid) {
    secid.value = taskSid(selinux, p)
  },

  kernel_act_as(selinux, next, secid) {
    const perm = AV.kernel_service.use_as_override
    const rc = currentHas(selinux, secid, SECCLASS.kernel_service, perm)
    if (rc !== 0) return rc
    const state = selinux.blobs.cred(next)
    state.sid = secid
    state.create_sid = state.keycreate_sid = state.sockcreate_sid = SECSID_NULL
    return 0
  },

  kernel_create_files_as(selinux, next, inode) {
    const { sid } = inodeState(selinux, inode)
    const rc = currentHas(selinux, sid, SECCLASS.kernel_service, AV.kernel_service.create_files_as)
    if (rc === 0) selinux.blobs.cred(next).create_sid = sid
    return rc
  },

  kernel_module_request: (selinux, name) =>
    selinux.avc.hasPerm(
      currentSid(selinux), SECINITSID_KERNEL, SECCLASS.system, AV.system.module_request, 'kmod', name,
    ),

  kernel_load_data: (selinux, id) => kernelRead(selinux, null, id),
  kernel_read_file: (selinux, file, id) => kernelRead(selinux, file, id),
}
