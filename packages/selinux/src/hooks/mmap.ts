/** Mappings: file rights by protection, and memory that is executable although somebody can write to it. */
import {
  MAP_SHARED, MAP_TYPE, PROT_EXEC, PROT_READ, PROT_WRITE, S_PRIVATE, VM_EXEC, VM_READ, VM_SHARED, VM_WRITE,
} from '@lsmkit/abi'
import type { Cred, File, HookTable, Mm, Vma } from '@lsmkit/core'
import { fileHas, inodeHas, selfHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { credSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { file: fileAv, process } = AV

type HasFile = typeof fileHas

/** The same of the file below an overlay: its descriptor is that of whoever opened the one above. */
const backingHas: HasFile = (selinux, cred, file, perms) => {
  const sid = credSid(selinux, cred)
  const { uf_sid: opener } = selinux.blobs.backing_file(file)
  if (sid !== opener) {
    const rc = selinux.avc.hasPerm(sid, opener, SECCLASS.fd, AV.fd.use, 'file', file)
    if (rc !== 0) return rc
  }
  return inodeHas(selinux, cred, file.f_inode, perms, 'file', file)
}

/** As `file_map_prot_check`. */
const mapProt = (
  selinux: Selinux, cred: Cred, file: File | null, prot: number, isShared: boolean, has: HasFile = fileHas,
): number => {
  const executes = (prot & PROT_EXEC) !== 0
  const writes = (prot & PROT_WRITE) !== 0
  const isAnonymous = file === null || (file.f_inode.i_flags & S_PRIVATE) !== 0
  if (executes && (isAnonymous || (!isShared && writes))) {
    const rc = selfHas(selinux, SECCLASS.process, process.execmem)
    if (rc !== 0) return rc
  }
  if (file === null) return 0
  let perms: number = fileAv.read
  if (isShared && writes) perms |= fileAv.write
  if (executes) perms |= fileAv.execute
  return has(selinux, cred, file, perms)
}

/** As `vma_is_initial_heap` and `vma_is_initial_stack`. */
const isHeap = ({ vm_start, vm_end, vm_mm: { start_brk, brk } }: Vma): boolean => vm_start < brk && vm_end > start_brk
const isStack = ({ vm_start, vm_end }: Vma, { start_stack }: Mm): boolean =>
  vm_start <= start_stack && vm_end >= start_stack

/** What the mapping was, before it becomes executable: 0 or -errno. */
const becomesExecutable = (selinux: Selinux, cred: Cred, vma: Vma): number => {
  if (isHeap(vma)) return selfHas(selinux, SECCLASS.process, process.execheap)
  if (vma.vm_file === null) {
    return isStack(vma, vma.vm_mm) ? selfHas(selinux, SECCLASS.process, process.execstack) : 0
  }
  // private pages that were written to are no longer the file's
  return vma.anon_vma ? fileHas(selinux, cred, vma.vm_file, fileAv.execmod) : 0
}

export const mmapHooks: HookTable<Selinux> = {
  mmap_file(selinux, file, _reqprot, prot, flags) {
    const { cred } = selinux.ctx.current.task
    if (file !== null) {
      const rc = inodeHas(selinux, cred, file.f_inode, fileAv.map, 'file', file)
      if (rc !== 0) return rc
    }
    return mapProt(selinux, cred, file, prot, (flags & MAP_TYPE) === MAP_SHARED)
  },

  /** The file below (overlayfs) is mapped with the rights of who mounted it. */
  mmap_backing_file(selinux, vma, backing) {
    const { vm_flags: flags } = vma
    const prot =
      ((flags & VM_READ) !== 0 ? PROT_READ : 0) | ((flags & VM_WRITE) !== 0 ? PROT_WRITE : 0) |
      ((flags & VM_EXEC) !== 0 ? PROT_EXEC : 0)
    const { f_cred: cred } = backing
    const rc = inodeHas(selinux, cred, backing.f_inode, fileAv.map, 'file', backing)
    return rc !== 0 ? rc : mapProt(selinux, cred, backing, prot, (flags & VM_SHARED) !== 0, backingHas)
  },

  file_mprotect(selinux, vma, _reqprot, prot) {
    const { cred } = selinux.ctx.current.task
    if ((prot & PROT_EXEC) !== 0 && (vma.vm_flags & VM_EXEC) === 0) {
      const rc = becomesExecutable(selinux, cred, vma)
      if (rc !== 0) return rc
    }
    return mapProt(selinux, cred, vma.vm_file, prot, (vma.vm_flags & VM_SHARED) !== 0)
  },
}
