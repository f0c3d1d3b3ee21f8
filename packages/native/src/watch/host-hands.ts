/** Calls that the watcher makes on the host for a program, by the descriptors of the places that it has looked at. */
import {
  __O_TMPFILE, _LINUX_CAPABILITY_VERSION_3, AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, CAP_SYS_PTRACE, CLONE_FS,
  errnoName, F_GETFL, F_SETFL, O_ACCMODE, O_APPEND,
  O_CLOEXEC, O_CREAT, O_DIRECT, O_DIRECTORY, O_DSYNC, O_EXCL, O_LARGEFILE, O_NOATIME, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK,
  O_PATH, O_SYNC, O_TRUNC, POLLIN, POLLOUT,
  PR_SET_KEEPCAPS, SO_ERROR, SO_PROTOCOL, SO_TYPE, SOL_SOCKET, S_IFLNK, S_IFMT,
} from '@lsmkit/abi'
import { sockaddrUn } from '@lsmkit/kernel'
import { encodeName } from '@lsmkit/kernel/parts'
import { readFileSync } from 'node:fs'
import { NativeError } from '../native-error.ts'
import type { System } from '../sys/system.ts'
import type { HostPlace, HostPlaces } from './host-places.ts'
import { HEADER } from './messages.ts'
import type { Message } from './messages.ts'
import { Pinned } from './pinned.ts'
import type { ChangeRequest } from './requests.ts'
import type { HostUser } from './watch-start.ts'

/** Flags that openat knows; it passes others over, and openat2 refuses them. FASYNC is left out: it has no use here. */
const VALID = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC |
  O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | __O_TMPFILE

const terminated = (text: string): Uint8Array => {
  const bytes = encodeName(text)
  const ended = new Uint8Array(bytes.length + 1)
  ended.set(bytes)
  return ended
}
const EMPTY = new Uint8Array(1)

const must = (what: string, rc: number): void => {
  if (rc < 0) throw new NativeError('start-failed', `${what}: ${errnoName(rc)}`, { place: 'mediate' })
}

/** The thread, and no other one, becomes the user: files are opened, and sockets are connected, with its rights. */
const becomeUser = (system: System, { uid, gid }: HostUser): void => {
  must('PR_SET_KEEPCAPS', system.call('prctl', PR_SET_KEEPCAPS, 1))
  must('setgroups', system.call('setgroups', 0, null))
  must('setresgid', system.call('setresgid', gid, gid, gid))
  must('setresuid', system.call('setresuid', uid, uid, uid))
}

/**
 * A boxed program has no capability, so the thread that makes its calls has none that those calls could use. What is
 * left is the right to read the program's memory.
 */
const keepTracingAlone = (system: System): void => {
  const header = new Uint8Array(Uint32Array.of(_LINUX_CAPABILITY_VERSION_3, 0).buffer)
  const sets = new Uint32Array(6)
  const bytes = new Uint8Array(sets.buffer)
  if (system.call('capget', header, bytes) < 0) return
  const kept = sets[1]! & (1 << CAP_SYS_PTRACE)
  sets.set([kept, kept, 0, 0, 0, 0])
  must('capset', system.call('capset', header, bytes))
}

export class HostHands {
  readonly #system: System
  readonly #places: HostPlaces
  readonly #value: Pinned
  /** `struct msghdr`, and the one part of its data. */
  readonly #header: Pinned

  /** The thread gets a current directory and a umask of its own, and the rights of the program's user. */
  constructor(system: System, places: HostPlaces, user: HostUser | null) {
    this.#system = system
    this.#places = places
    this.#value = new Pinned(system, 8)
    this.#header = new Pinned(system, HEADER + 16)
    system.call('unshare', CLONE_FS)
    system.call('umask', 0)
    if (user !== null) becomeUser(system, user)
    keepTracingAlone(system)
  }

  /** The umask of a thread counts for the next call of `step`. */
  #masked(tid: number, step: () => number): number {
    this.#system.call('umask', umaskOf(tid))
    const rc = step()
    this.#system.call('umask', 0)
    return rc
  }

  /** Opens a file that is held: a descriptor, or -errno. */
  open(place: HostPlace, flags: number, mode: number): number {
    if ((flags & O_PATH) !== 0) return this.#system.call('dup', place.fd)
    const kept = (flags & VALID & ~(O_CREAT | O_EXCL | O_NOFOLLOW)) | O_CLOEXEC
    // openat2 wants no mode where nothing is made
    const made = (flags & __O_TMPFILE) === 0 ? 0 : mode & 0o7777
    return this.#places.open(String(place.fd), kept, made, 0, this.#places.descriptors)
  }

  /** Makes a file that is not there, and opens it. */
  create(tid: number, entry: HostPlace, flags: number, mode: number): number {
    const how = (flags & VALID) | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    return this.#masked(tid, () => this.#places.open(entry.last, how, mode & 0o7777, 0, entry.parent))
  }

  makeDirectory(tid: number, entry: HostPlace, mode: number): number {
    return this.#masked(tid, () => this.#system.call('mkdirat', entry.parent, terminated(entry.last), mode & 0o7777))
  }

  makeNode(tid: number, entry: HostPlace, mode: number, device: number): number {
    return this.#masked(tid, () => this.#system.call('mknodat', entry.parent, terminated(entry.last), mode, device))
  }

  makeLink(entry: HostPlace, target: string): number {
    return this.#system.call('symlinkat', terminated(target), entry.parent, terminated(entry.last))
  }

  remove(entry: HostPlace, isDirectory: boolean): number {
    return this.#system.call('unlinkat', entry.parent, terminated(entry.last), isDirectory ? AT_REMOVEDIR : 0)
  }

  move(from: HostPlace, to: HostPlace, flags: number): number {
    return this.#system.call(
      'renameat2', from.parent, terminated(from.last), to.parent, terminated(to.last), flags)
  }

  /** A second name for a file that is held. */
  link(place: HostPlace, to: HostPlace): number {
    if ((place.mode & S_IFMT) === S_IFLNK) {
      return this.#system.call('linkat', place.parent, terminated(place.last), to.parent, terminated(to.last), 0)
    }
    return this.#system.call('linkat', this.#places.descriptors, terminated(String(place.fd)), to.parent,
      terminated(to.last), AT_SYMLINK_FOLLOW)
  }

  change({ what, a, b, attribute, value }: ChangeRequest, fd: number): number {
    const name = terminated(String(fd))
    const whole = terminated(`/proc/self/fd/${fd}`)
    switch (what) {
      case 'mode': return this.#system.call('fchmodat', this.#places.descriptors, name, a & 0o7777)
      case 'owner': return this.#system.call('fchownat', fd, EMPTY, a, b, AT_EMPTY_PATH)
      case 'size': return this.#system.call('truncate', whole, a)
      case 'attribute':
        return this.#system.call('setxattr', whole, terminated(attribute), value.length === 0 ? null : value,
          value.length, b)
      case 'no-attribute': return this.#system.call('removexattr', whole, terminated(attribute))
      default: return what satisfies never
    }
  }

  #option(fd: number, option: number): number {
    const { view, address } = this.#value
    view.setUint32(4, 4, true)
    const rc = this.#system.call('getsockopt', fd, SOL_SOCKET, option, address, address + 4)
    return rc < 0 ? rc : view.getInt32(0, true)
  }

  socketType(fd: number): number {
    return this.#option(fd, SO_TYPE)
  }

  socketProtocol(fd: number): number {
    return this.#option(fd, SO_PROTOCOL)
  }

  /** -errno of a connection that has failed, or 0. */
  socketError(fd: number): number {
    return -this.#option(fd, SO_ERROR)
  }

  /** Names of sockets are looked up from where the thread is. */
  #from(tid: number, step: () => number): number {
    const cwd = this.#places.open(`/proc/${tid}/cwd`, O_PATH | O_CLOEXEC)
    if (cwd < 0) return cwd
    const rc = this.#system.call('fchdir', cwd)
    this.#system.call('close', cwd)
    return rc < 0 ? rc : step()
  }

  bind(tid: number, fd: number, address: Uint8Array): number {
    return this.#from(tid, () => this.#masked(tid, () => this.#system.call('bind', fd, address, address.length)))
  }

  /** Makes the socket's file in the directory that was looked at; the socket's name is the last part alone. */
  bindAt(tid: number, fd: number, { parent, last }: HostPlace): number {
    const address = sockaddrUn(last)
    const rc = this.#system.call('fchdir', parent)
    return rc < 0 ? rc : this.#masked(tid, () => this.#system.call('bind', fd, address, address.length))
  }

  /** Does not wait: -EINPROGRESS where the connection is under way. */
  connect(tid: number, fd: number, address: Uint8Array): { readonly rc: number; readonly wasBlocking: boolean } {
    const flags = this.#system.call('fcntl', fd, F_GETFL, 0)
    const wasBlocking = (flags & O_NONBLOCK) === 0
    if (wasBlocking) this.#system.call('fcntl', fd, F_SETFL, flags | O_NONBLOCK)
    const rc = this.#from(tid, () => this.#system.call('connect', fd, address, address.length))
    if (wasBlocking) this.#system.call('fcntl', fd, F_SETFL, flags)
    return { rc, wasBlocking }
  }

  /** Sends one message; its descriptors are the watcher's. The number of bytes, or -errno. */
  send(fd: number, { data, control }: Message, flags: number, address: Uint8Array | null): number {
    const { view, address: header } = this.#header
    const put = (at: number, bytes: Uint8Array | null): void => {
      view.setBigUint64(at, bytes === null || bytes.length === 0 ? 0n : this.#system.address(bytes), true)
      view.setBigUint64(at + 8, BigInt(bytes?.length ?? 0), true)
    }
    put(0, address)
    view.setBigUint64(16, BigInt(header + HEADER), true)
    view.setBigUint64(24, 1n, true)
    put(32, control)
    put(HEADER, data)
    return this.#system.call('sendmsg', fd, header, flags)
  }

  /** By a descriptor of a process. */
  signal(fd: number, signal: number, flags: number): number {
    return this.#system.call('pidfd_send_signal', fd, signal, null, flags)
  }

  isBlocking(fd: number): boolean {
    return (this.#system.call('fcntl', fd, F_GETFL, 0) & O_NONBLOCK) === 0
  }

  /** Whether there is something to read, or the other end has been there and is gone. */
  isReady(fd: number): boolean {
    return this.#polled(fd, POLLIN)
  }

  isWritable(fd: number): boolean {
    return this.#polled(fd, POLLOUT)
  }

  #polled(fd: number, events: number): boolean {
    const { view, address } = this.#value
    view.setInt32(0, fd, true)
    view.setInt32(4, events, true)
    return this.#system.call('poll', address, 1, 0) > 0
  }

  /** Clears O_NONBLOCK of an open file. */
  setBlocking(fd: number): void {
    const flags = this.#system.call('fcntl', fd, F_GETFL, 0)
    this.#system.call('fcntl', fd, F_SETFL, flags & ~O_NONBLOCK)
  }

  close(fd: number): void {
    if (fd >= 0) this.#system.call('close', fd)
  }

  /** The first bytes of a file that is held. */
  head(place: HostPlace, size: number): Uint8Array | number {
    const fd = this.open(place, 0, 0)
    if (fd < 0) return fd
    const bytes = new Uint8Array(size)
    const read = this.#system.call('pread64', fd, bytes, size, 0)
    this.close(fd)
    return read < 0 ? read : bytes.subarray(0, read)
  }
}

const umaskOf = (tid: number): number => {
  try {
    return Number.parseInt(/^Umask:\s+([0-7]+)$/m.exec(readFileSync(`/proc/${tid}/status`, 'utf8'))?.[1] ?? '22', 8)
  } catch {
    return 0o77
  }
}
