/** Memory of a task without a runner: the bytes of the files it has mapped, shared memory segments included. */
import { PAGE_SIZE } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { fileState } from '../state/vfs/state.ts'
import { vma_lookup } from '../state/mm/address-space.ts'
import type { Memory } from '../state/mm/address-space.ts'

/** Reads and writes the file that is mapped at an address; without one it does nothing. Permissions are not checked. */
export const mappedFiles = (task: Task): Memory => {
  /** The open file behind `addr`, where in it that is, and how far the mapping goes. */
  const behind = (addr: number) => {
    const vma = task.mm === null ? null : vma_lookup(task.mm, addr)
    if (vma === null || vma.vm_file === null) return null
    return { file: vma.vm_file, pos: vma.vm_pgoff * PAGE_SIZE + addr - vma.vm_start, room: vma.vm_end - addr }
  }
  return {
    read(addr, len) {
      const at = behind(addr)
      if (at === null) return new Uint8Array()
      const buf = new Uint8Array(Math.min(len, at.room))
      const rc = fileState(at.file).f_op.read?.(at.file, buf, 0, buf.length, at.pos) ?? 0
      return buf.subarray(0, Math.max(rc, 0))
    },
    write(addr, data) {
      const at = behind(addr)
      if (at === null) return 0
      return Math.max(fileState(at.file).f_op.write?.(at.file, data, 0, Math.min(data.length, at.room), at.pos) ?? 0, 0)
    },
  }
}
