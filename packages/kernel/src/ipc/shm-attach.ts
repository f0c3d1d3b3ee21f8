/** Attaching shared memory: shmat and shmdt, and how attachments are counted (do_shmat of ipc/shm.c). */
import {
  EACCES, EINVAL, MAP_FIXED, MAP_SHARED, O_RDONLY, O_RDWR, PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE, SHM_EXEC,
  SHM_RDONLY, SHM_REMAP, SHM_RND,
} from '@lsmkit/abi'
import type { File, Vma } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { pageDown, spaceOf, vmasIn } from '../state/mm/address-space.ts'
import { fileState } from '../state/vfs/state.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import type { ShmSegment } from '../state/ipc/shm-segment.ts'
import { tgidOf } from './stat.ts'
import { ownIpcNamespace } from './namespaces.ts'
import { obtain, ipcperms } from './checks.ts'
import { putSegment } from './shm.ts'

const S_IRUGO = 0o444
const S_IWUGO = 0o222
const S_IXUGO = 0o111

/** State of an attached file (`struct shm_file_data`). */
interface Attached {
  readonly ns: IpcNamespace
  readonly segment: ShmSegment
}

const attachedOf = (file: File): Attached => fileState(file).data as Attached

const opened = (machine: Machine, { vm_file }: Vma): void => {
  const { segment } = attachedOf(vm_file!)
  segment.nattch++
  segment.atime = machine.now().sec
  segment.lpid = tgidOf(machine.current.task)
}

/** Each file stands for one shmat; reads and writes go to the segment's own. */
export const attachmentOps = (machine: Machine) => fileOperations({
  read: (file, buf, off, len, pos) => {
    const base = attachedOf(file).segment.file
    return fileState(base).f_op.read!(base, buf, off, len, pos)
  },
  write: (file, buf, off, len, pos) => {
    const base = attachedOf(file).segment.file
    return fileState(base).f_op.write!(base, buf, off, len, pos)
  },
  mmap: (_file, vma) => {
    opened(machine, vma)
    return 0
  },
  release(_inode, file) {
    const { plain } = attachedOf(file).ns
    plain.users--
    machine.namespaces.put_ipc_ns(plain)
  },
  vm_open: opened.bind(null, machine),
  vm_close: ({ vm_file }) => {
    const { ns, segment } = attachedOf(vm_file!)
    segment.nattch--
    segment.dtime = machine.now().sec
    segment.lpid = tgidOf(machine.current.task)
    putSegment(machine, ns, segment)
  },
})

/** Where it is to go: 0 for anywhere; null where it cannot be. */
const addressOf = (addr: number, flags: number): number | null => {
  if (addr === 0) return (flags & SHM_REMAP) !== 0 ? null : 0
  if (addr % PAGE_SIZE === 0) return addr
  if ((flags & SHM_RND) === 0) return null
  const down = pageDown(addr)
  return down === 0 && (flags & SHM_REMAP) !== 0 ? null : down
}

const attach = (
  machine: Machine, ns: IpcNamespace, segment: ShmSegment, addr: number, prot: number, flags: number,
): number => {
  const { f_path } = segment.file
  const file = machine.vfs.alloc_file(
    f_path, (flags & SHM_RDONLY) !== 0 ? O_RDONLY : O_RDWR, machine.ipcTable.attachment,
  )
  if (typeof file === 'number') return file
  fileState(file).data = { ns, segment } satisfies Attached
  ns.plain.users++
  const how = MAP_SHARED | (addr === 0 ? 0 : MAP_FIXED)
  let rc = machine.lsm.mmap_file.ask(file, prot, how)
  const size = segment.segsz
  const isTaken = addr !== 0 && (flags & SHM_REMAP) === 0 &&
    vmasIn(machine.current.task.mm!, addr, addr + size).length !== 0
  if (rc === 0 && isTaken) rc = -EINVAL
  if (rc === 0) rc = machine.mmaps.do_mmap(file, addr, size, prot, how, 0)
  machine.vfs.fput(file)
  return rc
}

/** The address, or -errno. */
export const shmat = (machine: Machine, id: number, shmaddr: number | null, flags: number): number => {
  if (id < 0) return -EINVAL
  const addr = addressOf(shmaddr ?? 0, flags)
  if (addr === null) return -EINVAL
  const readOnly = (flags & SHM_RDONLY) !== 0
  const exec = (flags & SHM_EXEC) !== 0
  const access = S_IRUGO | (readOnly ? 0 : S_IWUGO) | (exec ? S_IXUGO : 0)
  const prot = PROT_READ | (readOnly ? 0 : PROT_WRITE) | (exec ? PROT_EXEC : 0)
  const ns = ownIpcNamespace(machine)
  const segment = obtain(machine, ns.shm, id)
  if (typeof segment === 'number') return segment
  if (!ipcperms(machine, ns.user_ns, segment.perm, access)) return -EACCES
  let rc = machine.lsm.shm_shmat.ask(segment.perm, shmaddr, flags)
  if (rc !== 0) return rc
  segment.nattch++
  rc = attach(machine, ns, segment, addr, prot, flags)
  segment.nattch--
  putSegment(machine, ns, segment)
  return rc
}

/** Unmaps each mapping of the attachment that begins at `addr`, even if it was split since. */
export const shmdt = (machine: Machine, addr: number): number => {
  if (addr % PAGE_SIZE !== 0) return -EINVAL
  const mm = spaceOf(machine.current.task.mm!)
  const belongs = ({ vm_start, vm_pgoff, vm_file }: Vma): boolean =>
    vm_file !== null && fileState(vm_file).f_op === machine.ipcTable.attachment &&
      vm_start - addr === vm_pgoff * PAGE_SIZE
  const first = mm.vmas.find((vma) => vma.vm_start >= addr && belongs(vma))
  if (first === undefined) return -EINVAL
  const { segsz } = attachedOf(first.vm_file!).segment
  for (const vma of vmasIn(mm, addr, addr + Math.max(segsz, PAGE_SIZE)))
    if (vma.vm_file === first.vm_file && belongs(vma)) machine.mmaps.unmapRange(mm, vma.vm_start, vma.vm_end)
  return 0
}
