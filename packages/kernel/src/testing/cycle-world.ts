/** The kernel that cycles run on, and the steps that they share. */
import { AT_FDCWD, O_CREAT, O_RDWR, WNOHANG } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '../boot/kernel.ts'

const AF_UNIX = 1

/** Steps that make something and unmake it again, by name. */
export type Cycles = Readonly<Record<string, () => void>>

/** Every step throws if the kernel refuses it. */
export class CycleWorld {
  readonly sys: Kernel['sys']
  readonly init: Task
  readonly machine: Kernel['machine']
  #made = 0

  constructor({ sys, init, machine }: Kernel) {
    this.sys = sys
    this.init = init
    this.machine = machine
    sys.mkdir(init, '/cycle', 0o777)
  }

  /** A number that no cycle had before. */
  next(): number {
    return this.#made++
  }

  must(rc: number): number {
    if (rc < 0) throw new Error(`a cycle was refused: ${rc}`)
    return rc
  }

  open(path: string, flags = O_CREAT | O_RDWR): number {
    return this.must(this.sys.openat(this.init, AT_FDCWD, path, flags, 0o600))
  }

  close(...fds: readonly number[]): void {
    for (const fd of fds) this.must(this.sys.close(this.init, fd))
  }

  child(): Task {
    return this.machine.tasks.find(this.must(this.sys.fork(this.init)))!
  }

  reap(task: Task): void {
    this.sys.exit_group(task, 0)
    this.sys.wait4(this.init, task.pid, null, WNOHANG, null)
  }

  /** Two connected local sockets. */
  pair(type: number): [number, number] {
    const fds: number[] = []
    this.must(this.sys.socketpair(this.init, AF_UNIX, type, 0, fds))
    return fds as [number, number]
  }

  /** A child enters new namespaces and ends. */
  unshared(flags: number): () => void {
    return () => {
      const task = this.child()
      this.must(this.sys.unshare(task, flags))
      this.reap(task)
    }
  }
}
