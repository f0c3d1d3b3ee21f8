/** The facts about a thread of the host: its process, its name, its descriptors. */
import { O_EXCL, SO_PROTOCOL, SOL_SOCKET } from '@lsmkit/abi'
import { readFileSync } from 'node:fs'
import type { System } from '../sys/system.ts'
import { Pinned } from './pinned.ts'

/** PIDFD_THREAD, from Linux 6.9 on. */
const PIDFD_THREAD = O_EXCL

export class HostTasks {
  readonly #system: System
  readonly #value: Pinned

  constructor(system: System) {
    this.#system = system
    this.#value = new Pinned(system, 8)
  }

  /** The name of a thread; '' where it is gone. */
  comm(tid: number): string {
    return this.#text(tid, 'comm').replace(/\n$/, '')
  }

  #text(tid: number, name: string): string {
    try {
      return readFileSync(`/proc/${tid}/${name}`, 'utf8')
    } catch {
      return ''
    }
  }

  /** The process of a thread; 0 where it is gone. */
  processOf(tid: number): number {
    return Number(/^Tgid:\s+(\d+)$/m.exec(this.#text(tid, 'status'))?.[1] ?? 0)
  }

  /** The process group; 0 where the process is gone. */
  groupOf(pid: number): number {
    return Math.max(0, this.#system.call('getpgid', pid))
  }

  /** The process of a descriptor of one (pidfd); 0 for any other descriptor. */
  processOfDescriptor(tid: number, fd: number): number {
    return Number(/^Pid:\s+(\d+)$/m.exec(this.#text(tid, `fdinfo/${fd}`))?.[1] ?? 0)
  }

  /** A descriptor of a process for a thread of it, or -errno. */
  openProcess(tid: number): number {
    const fd = this.#system.call('pidfd_open', tid, PIDFD_THREAD)
    if (fd >= 0) return fd
    const own = this.#system.call('pidfd_open', tid, 0)
    return own >= 0 ? own : this.#system.call('pidfd_open', this.processOf(tid), 0)
  }

  /** A copy of a descriptor of the thread's, or -errno. */
  copyDescriptor(tid: number, fd: number): number {
    const pidfd = this.openProcess(tid)
    if (pidfd < 0) return pidfd
    const copy = this.#system.call('pidfd_getfd', pidfd, fd, 0)
    this.#system.call('close', pidfd)
    return copy
  }

  /** The protocol (IPPROTO_*) of a socket of the thread's; 0 where there is no such socket. */
  protocolOf(tid: number, fd: number): number {
    const copy = this.copyDescriptor(tid, fd)
    if (copy < 0) return 0
    const { view, address } = this.#value
    view.setUint32(4, 4, true)
    const rc = this.#system.call('getsockopt', copy, SOL_SOCKET, SO_PROTOCOL, address, address + 4)
    this.#system.call('close', copy)
    return rc === 0 ? view.getInt32(0, true) : 0
  }
}
