/** Open files: what they were opened for is allowed, more is asked for by name. */
import { EACCES, F_WRLCK, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE, VM_SHARED } from '@lsmkit/abi'
import type { File, HookGroup } from '@lsmkit/core'
import { isNullDevice } from '../apparmorfs/null-device.ts'
import { filePermission, permsOfFile } from '../path/file-perm.ts'
import { condOf, isMediated, pathPermission } from '../path/path-perm.ts'
import { AA_EXEC_MMAP, AA_MAY_EXEC, AA_MAY_LOCK, AA_MAY_READ, AA_MAY_WRITE } from '../perms.ts'
import { credLabel, currentLabel, refreshCurrent } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** In f_flags of a file that is opened to be executed. */
const FMODE_EXEC = 0x20

/** As `common_file_perm`: what stands in for a descriptor that was taken is refused without a record. */
const ask = (aa: Apparmor, operation: string, file: File, request: number): number =>
  isNullDevice(aa, file)
    ? -EACCES
    : filePermission(aa, operation, currentLabel(aa), file, request)

/** As `common_mmap`: writing to a private mapping changes no file. */
const askMapping = (aa: Apparmor, operation: string, file: File | null, prot: number, isPrivate: boolean): number => {
  if (file === null) return 0
  const mask = (prot & PROT_READ ? AA_MAY_READ : 0) | ((prot & PROT_WRITE) !== 0 && !isPrivate ? AA_MAY_WRITE : 0) |
    (prot & PROT_EXEC ? AA_EXEC_MMAP : 0)
  return ask(aa, operation, file, mask)
}

/** An execve has its own questions: the program that it opens may be read and mapped under the old label. */
const askOpen = (aa: Apparmor, file: File): number => {
  const { mnt, dentry } = file.f_path
  if (!isMediated(dentry)) return 0
  const kept = aa.blobs.file(file)
  if ((file.f_flags & FMODE_EXEC) !== 0) {
    kept.allow = AA_MAY_EXEC | AA_MAY_READ | AA_EXEC_MMAP
    return 0
  }
  const label = credLabel(aa, file.f_cred)
  if (label.unconfined) return 0
  const request = permsOfFile(file)
  const rc = pathPermission(aa, 'open', label, file.f_path, request, condOf(mnt, dentry))
  kept.allow = request
  return rc
}

export const fileHooks = (aa: Apparmor): HookGroup => ({
  file_alloc_security(file) {
    aa.blobs.file(file).label = refreshCurrent(aa)
    return 0
  },
  file_free_security() {},
  file_open: (file) => askOpen(aa, file),
  file_receive: (file) => ask(aa, 'file_receive', file, permsOfFile(file)),
  file_permission: (file, mask) => ask(aa, 'file_perm', file, mask),
  file_lock: (file, cmd) => ask(aa, 'file_lock', file, AA_MAY_LOCK | (cmd === F_WRLCK ? AA_MAY_WRITE : 0)),
  mmap_file: (file, _reqprot, prot, flags) => askMapping(aa, 'file_mmap', file, prot, (flags & MAP_PRIVATE) !== 0),
  file_mprotect: (vma, _reqprot, prot) =>
    askMapping(aa, 'file_mprotect', vma.vm_file, prot, (vma.vm_flags & VM_SHARED) === 0),
})
