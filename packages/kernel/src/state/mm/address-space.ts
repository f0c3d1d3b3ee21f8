/** `struct mm_struct`: the mappings of a process, and the strings and numbers that its program was started with. */
import {
  PAGE_SIZE, PR_MDWE_NO_INHERIT, SUID_DUMP_USER, TASK_SIZE, VM_DONTEXPAND, VM_GROWSDOWN, VM_IO, VM_LOCKED, VM_MAYWRITE,
  VM_SHARED, VM_WRITE,
} from '@lsmkit/abi'
import type { File, Mm, UserNamespace, Vma } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import { firstWhere } from '../sorted.ts'
import { fileState, inodeState } from '../vfs/state.ts'

/** How others reach a program's memory (ptrace, /proc/PID/mem, process_vm_readv). The runner of a program sets it. */
export interface Memory {
  /** The bytes at `addr`, as many of `len` as are mapped. */
  read(addr: number, len: number): Uint8Array
  /** Bytes written. */
  write(addr: number, data: Uint8Array): number
}

/** From `start` up to `end`, which is not in it. */
export interface AddressRange {
  readonly start: number
  readonly end: number
}

/** `struct mm_struct`; sizes are in pages, addresses in bytes. */
export class AddressSpace extends Holder implements Mm {
  users = 1
  total_vm = 0
  locked_vm = 0
  data_vm = 0
  stack_vm = 0
  dumpable: number = SUID_DUMP_USER
  user_ns: UserNamespace
  exe_file: File | null = null
  vmas: Vma[] = []
  /** VM_LOCKED for mappings to come (mlockall). */
  def_flags = 0
  argv: readonly string[] = []
  envp: readonly string[] = []
  /** Tag and value, without the end mark. */
  auxv: readonly (readonly [tag: number, value: number])[] = []
  memory: Memory | null = null
  /** Where unhinted mappings are searched from, downwards. */
  readonly mmap_base: number
  /** PR_SET_MDWE bits. */
  mdwe = 0
  thpDisabled = false
  /** Segments (modify_ldt), replaced rather than changed. */
  ldt = new Uint8Array(0)
  /** PR_SET_MEMORY_MERGE. */
  mergeAny = false
  /** From `mmap_base` down to where there is no hole larger than this, as long as nothing has been unmapped there. */
  searched: { readonly down: number; readonly hole: number }
  /** Ranges sealed by mseal(2), by rising address. */
  sealed: readonly AddressRange[] = []
  // The last, because V8 makes the shapes of all fields behind one anew when its first large number comes.
  start_brk = 0
  brk = 0
  start_stack = 0
  start_code = 0
  end_code = 0
  start_data = 0
  end_data = 0
  arg_start = 0
  arg_end = 0
  env_start = 0
  env_end = 0

  constructor(account: MemoryAccount, user_ns: UserNamespace, mmap_base = DEFAULT_MMAP_BASE) {
    super(account, 0)
    this.user_ns = user_ns
    this.mmap_base = mmap_base
    this.searched = { down: mmap_base, hole: 0 }
  }
}

/** As `mmf_init_flags`: flags that a fork or a new program takes over from the old memory. */
export const inheritFlags = (mm: AddressSpace, from: AddressSpace): void => {
  mm.thpDisabled = from.thpDisabled
  mm.mergeAny = from.mergeAny
  mm.mdwe = (from.mdwe & PR_MDWE_NO_INHERIT) !== 0 ? 0 : from.mdwe
}

/** The gap below the stack: no address is random here. */
const DEFAULT_MMAP_BASE = TASK_SIZE - 128 * 1024 * 1024

export const spaceOf = (mm: Mm): AddressSpace => mm as AddressSpace

export const pageAlign = (n: number): number => Math.ceil(n / PAGE_SIZE) * PAGE_SIZE
export const pageDown = (n: number): number => Math.floor(n / PAGE_SIZE) * PAGE_SIZE
export const pagesOf = (vma: Vma): number => (vma.vm_end - vma.vm_start) / PAGE_SIZE

/** As `accountable_mapping`: private and writable memory is charged. */
export const isAccountable = (vm_flags: number): boolean => (vm_flags & (VM_WRITE | VM_SHARED)) === VM_WRITE

/** Keeps the counters that limits and /proc look at (`vm_stat_account`). */
export const account = (mm: AddressSpace, vm_flags: number, pages: number): void => {
  mm.total_vm += pages
  if (vm_flags & VM_LOCKED) mm.locked_vm += pages
  if (vm_flags & VM_GROWSDOWN) mm.stack_vm += pages
  else if (isAccountable(vm_flags)) mm.data_vm += pages
}

/** The first mapping that ends above `addr` (`find_vma`); null if there is none. */
export const find_vma = (mm: Mm, addr: number): Vma | null => mm.vmas[firstAbove(mm, addr)] ?? null

/** Place of the first mapping that ends above `addr`. */
export const firstAbove = ({ vmas }: Mm, addr: number): number => firstWhere(vmas, ({ vm_end }) => vm_end > addr)

/** Sorted ranges with one more: those it touches become one with it. */
export const withRange = (ranges: readonly AddressRange[], { start, end }: AddressRange): readonly AddressRange[] => {
  const from = firstWhere(ranges, (range) => range.end >= start)
  const to = firstWhere(ranges, (range) => range.start > end)
  const whole = from === to ? { start, end }
    : { start: Math.min(start, ranges[from]!.start), end: Math.max(end, ranges[to - 1]!.end) }
  return [...ranges.slice(0, from), whole, ...ranges.slice(to)]
}

/** As `can_modify_mm`: nothing in [start, end) is sealed. */
export const canModify = ({ sealed }: AddressSpace, start: number, end: number): boolean => {
  const range = sealed[firstWhere(sealed, (one) => one.end > start)]
  return range === undefined || range.start >= end
}

/** The mapping that has `addr`. */
export const vma_lookup = (mm: Mm, addr: number): Vma | null => {
  const vma = find_vma(mm, addr)
  return vma !== null && vma.vm_start <= addr ? vma : null
}

/** The mappings that touch [start, end); nothing touches an empty range. */
export const vmasIn = (mm: Mm, start: number, end: number): Vma[] =>
  start < end ? mm.vmas.slice(firstAbove(mm, start), firstWhere(mm.vmas, ({ vm_start }) => vm_start >= end)) : []

/** Before mappings are cut or added: whether there is memory for the most that one call makes. */
export const hasVmaRoom = (mm: AddressSpace): boolean => mm.hasRoom(3 * COST.vma)

/** Inserts a mapping. The caller has checked the limit (`hasVmaRoom`). */
export const insertVma = (mm: Mm, vma: Vma): void => {
  spaceOf(mm).force(COST.vma)
  mm.vmas.splice(firstWhere(mm.vmas, ({ vm_start }) => vm_start > vma.vm_start), 0, vma)
}

/** As `mapping_map_writable` and its opposite: a mapping comes (1) or goes (-1). */
export const countWritable = ({ vm_file, vm_flags }: Vma, by: number): void => {
  if (vm_file !== null && (vm_flags & VM_SHARED) !== 0 && (vm_flags & VM_MAYWRITE) !== 0)
    inodeState(vm_file.f_inode).makeRare().i_mmap_writable += by
}

/** Takes a reference to the file for one more mapping of it, and calls `vm_open` of its driver. */
export const shareFile = (vma: Vma): void => {
  if (vma.vm_file === null) return
  vma.vm_file.f_count++
  countWritable(vma, 1)
  fileState(vma.vm_file).f_op.vm_open?.(vma)
}

/** As `can_vma_merge_after`: the two differ only in their addresses, and the driver does not need `vm_close`. */
export const canMerge = (mm: AddressSpace, below: Vma, above: Vma): boolean =>
  below.vm_end === above.vm_start && below.vm_flags === above.vm_flags && below.vm_file === above.vm_file &&
  below.vm_pgoff + pagesOf(below) === above.vm_pgoff && (below.vm_flags & (VM_IO | VM_DONTEXPAND)) === 0 &&
  (below.vm_file === null || fileState(below.vm_file).f_op.vm_close === null) &&
  canModify(mm, below.vm_start, below.vm_end) === canModify(mm, above.vm_start, above.vm_end)

/** The mappings in [start, end), split at both ends. */
export const cutVmas = (mm: Mm, start: number, end: number): Vma[] =>
  vmasIn(mm, start, end).map((vma) => {
    const part = vma.vm_start < start ? splitVma(mm, vma, start) : vma
    if (part.vm_end > end) splitVma(mm, part, end)
    return part
  })

/** Cuts `vma` at `addr`; the upper part is a new mapping of the same file. */
export const splitVma = (mm: Mm, vma: Vma, addr: number): Vma => {
  const upper: Vma = { ...vma, vm_start: addr, vm_pgoff: vma.vm_pgoff + (addr - vma.vm_start) / PAGE_SIZE }
  shareFile(upper)
  vma.vm_end = addr
  insertVma(mm, upper)
  return upper
}

/** Pages below a stack in which nothing else is put of its own accord (`stack_guard_gap`). */
const STACK_GUARD_GAP = 256

/** As `vm_start_gap`: how far up the neighbour below may reach. */
export const startGap = (vma: Vma): number =>
  vma.vm_flags & VM_GROWSDOWN ? Math.max(vma.vm_start - STACK_GUARD_GAP * PAGE_SIZE, 0) : vma.vm_start

/**
 * The highest free place of `len` bytes below `mmap_base`, at or above `lowest`; -1 if there is none. It skips what an
 * earlier search found to have no such hole.
 */
export const unmappedArea = (mm: AddressSpace, len: number, lowest: number): number => {
  if (len <= mm.searched.hole) mm.searched = { down: mm.mmap_base, hole: 0 }
  let { down, hole } = mm.searched
  // the one above may be a stack, which reaches lower than it is
  for (let i = Math.min(firstWhere(mm.vmas, (vma) => vma.vm_start >= down), mm.vmas.length - 1); i >= 0; i--) {
    const vma = mm.vmas[i]!
    if (startGap(vma) >= down) continue
    if (vma.vm_end <= down - len) break
    hole = Math.max(hole, down - vma.vm_end)
    down = startGap(vma)
  }
  mm.searched = { down, hole }
  return down - len >= lowest ? down - len : -1
}
