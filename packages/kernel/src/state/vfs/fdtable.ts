/** Descriptor tables (fs/file.c): the lowest free number is taken, limits are the task's RLIMIT_NOFILE. */
import { EMFILE, ENOMEM, FMODE_PATH, RLIMIT_NOFILE } from '@lsmkit/abi'
import type { File, FilesStruct, Task } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'

export class FdTable extends Holder implements FilesStruct {
  /** Tasks that share the table. */
  count = 1
  readonly fd: (File | null)[] = []
  readonly close_on_exec: boolean[] = []
  /** No descriptor below is free. */
  #next = 0
  /** Taken by opens that have not finished (get_unused_fd): one, unless threads sleep in theirs. */
  readonly #reserved: number[] = []

  constructor(account: MemoryAccount) {
    super(account, 0)
  }

  /** The file behind a number; null if there is none. */
  get(fd: number): File | null {
    return fd >= 0 && fd < this.fd.length ? (this.fd[fd] ?? null) : null
  }

  /** Takes the lowest free number from `from` on, below `limit`; or -EMFILE, -ENOMEM. */
  alloc(from: number, limit: number, cloexec: boolean): number {
    let fd = from > this.#next ? from : this.#next
    while (fd < this.fd.length && (this.fd[fd] !== null || this.isReserved(fd))) fd++
    if (fd >= limit) return -EMFILE
    if (!this.reserve(fd)) return -ENOMEM
    if (from <= this.#next) this.#next = fd + 1
    this.#reserved.push(fd)
    this.close_on_exec[fd] = cloexec
    return fd
  }

  /** Makes room up to `fd`; false where there is no memory for it. */
  reserve(fd: number): boolean {
    if (fd < this.fd.length) return true
    if (!this.charge((fd + 1 - this.fd.length) * COST.descriptor)) return false
    this.#grow(fd)
    return true
  }
  #grow(fd: number): void {
    while (this.fd.length <= fd) {
      this.fd.push(null)
      this.close_on_exec.push(false)
    }
  }

  /** Gives back a number that alloc took. */
  free(fd: number): void {
    this.#settle(fd)
    if (fd < this.#next) this.#next = fd
  }

  install(fd: number, file: File): void {
    this.#settle(fd)
    this.fd[fd] = file
  }

  /** Puts a file at a number that has room, and returns the former file, which the caller closes. */
  replace(fd: number, file: File, cloexec: boolean): File | null {
    const before = this.fd[fd] ?? null
    this.fd[fd] = file
    this.close_on_exec[fd] = cloexec
    return before
  }

  isReserved(fd: number): boolean {
    return this.#reserved.length !== 0 && this.#reserved.includes(fd)
  }

  #settle(fd: number): void {
    const reserved = this.#reserved
    const at = reserved.lastIndexOf(fd)
    if (at === -1) return
    reserved[at] = reserved.at(-1)!
    reserved.pop()
  }

  /** Takes the file out of the table. */
  take(fd: number): File | null {
    const file = this.get(fd)
    if (file === null) return null
    this.fd[fd] = null
    this.close_on_exec[fd] = false
    if (fd < this.#next) this.#next = fd
    return file
  }

  /** A table with the same files, each with one more reference (dup_fd); null where there is no memory for it. */
  copy(account: MemoryAccount): FdTable | null {
    const table = new FdTable(account)
    if (!table.charge(this.fd.length * COST.descriptor)) return null
    for (let fd = 0; fd < this.fd.length; fd++) {
      const file = this.fd[fd] ?? null
      if (file !== null) file.f_count++
      table.fd.push(file)
      table.close_on_exec.push(file !== null && this.close_on_exec[fd] === true)
    }
    return table
  }

  /** Numbers in use from `first` up to `last`, ascending. */
  *open(first = 0, last = Infinity): Generator<number> {
    for (let fd = first; fd < this.fd.length && fd <= last; fd++) if (this.fd[fd] !== null) yield fd
  }
}

export const fdTable = (task: Task): FdTable => task.files as FdTable

/** As `fget_raw`: any open file. */
export const fget_raw = (task: Task, fd: number): File | null => (task.files as FdTable).get(fd)

/** As `fget_task`: any open file of a task, which may have exited. */
export const fget_task = (task: Task, fd: number): File | null => (task.files as FdTable | null)?.get(fd) ?? null

/** As `fget`: an open file that was not opened with O_PATH. */
export const fget = (task: Task, fd: number): File | null => {
  const file = (task.files as FdTable).get(fd)
  return file !== null && (file.f_mode & FMODE_PATH) === 0 ? file : null
}

/** As `unshare_fd`: the task has a table of its own from now on; 0 or -ENOMEM. */
export const unshare_fd = (task: Task, account: MemoryAccount): number => {
  const shared = fdTable(task)
  if (shared.count === 1) return 0
  const own = shared.copy(account)
  if (own === null) return -ENOMEM
  shared.count--
  task.files = own
  return 0
}

/** The soft RLIMIT_NOFILE. */
export const fdLimit = (task: Task): number => task.signal?.rlim[RLIMIT_NOFILE]?.rlim_cur ?? 1024

/** As `get_unused_fd_flags`. */
export const get_unused_fd = (task: Task, cloexec: boolean): number => fdTable(task).alloc(0, fdLimit(task), cloexec)

/** One more number for an open file: the lowest free one from `from` on, or -EMFILE. */
export const dup_from = (task: Task, file: File, from: number, cloexec: boolean): number => {
  const fd = fdTable(task).alloc(from, fdLimit(task), cloexec)
  if (fd < 0) return fd
  file.f_count++
  fdTable(task).install(fd, file)
  return fd
}
