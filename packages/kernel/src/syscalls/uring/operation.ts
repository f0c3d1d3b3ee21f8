/** One operation of a ring, and helpers for how its fields become arguments of a system call. */
import { EFAULT, EINVAL, ENFILE, IORING_FILE_INDEX_ALLOC, O_NONBLOCK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { isGuestBytes, partOf } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { fdTable, get_unused_fd } from '../../state/vfs/fdtable.ts'
import type { Request } from '../../state/uring/ring.ts'

export interface Operation {
  /** It works on the file behind `fd`, which has to be open. */
  readonly needsFile: boolean
  /** `ioprio` may be set. */
  readonly hasIoprio: boolean
  /** A ring with IORING_SETUP_IOPOLL can do it. */
  readonly isPollable: boolean
  /** It may wait, so a worker does it. */
  readonly isAsync: (request: Request) => boolean
  /** Checks when the request is submitted: 0 or -errno. */
  readonly prep: (request: Request) => number
  /**
   * Does it, as the current task: its result, -errno, or -ERESTARTSYS where it sleeps on `machine.sleepOn` and is tried
   * again. Null: it answers by itself later.
   */
  readonly issue: (machine: Machine, request: Request) => number | null
}

export type OperationRow = Partial<Omit<Operation, 'issue' | 'isAsync'>> & Pick<Operation, 'issue'> & {
  readonly isAsync?: Operation['isAsync'] | 'always'
}

/** Regular files cannot promise that they do not wait (FMODE_NOWAIT). */
export const isSlow = ({ file }: Request): boolean =>
  file !== null && (file.f_inode.i_mode & S_IFMT) === S_IFREG && (file.f_flags & O_NONBLOCK) === 0

/** A field that holds a number for some operations and a pointer for others. */
export const numberOf = (value: unknown): number => (Number.isInteger(value) ? (value as number) : 0)

/** Bytes of the program's; null, which a call answers with -EFAULT, for anything else. */
export const guestBytes = (value: unknown): GuestBytes | null => (isGuestBytes(value) ? value : null)

/** `len` bytes at `addr`, or all where no length is given; -EFAULT where they are not there. */
export const bytesOf = ({ sqe: { addr, len } }: Request): GuestBytes | number => {
  if (!isGuestBytes(addr)) return len === 0 ? (new Uint8Array() as GuestBytes) : -EFAULT
  if (len === undefined) return addr
  return len > addr.length || len < 0 ? -EFAULT : partOf(addr, 0, len)
}

/** The request's file as a descriptor of the current task: its own, or one that is there for the call alone. */
export const withDescriptor = (machine: Machine, { sqe, file }: Request, run: (fd: number) => number): number => {
  const { task } = machine.current
  const table = fdTable(task)
  const given = sqe.fd ?? 0
  const known = table.get(given) === file ? given : table.fd.indexOf(file)
  if (known >= 0) return run(known)
  const fd = get_unused_fd(task, true)
  if (fd < 0) return fd
  file!.f_count++
  table.install(fd, file!)
  try {
    return run(fd)
  } finally {
    const taken = table.take(fd)
    if (taken !== null) machine.vfs.fput(taken)
  }
}

/** Puts a file in a place of the ring's registered files, and lets go of the one before. */
export const placeFile = (machine: Machine, files: (File | null)[], place: number, file: File | null): void => {
  const before = files[place] ?? null
  files[place] = file
  if (before !== null) machine.vfs.fput(before)
}

/** Moves a descriptor that was just opened among the registered files, where `file_index` asks for it. */
export const direct = (machine: Machine, { ring, sqe }: Request, fd: number): number => {
  const index = sqe.file_index ?? 0
  if (fd < 0 || index === 0) return fd
  const file = fdTable(machine.current.task).take(fd)!
  const { files } = ring
  const isFree = index === IORING_FILE_INDEX_ALLOC
  const place = isFree ? (files?.indexOf(null) ?? -1) : index - 1
  if (files === null || place < 0 || place >= files.length) {
    machine.vfs.fput(file)
    return isFree || files === null ? -ENFILE : -EINVAL
  }
  placeFile(machine, files, place, file)
  return isFree ? place : 0
}
