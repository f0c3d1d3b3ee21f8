/** modify_ldt(2): keeps segments of a process for its runner (arch/x86/kernel/ldt.c). */
import { EFAULT, EINVAL, ENOMEM, ENOSYS } from '@lsmkit/abi'
import { clear, copyOut, isGuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../state/mm/address-space.ts'

/** `struct user_desc`. */
export interface UserDesc {
  readonly entry_number: number
  readonly base_addr: number
  readonly limit: number
  readonly seg_32bit: number
  readonly contents: number
  readonly read_exec_only: number
  readonly limit_in_pages: number
  readonly seg_not_present: number
  readonly useable: number
}

const ENTRIES = 8192
const ENTRY_SIZE = 8
const DESC_SIZE = 16
const DEFAULT_SIZE = 128

/** The descriptor as the processor reads it (`fill_ldt`). */
const descriptor = (desc: UserDesc, keepsAvl: boolean): Uint8Array => {
  const { base_addr: base, limit } = desc
  const bit = (value: number): number => value & 1
  const type = ((bit(desc.read_exec_only) ^ 1) << 1) | ((desc.contents & 3) << 2) | 1
  const avl = keepsAvl ? bit(desc.useable) << 4 : 0
  return Uint8Array.of(
    limit & 0xff, (limit >>> 8) & 0xff, base & 0xff, (base >>> 8) & 0xff, (base >>> 16) & 0xff,
    type | 0x70 | ((bit(desc.seg_not_present) ^ 1) << 7),
    ((limit >>> 16) & 0xf) | avl | (bit(desc.seg_32bit) << 6) | (bit(desc.limit_in_pages) << 7), (base >>> 24) & 0xff,
  )
}

const isEmpty = (desc: UserDesc): boolean =>
  desc.base_addr === 0 && desc.limit === 0 && desc.contents === 0 && desc.read_exec_only === 1 &&
  desc.seg_32bit === 0 && desc.limit_in_pages === 0 && desc.seg_not_present === 1 && desc.useable === 0

/** Missing bytes read as zeros. Without any segment it reads 0 bytes. */
const read = (machine: Machine, out: unknown, bytecount: number): number => {
  const { ldt } = spaceOf(machine.current.task.mm!)
  if (ldt.length === 0) return 0
  const size = Math.min(bytecount, ENTRIES * ENTRY_SIZE)
  if (!(isGuestBytes(out)) || out.length < size) return -EFAULT
  clear(out, 0, size)
  copyOut(ldt.subarray(0, size), out)
  return size
}

const readDefault = (out: unknown, bytecount: number): number => {
  const size = Math.min(bytecount, DEFAULT_SIZE)
  if (!(isGuestBytes(out)) || out.length < size) return -EFAULT
  clear(out, 0, size)
  return size
}

const write = (machine: Machine, given: unknown, bytecount: number, isOld: boolean): number => {
  if (bytecount !== DESC_SIZE) return -EINVAL
  if (typeof given !== 'object' || given === null) return -EFAULT
  const desc = given as UserDesc
  if (!(desc.entry_number >= 0 && desc.entry_number < ENTRIES)) return -EINVAL
  if (desc.contents === 3 && (isOld || desc.seg_not_present === 0)) return -EINVAL
  const clears = (isOld && desc.base_addr === 0 && desc.limit === 0) || isEmpty(desc)
  const at = Math.floor(desc.entry_number) * ENTRY_SIZE
  const mm = spaceOf(machine.current.task.mm!)
  const size = Math.max(mm.ldt.length, at + ENTRY_SIZE)
  if (!mm.charge(size - mm.ldt.length)) return -ENOMEM
  const ldt = new Uint8Array(size)
  ldt.set(mm.ldt)
  ldt.set(clears ? new Uint8Array(ENTRY_SIZE) : descriptor(desc, !isOld), at)
  mm.ldt = ldt
  return 0
}

/** `ptr`: bytes to read into, or a UserDesc to write. */
const modify_ldt = (machine: Machine, func: number, ptr: unknown, bytecount: number): number => {
  if (!(bytecount >= 0)) return -EINVAL
  switch (func) {
    case 0:
      return read(machine, ptr, bytecount)
    case 1:
      return write(machine, ptr, bytecount, true)
    case 2:
      return readDefault(ptr, bytecount)
    case 0x11:
      return write(machine, ptr, bytecount, false)
    default:
      return -ENOSYS
  }
}

export const ldtSyscalls = { modify_ldt }
