/**
 * The mediated processes as tasks of our kernel: each forks from the task of its parent, and executes when the host's
 * process has done so. Who cannot be placed is refused all.
 */
import { EACCES, ESRCH, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel/boot'
import { fstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { System } from '../sys/system.ts'
import type { HostTasks } from './host-tasks.ts'

/** Milliseconds that a fork may take; a child that comes later is found when it or its parent asks for something. */
const MOST_FORKING = 3

/** A program whose execution was permitted, until it is seen to run. */
interface Pending {
  /** The thread that executes. */
  readonly tid: number
  /** The task that has executed it in our kernel. */
  readonly task: Task
  /** The file, and its interpreters, as `dev:ino`. */
  readonly files: ReadonlySet<string>
  /** The image before. */
  readonly image: string
}

export class Mirrored {
  /** The process on the host. */
  readonly pid: number
  readonly pidfd: number
  task: Task
  pending: Pending | null = null

  constructor(pid: number, pidfd: number, task: Task) {
    this.pid = pid
    this.pidfd = pidfd
    this.task = task
  }
}

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Fields of /proc/PID/stat behind the name, which may hold anything: `[0]` is the state. */
const statFields = (pid: number): string[] => text(`/proc/${pid}/stat`).replace(/^.*\) /s, '').split(' ')
const PARENT = 1
const START_STACK = 25

export class MirrorTasks {
  readonly #kernel: Kernel
  readonly #system: System
  readonly #host: HostTasks
  readonly #first: Task
  readonly #byPid = new Map<number, Mirrored>()
  /** Process of a thread, as it was last seen. */
  readonly #processes = new Map<number, number>()
  #hasRoot = false

  /** `first` becomes the task of the process that asks first. */
  constructor(kernel: Kernel, first: Task, system: System, host: HostTasks) {
    this.#kernel = kernel
    this.#first = first
    this.#system = system
    this.#host = host
  }

  /** The process of a thread of the host. */
  #processOf(tid: number): number {
    const known = this.#processes.get(tid)
    if (known !== undefined && this.#system.call('tgkill', known, tid, 0) === 0) return known
    const found = this.#host.processOf(tid)
    if (this.#processes.size > 10_000) this.#processes.clear()
    this.#processes.set(tid, found)
    return found
  }

  /** The task of a thread of the host; null where nobody knows its parent. */
  find(tid: number): Mirrored | null {
    const pid = this.#processOf(tid)
    return pid === 0 ? null : this.#settled(pid, tid)
  }

  /** Of a process that asks for something, by a thread of it or by none. */
  #settled(pid: number, tid: number): Mirrored | null {
    const known = this.#alive(pid)
    if (known !== null) return this.#seeExecution(known, tid) ? known : null
    return this.#adopt(pid)
  }

  /** A number may be another process by now. */
  #alive(pid: number): Mirrored | null {
    const known = this.#byPid.get(pid)
    if (known === undefined) return null
    if (this.#system.call('pidfd_send_signal', known.pidfd, 0, null, 0) !== -ESRCH) return known
    this.#remove(known)
    return null
  }

  #adopt(pid: number): Mirrored | null {
    if (!this.#hasRoot) {
      this.#hasRoot = true
      return this.#add(pid, this.#first)
    }
    const parent = this.#alive(Number(statFields(pid)[PARENT] ?? 0))
    return parent === null ? null : this.#add(pid, this.#forked(parent.task))
  }

  #add(pid: number, task: Task | null): Mirrored | null {
    const pidfd = task === null ? -1 : this.#system.call('pidfd_open', pid, 0)
    if (task === null || pidfd < 0) return null
    const mirrored = new Mirrored(pid, pidfd, task)
    this.#byPid.set(pid, mirrored)
    return mirrored
  }

  #forked(parent: Task): Task | null {
    const { sys, machine } = this.#kernel
    const pid = sys.fork(parent)
    return pid < 0 ? null : machine.as(parent, () => machine.tasks.findByVpid(pid)) ?? null
  }

  #end(task: Task): void {
    this.#kernel.sys.exit_group(task, 0)
  }

  #remove(mirrored: Mirrored): void {
    this.#byPid.delete(mirrored.pid)
    this.#system.call('close', mirrored.pidfd)
    if (mirrored.pending !== null) this.#end(mirrored.pending.task)
    this.#end(mirrored.task)
  }

  /** Children that were not seen yet become tasks with what their parent is now. Answers whether there were any. */
  placeChildren(parent: Mirrored): boolean {
    const fresh = childrenOf(parent.pid).filter((child) => this.#alive(child) === null)
    for (const child of fresh) this.#add(child, this.#forked(parent.task))
    return fresh.length > 0
  }

  /** The process forks as soon as its call goes on: its child is looked for until it is there. */
  expectChild(parent: Mirrored): void {
    const until = performance.now() + MOST_FORKING
    while (!this.placeChildren(parent)) {
      if (performance.now() > until) return
    }
  }

  /** A copy of the task, to execute in; null for want of memory. */
  copyOf({ task }: Mirrored): Task | null {
    return this.#forked(task)
  }

  /** The copy has executed the program; it becomes the process when the host has done so too. */
  expect(of: Mirrored, tid: number, task: Task, files: ReadonlySet<string>): void {
    if (of.pending !== null) this.#end(of.pending.task)
    of.pending = { tid, task, files, image: imageOf(of.pid) }
  }

  drop(task: Task): void {
    this.#end(task)
  }

  /**
   * Whether the process is what was permitted. One that runs a program that was not asked about, since the name was
   * changed under the watcher, is ended.
   */
  #seeExecution(of: Mirrored, tid: number): boolean {
    const { pending } = of
    if (pending === null) return true
    const now = imageOf(of.pid)
    if (now === pending.image) {
      // the execution has failed, unless another thread is on its way
      if (tid === pending.tid) {
        this.#end(pending.task)
        of.pending = null
      }
      return true
    }
    if (!pending.files.has(now.split(' ')[0]!)) {
      this.#system.call('pidfd_send_signal', of.pidfd, SIGKILL, null, 0)
      return false
    }
    this.#end(of.task)
    of.task = pending.task
    of.pending = null
    return true
  }

  /** The task of a process of the host; null for one outside. */
  ofProcess(pid: number): Mirrored | null {
    return this.#alive(this.#processOf(pid)) ?? null
  }

  /** Processes that are known. */
  get all(): readonly Mirrored[] {
    return [...this.#byPid.values()]
  }
}

/** The answer to a process that cannot be placed. */
export const UNPLACED = -EACCES

const childrenOf = (pid: number): readonly number[] => {
  let threads: readonly string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
  return threads.flatMap((thread) => text(`/proc/${pid}/task/${thread}/children`).split(' '))
    .filter((one) => one !== '').map(Number)
}

/** The program that runs, and where its stack begins: another after each execution. */
const imageOf = (pid: number): string => {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/exe`)
    return `${dev}:${ino} ${statFields(pid)[START_STACK] ?? ''}`
  } catch {
    return 'gone'
  }
}

/** A file as an image names it. */
export const programKey = (fd: number): string => {
  const { dev, ino } = fstatSync(fd)
  return `${dev}:${ino}`
}
