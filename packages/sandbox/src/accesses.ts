/**
 * Accesses that the programs of a box are allowed, for an agent that asks another policy about them. Each question is
 * reported once a run, as refusals are: a program that asks a thousand times has asked one thing.
 */
import { AF_INET, AF_INET6, FMODE_READ, FMODE_WRITE, S_ISDIR } from '@lsmkit/abi'
import type { Dentry, Path, Sockaddr, Stack } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'

type EntryRight = 'make' | 'make-dir' | 'make-link' | 'remove' | 'remove-dir'

/** As policies are asked, by the path that programs of the box see. */
export type AccessQuestion =
  | {
    readonly kind: 'path'
    readonly right: 'read' | 'list' | 'write' | 'truncate' | 'move' | 'execute' | EntryRight
    readonly path: string
  }
  | { readonly kind: 'connect' | 'listen', readonly port: number }

export interface Access {
  readonly question: AccessQuestion
  /** Runs that have asked. */
  readonly count: number
}

/** Milliseconds between two reports. */
const EVERY_MS = 100
/** Questions of one run that are reported, and runs whose questions are remembered. */
const MOST_QUESTIONS = 4096
const MOST_RUNS = 64

export class AccessWatch {
  readonly #kernel: Kernel
  readonly #runOf: () => number | null
  readonly #report: (accesses: readonly Access[]) => void
  /** Questions by run. */
  readonly #asked = new Map<number, Set<string>>()
  #waiting = new Map<string, { readonly question: AccessQuestion, count: number }>()
  #timer: ReturnType<typeof setTimeout> | null = null

  /** `runOf`: the run of the current task, 0 where it is of none; null for the box's own. */
  constructor(
    stack: Stack, kernel: Kernel, runOf: () => number | null, report: (accesses: readonly Access[]) => void,
  ) {
    this.#kernel = kernel
    this.#runOf = runOf
    this.#report = report
    this.#observeFiles(stack)
    this.#observeEntries(stack)
    this.#observeSockets(stack)
  }

  #pathOf(path: Path): string {
    return this.#kernel.machine.vfs.d_path(path)
  }

  #entryOf(dir: Path, dentry: Dentry): string {
    return `${this.#pathOf(dir).replace(/\/$/, '')}/${dentry.d_name.name}`
  }

  #observeFiles(stack: Stack): void {
    stack.observe('file_open', { exit: (file, rc) => {
      if (rc < 0) return
      const path = this.#pathOf(file.f_path)
      const isFolder = S_ISDIR(file.f_inode.i_mode)
      if ((file.f_mode & FMODE_READ) !== 0) this.#add({ kind: 'path', right: isFolder ? 'list' : 'read', path })
      if ((file.f_mode & FMODE_WRITE) !== 0) this.#add({ kind: 'path', right: 'write', path })
    } })
    stack.observe('bprm_check_security', { exit: ({ file }, rc) => {
      if (rc >= 0) this.#add({ kind: 'path', right: 'execute', path: this.#pathOf(file.f_path) })
    } })
    stack.observe('path_truncate', { exit: (path, rc) => {
      if (rc >= 0) this.#add({ kind: 'path', right: 'truncate', path: this.#pathOf(path) })
    } })
  }

  #observeEntries(stack: Stack): void {
    const entry = (right: EntryRight, dir: Path, dentry: Dentry): void =>
      this.#add({ kind: 'path', right, path: this.#entryOf(dir, dentry) })
    stack.observe('path_mknod', { exit: (dir, dentry, _mode, _dev, rc) =>
      void (rc >= 0 && entry('make', dir, dentry)) })
    stack.observe('path_mkdir', { exit: (dir, dentry, _mode, rc) => void (rc >= 0 && entry('make-dir', dir, dentry)) })
    stack.observe('path_symlink', { exit: (dir, dentry, _to, rc) =>
      void (rc >= 0 && entry('make-link', dir, dentry)) })
    stack.observe('path_unlink', { exit: (dir, dentry, rc) => void (rc >= 0 && entry('remove', dir, dentry)) })
    stack.observe('path_rmdir', { exit: (dir, dentry, rc) => void (rc >= 0 && entry('remove-dir', dir, dentry)) })
    stack.observe('path_rename', { exit: (from, old, to, next, _flags, rc) => {
      if (rc < 0) return
      this.#add({ kind: 'path', right: 'move', path: this.#entryOf(from, old) })
      this.#add({ kind: 'path', right: 'move', path: this.#entryOf(to, next) })
    } })
  }

  #observeSockets(stack: Stack): void {
    const ask = (kind: 'connect' | 'listen', address: Sockaddr): void => {
      if (address.family === AF_INET || address.family === AF_INET6) this.#add({ kind, port: address.port })
    }
    stack.observe('socket_connect', { exit: (_sock, address, _length, rc) =>
      void (rc >= 0 && ask('connect', address)) })
    stack.observe('socket_bind', { exit: (_sock, address, _length, rc) => void (rc >= 0 && ask('listen', address)) })
  }

  #add(question: AccessQuestion): void {
    const run = this.#runOf()
    if (run === null) return
    const key = question.kind === 'path' ? `${question.right} ${question.path}` : `${question.kind} ${question.port}`
    const asked = this.#askedIn(run)
    if (asked.has(key) || asked.size >= MOST_QUESTIONS) return
    asked.add(key)
    const known = this.#waiting.get(key)
    if (known === undefined) this.#waiting.set(key, { question, count: 1 })
    else known.count += 1
    if (this.#timer !== null) return
    this.#timer = setTimeout(() => this.flush(), EVERY_MS)
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  #askedIn(run: number): Set<string> {
    const known = this.#asked.get(run)
    if (known !== undefined) return known
    const asked = new Set<string>()
    this.#asked.set(run, asked)
    if (this.#asked.size > MOST_RUNS) this.#asked.delete(this.#asked.keys().next().value!)
    return asked
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    // tasks of no run ask once between two reports
    this.#asked.delete(0)
    const accesses = [...this.#waiting.values()]
    this.#waiting = new Map()
    if (accesses.length > 0) this.#report(accesses)
  }
}
