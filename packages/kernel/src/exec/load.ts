/** Loading a program of any format: the contents of its file, its mappings, and the start of the process. */
import {
  AT_CLKTCK, AT_EGID, AT_EUID, AT_EXECFN, AT_GID, AT_PAGESZ, AT_RANDOM, AT_SECURE, AT_UID, EIO, ENOMEM, MAP_FIXED,
  MAP_PRIVATE, PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE, TASK_SIZE, VM_EXEC, VM_MAYEXEC, VM_MAYREAD, VM_READ,
} from '@lsmkit/abi'
import { from_kgid_munged, from_kuid_munged } from '@lsmkit/core'
import type { File, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { account, insertVma, pageAlign, pageDown, spaceOf } from '../state/mm/address-space.ts'
import { threadOf } from '../state/task/thread.ts'
import type { ExecBinprm } from '../state/exec/binprm.ts'
import { ImageMemory } from '../state/exec/image.ts'
import type { NativeProgram } from '../state/exec/native.ts'
import type { Extent } from './wasm.ts'

/** Where programs are mapped, as static ELF programs are. */
const LOAD_ADDRESS = 0x400000
const CLOCK_TICKS = 100
/** Bytes of a string beside its text. */
const STRING = 32

/** One part of a file that becomes a mapping. */
export interface Segment extends Extent {
  readonly prot: number
}
export const codeSegment = (extent: Extent): Segment => ({ ...extent, prot: PROT_READ | PROT_EXEC })
export const constSegment = (extent: Extent): Segment => ({ ...extent, prot: PROT_READ })
export const dataSegment = (extent: Extent): Segment => ({ ...extent, prot: PROT_READ | PROT_WRITE })

type Kind = { kind: 'wasm'; bytes: Uint8Array<ArrayBuffer> } | { kind: 'native'; program: NativeProgram }

/** Bytes on the host's heap: strings, with at most two bytes for each unit, and the file of a module. */
const memoryOf = ({ argv, envp }: ExecBinprm, kind: Kind): number => {
  const file = kind.kind === 'wasm' ? kind.bytes.length : 0
  return [...argv, ...envp].reduce((sum, { length }) => sum + STRING + 2 * length, file)
}

/**
 * As `kernel_read` of the file, or of its first `most` bytes; one hook is asked. -ENOMEM before any memory is
 * allocated.
 */
export const readAll = (machine: Machine, file: File, most = Infinity): Uint8Array<ArrayBuffer> | number => {
  const size = Math.min(file.f_inode.i_size, most)
  if (!machine.ceiling.hasImage(size) || !machine.account.hasRoom(size)) return -ENOMEM
  const bytes = new Uint8Array(size)
  const read = machine.vfs.vfs_read(file, bytes, 0, size, 0)
  return read < 0 ? read : read < size ? -EIO : bytes
}

/** Maps the segments one after another; 0 or -errno. */
const mapSegments = (machine: Machine, bprm: ExecBinprm, segments: readonly Segment[]): number => {
  const mm = spaceOf(machine.current.task.mm!)
  let at = LOAD_ADDRESS
  for (const { offset, size, prot } of segments) {
    const start = pageDown(offset)
    const len = pageAlign(offset + Math.max(size, 1) - start)
    const rc = machine.mmaps.vm_mmap(bprm.file, at, len, prot, MAP_PRIVATE | MAP_FIXED, start)
    if (rc < 0) return rc
    if (prot & PROT_EXEC) [mm.start_code, mm.end_code] = [at, at + size]
    if (prot & PROT_WRITE) [mm.start_data, mm.end_data] = [at, at + size]
    at += len
  }
  mm.start_brk = mm.brk = pageAlign(at) + PAGE_SIZE
  return mapGate(machine)
}

/** The page through which a program reaches the kernel: the vdso's place in an ELF process. */
const mapGate = (machine: Machine): number => {
  const mm = spaceOf(machine.current.task.mm!)
  const at = machine.mmaps.get_unmapped_area(0, PAGE_SIZE, 0)
  if (at < 0) return at
  const vm_flags = VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYEXEC
  insertVma(mm, {
    vm_start: at,
    vm_end: at + PAGE_SIZE,
    vm_flags,
    vm_pgoff: 0,
    vm_file: null,
    vm_mm: mm,
    anon_vma: false,
  })
  account(mm, vm_flags, 1)
  return 0
}

/** As `create_elf_tables`. */
const auxv = (task: Task, bprm: ExecBinprm): readonly (readonly [number, number])[] => {
  const { cred } = task
  const { user_ns } = cred
  return [
    [AT_PAGESZ, PAGE_SIZE],
    [AT_CLKTCK, CLOCK_TICKS],
    [AT_UID, from_kuid_munged(user_ns, cred.uid)],
    [AT_EUID, from_kuid_munged(user_ns, cred.euid)],
    [AT_GID, from_kgid_munged(user_ns, cred.gid)],
    [AT_EGID, from_kgid_munged(user_ns, cred.egid)],
    [AT_SECURE, bprm.secureexec ? 1 : 0],
    [AT_RANDOM, spaceOf(task.mm!).start_stack + 16],
    [AT_EXECFN, TASK_SIZE - 8 - (new TextEncoder().encode(bprm.filename).length + 1)],
  ]
}

/** Loads the program, past the point of no return: stack, mappings, and the image for the runner. */
export const start = (machine: Machine,
  bprm: ExecBinprm, segments: readonly Segment[], kind: Kind,
): number => {
  const bytes = memoryOf(bprm, kind)
  const payer = machine.account
  if (!payer.charge(bytes)) return -ENOMEM
  const memory = new ImageMemory(payer, bytes)
  let rc = machine.exec.begin_new_exec(bprm)
  if (rc === 0) rc = machine.exec.setup_stack(bprm)
  if (rc === 0) rc = mapSegments(machine, bprm, segments)
  if (rc !== 0) {
    memory.put()
    return rc
  }
  const { task } = machine.current
  const vector = auxv(task, bprm)
  spaceOf(task.mm!).auxv = vector
  const { file, argv, envp, secureexec } = bprm
  threadOf(task).image?.memory.put()
  threadOf(task).image = { ...kind, memory, file, argv, envp, secureexec, auxv: vector }
  return 0
}
