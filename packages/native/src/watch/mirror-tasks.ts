/**
 * The mediated processes as tasks of our kernel: each forks from the task of its parent, and executes when the host's
 * process has done so. A process that cannot be placed is refused everything.
 */
import { AT_FDCWD, EACCES, ESRCH, O_CLOEXEC, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel/boot'
import { fstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { System } from '../sys/system.ts'
import type { HostTasks } from './host-tasks.ts'
import { Pinned } from './pinned.ts'

/** Milliseconds that a fork may take; a child that comes later is found as long as its parent lives. */
const MOST_FORKING = 100

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

/** Processes that are held before the first look for those that have ended. */
const LEAST_SWEPT = 64

/** A fork whose child was not found. */
interface Lost {
  /** When it was forked, in milliseconds since boot. */
  readonly from: number
  readonly to: number
  readonly parent: Task
  /** What the child is. */
  readonly copy: Task
}
/** Forks that are remembered, and the grain of both clocks, in milliseconds. */
const MOST_LOST = 64
const NEAR = 20

export class Mirrored {
  /** The process on the host. */
  readonly pid: number
  readonly pidfd: number
  task: Task
  pending: Pending | null = null
  /** Forks whose child has not been found. */
  unseen = 0
  /** It has executed another program while some were not found. */
  isUnsure = false

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
const START_TIME = 19
/** USER_HZ is 100 on both processors. */
const MILLISECONDS_PER_TICK = 10

const sinceBoot = (): number => Number(text('/proc/uptime').split(' ')[0]) * 1000

export class MirrorTasks {
  readonly #kernel: Kernel
  readonly #system: System
  readonly #host: HostTasks
  readonly #first: Task
  readonly #byPid = new Map<number, Mirrored>()
  /** Process of a thread, as it was last seen. */
  readonly #processes = new Map<number, number>()
  readonly #list: Pinned
  readonly #lost: Lost[] = []
  #hasRoot = false
  /** The thread that was found last is the first of a process that was known before: the number was always its own. */
  wasKnown = false
  /** With as many processes, those that have ended are let go. */
  #mostHeld = LEAST_SWEPT

  /** `first` becomes the task of the process that asks first. */
  constructor(kernel: Kernel, first: Task, system: System, host: HostTasks) {
    this.#kernel = kernel
    this.#first = first
    this.#system = system
    this.#list = new Pinned(system, 65_536)
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
    // a process that lives keeps its number, so the thread of that number is its first: no second question is needed
    const own = this.#alive(tid)
    this.wasKnown = own !== null
    if (own !== null) return this.#seeExecution(own, tid) ? own : null
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
    const fields = statFields(pid)
    const parent = this.#alive(Number(fields[PARENT] ?? 0))
    const start = Number(fields[START_TIME] ?? 0) * MILLISECONDS_PER_TICK
    if (parent === null) return this.#add(pid, this.#foundAgain(start))
    // of the program that its parent was before, or of another one: nobody knows
    if (parent.isUnsure) return null
    return this.#add(pid, this.#forked(parent.task))
  }

  #add(pid: number, task: Task | null): Mirrored | null {
    const pidfd = task === null ? -1 : this.#system.call('pidfd_open', pid, 0)
    if (task === null || pidfd < 0) return null
    if (this.#byPid.size >= this.#mostHeld) this.#sweep()
    const mirrored = new Mirrored(pid, pidfd, task)
    this.#byPid.set(pid, mirrored)
    return mirrored
  }

  /** Nobody reports the end of a process: it would keep its descriptor and its task. */
  #sweep(): void {
    for (const pid of [...this.#byPid.keys()]) this.#alive(pid)
    this.#mostHeld = Math.max(LEAST_SWEPT, 2 * this.#byPid.size)
  }

  /** Gives the descriptors back. */
  close(): void {
    for (const { pidfd } of this.#byPid.values()) this.#system.call('close', pidfd)
    this.#byPid.clear()
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

  /** Children that were not seen yet become tasks with what their parent is now. */
  placeChildren(parent: Mirrored): void {
    if (parent.isUnsure) return
    for (const child of childrenOf(parent.pid)) {
      if (this.#alive(child) === null) this.#add(child, this.#forked(parent.task))
    }
  }

  /**
   * A thread's call to fork goes on by `goOn`, and its child is looked for until it is there: its parent may be gone
   * soon, and then nobody knows what the child is.
   */
  expectChild(parent: Mirrored, tid: number, goOn: () => void): void {
    const children = this.#openOf(parent.pid, tid, 'children')
    const state = this.#openOf(parent.pid, tid, 'stat')
    const before = this.#read(children) ?? ''
    const from = sinceBoot()
    goOn()
    const fresh = this.#freshChildren(children, state, before)
    for (const fd of [children, state]) this.#system.call('close', fd)
    for (const child of fresh ?? []) this.#add(child, this.#forked(parent.task))
    if (fresh === null) this.#lose(parent, from)
  }

  /**
   * The children that a thread has now and did not have before its fork; none where the child has ended already. Null
   * where nobody knows.
   */
  #freshChildren(children: number, state: number, before: string): readonly number[] | null {
    const known = new Set(before.split(' '))
    const until = performance.now() + MOST_FORKING
    do {
      // the thread that was woken may have to run on this processor
      this.#system.call('sched_yield')
      // a thread that sleeps is behind its fork: nothing in it waits so
      const isBehind = /^\d+ \(.*\) S /s.test(this.#read(state) ?? '')
      const now = this.#read(children)
      if (now === null) return null
      const fresh = now.split(' ').filter((one) => one !== '' && !known.has(one)).map(Number)
      // a list that changes while it is read may lack one
      if (fresh.length > 0 || (isBehind && this.#read(children) === now)) return fresh
    } while (performance.now() < until)
    return null
  }

  /** A fork whose child was not found: it may ask for something after its parent has gone. */
  #lose(parent: Mirrored, from: number): void {
    parent.unseen++
    const copy = this.#forked(parent.task)
    if (copy === null) return
    this.#lost.push({ from, to: sinceBoot(), parent: parent.task, copy })
    if (this.#lost.length > MOST_LOST) this.#end(this.#lost.shift()!.copy)
  }

  /** The task of a child that was not found, by the time of its start; null where it could be one of several. */
  #foundAgain(start: number): Task | null {
    const near = this.#lost.filter(({ from, to }) => start >= from - NEAR && start <= to + NEAR)
    const [first] = near
    if (first === undefined || near.some(({ parent }) => parent !== first.parent)) return null
    this.#lost.splice(this.#lost.indexOf(first), 1)
    return first.copy
  }

  #openOf(pid: number, tid: number, name: string): number {
    return this.#system.call('openat', AT_FDCWD, Buffer.from(`/proc/${pid}/task/${tid}/${name}\0`), O_CLOEXEC, 0)
  }

  /** Null where the thread is gone. */
  #read(fd: number): string | null {
    const { bytes, address } = this.#list
    const length = this.#system.call('pread64', fd, address, bytes.length, 0)
    return length < 0 ? null : Buffer.from(bytes.buffer, 0, length).toString('latin1')
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
    of.isUnsure ||= of.unseen > 0
    return true
  }

  /** The task of a process of the host; null for one outside. */
  ofProcess(pid: number): Mirrored | null {
    return this.#alive(this.#processOf(pid)) ?? null
  }

  /** Whether a number is one of a mediated process, or of a thread of one: children that are new are looked for. */
  isKnown(pid: number): boolean {
    if (this.ofProcess(pid) !== null) return true
    for (const one of this.all) this.placeChildren(one)
    return this.ofProcess(pid) !== null
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
