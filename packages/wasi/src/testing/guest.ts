/** For tests: preview 1 called directly, over a memory that has no program in it. */
import { WASI_ERRNO_SUCCESS, WASI_RIGHTS_ALL, wasiErrnoName } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { Budget } from '../budget.ts'
import { defaultHost } from '../host.ts'
import type { Host } from '../host.ts'
import { Patience } from '../patience.ts'
import { limitNumbers } from '../limits.ts'
import type { Limits } from '../limits.ts'
import { openPreopens } from '../preopens.ts'
import { preview1Imports } from '../preview1/imports.ts'
import type { Preview1 } from '../preview1/table.ts'
import { Process } from '../process.ts'
import { waitsHere } from '../waiting/waits.ts'
import { childOf } from './boot.ts'

const decoder = new TextDecoder()

export interface GuestSetup {
  readonly task?: Task
  readonly preopens?: Readonly<Record<string, string>>
  readonly host?: Partial<Host>
  readonly limits?: Limits
  readonly argv?: readonly string[]
  readonly envp?: readonly string[]
  /** In place of one page of its own. */
  readonly memory?: WebAssembly.Memory
}

/** One page of memory; `put` and `room` hand out addresses in it, from 64 on. */
export const guestOn = (kernel: Kernel, setup: GuestSetup = {}) => {
  const { task = childOf(kernel), preopens = { '/': '/' }, limits = {}, argv = ['test'], envp = [] } = setup
  const host = { ...defaultHost, ...setup.host }
  const budget = new Budget(limitNumbers(limits), host)
  const process = new Process({
    kernel, task, host, budget, patience: new Patience(), waitsOf: waitsHere, posix: null, onCall: null,
    exchange: null, imports: {}, argv, envp,
  })
  const memory = setup.memory ?? new WebAssembly.Memory({ initial: 1 })
  process.memory.attach(memory)
  const refused = openPreopens(process, preopens)
  if (refused !== '') throw new Error(refused)
  const wasi = preview1Imports(process) as Preview1
  let free = 64

  const room = (length: number): number => {
    const at = free
    free += (length + 7) & ~7
    return at
  }
  const put = (bytes: Uint8Array | string): [address: number, length: number] => {
    const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    const at = room(data.length)
    new Uint8Array(memory.buffer).set(data, at)
    return [at, data.length]
  }
  const view = (): DataView => new DataView(memory.buffer)
  const bytes = (at: number, length: number): Uint8Array => new Uint8Array(memory.buffer, at, length)
  const text = (at: number, length: number): string => decoder.decode(bytes(at, length))
  const u32 = (at: number): number => view().getUint32(at, true)
  const iovec = (...buffers: (readonly [number, number])[]): [address: number, count: number] => {
    const at = room(buffers.length * 8)
    buffers.forEach(([address, length], i) => {
      view().setUint32(at + i * 8, address, true)
      view().setUint32(at + i * 8 + 4, length, true)
    })
    return [at, buffers.length]
  }

  const out = room(8)
  /** path_open with every right; the descriptor, or the name of the error. */
  const open = (path: string, { fd = 3, oflags = 0, follow = true, base = READ_WRITE, inheriting = WASI_RIGHTS_ALL,
    fdflags = 0 } = {}): number | string => {
    const rc = wasi.path_open(fd, follow ? 1 : 0, ...put(path), oflags, BigInt(base), BigInt(inheriting), fdflags, out)
    return rc === WASI_ERRNO_SUCCESS ? u32(out) : wasiErrnoName(rc)
  }
  /** What is left of a file from where it stands. */
  const read = (fd: number, length = 4096): string => {
    const at = room(length)
    const rc = wasi.fd_read(fd, ...iovec([at, length]), out)
    return rc === WASI_ERRNO_SUCCESS ? text(at, u32(out)) : wasiErrnoName(rc)
  }
  const write = (fd: number, data: string): number | string => {
    const rc = wasi.fd_write(fd, ...iovec(put(data)), out)
    return rc === WASI_ERRNO_SUCCESS ? u32(out) : wasiErrnoName(rc)
  }
  return { process, task, wasi, memory, room, put, view, bytes, text, u32, iovec, out, open, read, write }
}
export type Guest = ReturnType<typeof guestOn>

/** What a file opened for both may be asked for: everything but what only directories have. */
export const READ_WRITE = 0x8e001ff | 0x200000
/** As READ_WRITE, but nothing that writes. */
export const READ_ONLY = READ_WRITE & ~0x400141

/** The result as its name: `ok` for 0. */
export const name = (errno: number): string => (errno === 0 ? 'ok' : wasiErrnoName(errno))
