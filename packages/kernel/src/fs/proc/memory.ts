/**
 * Memory of a process, for readers who may look into it: maps, mem, environ, auxv, cmdline (fs/proc/base.c,
 * task_mmu.c).
 */
import {
  EINVAL, EIO, ESRCH, PAGE_SIZE, PTRACE_MODE_ATTACH_FSCREDS, PTRACE_MODE_READ_FSCREDS, SEEK_CUR,
  SEEK_SET, VM_EXEC, VM_GROWSDOWN, VM_MAYSHARE, VM_READ, VM_WRITE,
} from '@lsmkit/abi'
import type { File, Inode, Vma } from '@lsmkit/core'
import { clear, copyIn, give } from '../../state/guest-bytes.ts'
import { auxvBytes } from '../../mm/auxv.ts'
import type { AddressSpace } from '../../state/mm/address-space.ts'
import { find_vma, spaceOf } from '../../state/mm/address-space.ts'
import { fileState, file_user_path } from '../../state/vfs/state.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { PseudoFile, PseudoText } from '../pseudo/nodes.ts'
import type { Pieces } from '../pseudo/pieces.ts'
import type { PidContext } from './instance.ts'
import { GONE } from './owner.ts'

/** As `proc_mem_open`: kept from the open on, also when the process executes something else. */
const openMm = ({ machine, pid }: PidContext, mode: number): AddressSpace | number =>
  pid.task === null ? GONE : machine.ptrace.mm_access(pid.task, mode)
/** The open of a file that has it as its own. */
const openOnMm = (context: PidContext, mode: number) => (_inode: Inode, file: File): number => {
  const mm = openMm(context, mode)
  if (typeof mm === 'number') return mm
  fileState(file).data = mm
  return 0
}

/** A text made of the address space the file was opened on; `orEmpty`: of a process without one it is empty. */
const memoryText = (
  context: PidContext,
  text: (mm: AddressSpace) => string | Uint8Array,
  orEmpty = false,
): Omit<PseudoText, 'mode'> => ({
  kind: 'text',
  open(io) {
    const mm = openMm(context, PTRACE_MODE_READ_FSCREDS)
    if (typeof mm === 'number' && (mm !== -ESRCH || !orEmpty || context.pid.task === null)) return mm
    io.state = typeof mm === 'number' ? null : mm
    return 0
  },
  text: ({ state }) => (isGone(state) ? '' : text(state as AddressSpace)),
})
const isGone = (state: unknown): boolean => state === null || (state as AddressSpace).users === 0

/** The same of a text that may be long. */
const memoryPieces = (
  context: PidContext, pieces: (mm: AddressSpace) => Pieces, orEmpty = false,
): Omit<PseudoText, 'mode'> => {
  const { kind, open } = memoryText(context, () => '', orEmpty)
  return { kind, open: open!, pieces: ({ state }) => (isGone(state) ? [] : pieces(state as AddressSpace)) }
}

const hex = (n: number): string => n.toString(16).padStart(8, '0')

const vmaName = (context: PidContext, mm: AddressSpace, vma: Vma): string => {
  if (vma.vm_file !== null) return context.machine.vfs.d_path(file_user_path(vma.vm_file))
  if (vma.vm_start <= mm.brk && vma.vm_end >= mm.start_brk && mm.brk > mm.start_brk) return '[heap]'
  if (vma.vm_flags & VM_GROWSDOWN) return '[stack]'
  return (vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC)) === (VM_READ | VM_EXEC) ? '[vdso]' : ''
}

/** `start-end perms offset dev inode path`, the path at column 73. */
const mapsLine = (context: PidContext, mm: AddressSpace, vma: Vma): string => {
  const { vm_flags, vm_file } = vma
  const perms = `${vm_flags & VM_READ ? 'r' : '-'}${vm_flags & VM_WRITE ? 'w' : '-'}${vm_flags & VM_EXEC ? 'x' : '-'}${
    vm_flags & VM_MAYSHARE ? 's' : 'p'}`
  const inode = vm_file === null ? null : file_user_path(vm_file).dentry.d_inode
  const dev = inode?.i_sb.s_dev ?? 0
  const offset = vm_file === null ? 0 : vma.vm_pgoff * PAGE_SIZE
  const device = `${(dev >>> 20).toString(16).padStart(2, '0')}:${(dev & 0xfffff).toString(16).padStart(2, '0')}`
  const ino = inode?.i_ino ?? 0
  const left = `${hex(vma.vm_start)}-${hex(vma.vm_end)} ${perms} ${hex(offset)} ${device} ${ino}`
  const name = vmaName(context, mm, vma)
  return name === '' ? `${left} \n` : `${left.padEnd(72)} ${name}\n`
}

/** A piece for each mapping; a reader goes on above the one that came last. */
function* byMapping(mm: AddressSpace, piece: (vma: Vma) => string): Generator<string> {
  let vma = mm.users === 0 ? null : find_vma(mm, 0)
  while (vma !== null) {
    yield piece(vma)
    vma = find_vma(mm, vma.vm_end)
  }
}

export const mapsNode = (context: PidContext) =>
  memoryPieces(context, (mm) => byMapping(mm, (vma) => mapsLine(context, mm, vma)), true)

/** As `maps`, with the pages in memory, which are not counted. */
export const smapsNode = (context: PidContext) =>
  memoryPieces(context, (mm) => byMapping(mm, (vma) => {
    const size = (vma.vm_end - vma.vm_start) / 1024
    return `${mapsLine(context, mm, vma)}Size:${String(size).padStart(19)} kB\nRss:${'0'.padStart(20)} kB\n`
  }), true)

/** Page frames: always 0, as for readers without CAP_SYS_ADMIN. */
export const pagemapNode = (context: PidContext): Omit<PseudoFile, 'mode'> => ({
  kind: 'file',
  fops: fileOperations({
    open: openOnMm(context, PTRACE_MODE_READ_FSCREDS),
    read(_file, buf, off, len, pos) {
      if (pos % 8 !== 0 || len % 8 !== 0) return -EINVAL
      clear(buf, off, off + len)
      return len
    },
    llseek: (file, offset, whence) => {
      if (whence !== SEEK_SET && whence !== SEEK_CUR) return -EINVAL
      return (file.f_pos = whence === SEEK_CUR ? file.f_pos + offset : offset)
    },
  }),
})

const nulJoined = (list: readonly string[]): string => list.map((text) => `${text}\0`).join('')

export const environNode = (context: PidContext) =>
  memoryText(context, (mm) => nulJoined(mm.envp))

export const auxvNode = (context: PidContext) =>
  memoryText(context, (mm) => auxvBytes(mm.auxv))

/** The command line, as `ps` shows it; everybody may read it. */
export const cmdlineText = ({ pid }: PidContext): string | number => {
  if (pid.task === null) return GONE
  return pid.task.mm === null ? '' : nulJoined(spaceOf(pid.task.mm).argv)
}

/** The memory itself. Asked about at the open; where it leads nowhere reads and writes answer -EIO. */
export const memNode = (context: PidContext): Omit<PseudoFile, 'mode'> => {
  const space = (file: File): AddressSpace | null => {
    const mm = fileState(file).data as AddressSpace | null
    return mm === null || mm.users === 0 ? null : mm
  }
  return {
    kind: 'file',
    fops: fileOperations({
      open: openOnMm(context, PTRACE_MODE_ATTACH_FSCREDS),
      read(file, buf, off, len, pos) {
        const mm = space(file)
        if (mm === null) return 0
        const bytes = mm.memory?.read(pos, len) ?? new Uint8Array(0)
        if (bytes.length === 0 && len !== 0) return -EIO
        return give(bytes, buf, off)
      },
      write(file, buf, off, len, pos) {
        const mm = space(file)
        if (mm === null) return 0
        const written = mm.memory?.write(pos, copyIn(buf, off, len)) ?? 0
        return written === 0 && len !== 0 ? -EIO : written
      },
      llseek(file, offset, whence) {
        if (whence !== SEEK_SET && whence !== SEEK_CUR) return -EINVAL
        const pos = whence === SEEK_CUR ? file.f_pos + offset : offset
        if (pos < 0) return -EINVAL
        file.f_pos = pos
        return pos
      },
    }),
  }
}
