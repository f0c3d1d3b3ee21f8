/** Sockets as WasmEdge adds them to preview 1: `sock_open`, `sock_bind` and so on, in the same module. */
import {
  AF_INET, AF_INET6, MSG_PEEK, MSG_WAITALL, O_NONBLOCK, SO_ACCEPTCONN, SO_BROADCAST, SO_DONTROUTE, SO_ERROR,
  SO_KEEPALIVE, SO_OOBINLINE,
  SO_RCVBUF, SO_REUSEADDR, SO_SNDBUF, SO_TYPE, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, wasiErrno, WASI_ERRNO_AFNOSUPPORT,
  WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_NOTSUP, WASI_ERRNO_SUCCESS, WASI_RIFLAGS_RECV_PEEK,
  WASI_RIFLAGS_RECV_WAITALL, WASI_RIGHTS_ALL,
} from '@lsmkit/abi'
import { bound, copyIn, sockaddrIn, sockaddrIn6 } from '@lsmkit/kernel/boot'
import type { OptionValue } from '@lsmkit/kernel'
import type { Process } from '../process.ts'
import { sock_getaddrinfo } from './wasmedge-names.ts'
import type { Answer } from '../waiting/waits.ts'
import { Io, messageInto } from './io.ts'

const FAMILIES = [undefined, AF_INET, AF_INET6]
const TYPES = [undefined, SOCK_DGRAM, SOCK_STREAM]
const OPTIONS = [
  SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_DONTROUTE, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_OOBINLINE,
  undefined, undefined, undefined, undefined, SO_ACCEPTCONN, undefined,
]

/** Bytes of addresses; a buffer of the last size begins with the family in two bytes. */
const V4 = 4
const V6 = 16
const WITH_FAMILY = 128
const FAMILY_SIZE = 2
/** A `sockaddr_in6` is the longest. */
const SOCKADDR = 28

/** Functions that are not in the table of preview 1, by name. */
export const wasmedgeNames: ReadonlySet<string> = new Set([
  'sock_open', 'sock_bind', 'sock_listen', 'sock_connect', 'sock_recv_from', 'sock_send_to', 'sock_getlocaladdr',
  'sock_getpeeraddr', 'sock_getsockopt', 'sock_setsockopt', 'sock_getaddrinfo',
])

/** The buffer that a `WasiAddress` (address, length) tells; null for a bad pointer. */
const bufferAt = (io: Io, at: number): Uint8Array | null => {
  const { memory } = io
  if (!memory.has(at >>> 0, 8)) return null
  const [start, length] = [memory.view.getUint32(at >>> 0, true), memory.view.getUint32((at >>> 0) + 4, true)]
  return memory.has(start, length) ? memory.bytes.subarray(start, start + length) : null
}

/** The `sockaddr` that stands there, or a WASI errno. */
const readAddress = (io: Io, at: number, port: number): Uint8Array | number => {
  const place = bufferAt(io, at)
  if (place === null) return WASI_ERRNO_FAULT
  const buffer = copyIn(place, 0, WITH_FAMILY)
  const hasFamily = buffer.length >= WITH_FAMILY
  const family = hasFamily ? FAMILIES[buffer[0]!] : buffer.length === V6 ? AF_INET6 : AF_INET
  const raw = hasFamily ? buffer.subarray(FAMILY_SIZE) : buffer
  if (family === AF_INET && raw.length >= V4) return sockaddrIn(raw.subarray(0, V4).join('.'), port & 0xffff)
  if (family !== AF_INET6 || raw.length < V6) return WASI_ERRNO_AFNOSUPPORT
  return sockaddrIn6(raw.subarray(0, V6), port & 0xffff)
}

/** Writes the address of a `sockaddr` into the buffer; false where it does not fit. */
const writeAddress = (io: Io, at: number, name: Uint8Array): boolean => {
  const buffer = bufferAt(io, at)
  if (buffer === null) return false
  const isV4 = name[0] === AF_INET
  const raw = isV4 ? name.subarray(4, 8) : name.subarray(8, 24)
  const hasFamily = buffer.length >= WITH_FAMILY
  if (!hasFamily && buffer.length < raw.length) return false
  if (hasFamily) {
    buffer[0] = FAMILIES.indexOf(name[0])
    buffer[1] = 0
  }
  buffer.set(raw, hasFamily ? FAMILY_SIZE : 0)
  return true
}

const portOf = (name: Uint8Array): number => (name[2]! << 8) | name[3]!

const withAddress = (io: Io, at: number, port: number, call: (name: Uint8Array) => number): Answer => {
  const { waits } = io
  const name = readAddress(io, at, port)
  return typeof name === 'number' ? name : waits(() => call(name), wasiErrno)
}

const nameInto = (call: 'getsockname' | 'getpeername') => (
  io: Io, fd: number, at: number, type: number, port: number,
): number => {
  const { sys, task, memory } = io
  if (!memory.has(type >>> 0, 4) || !memory.has(port >>> 0, 4)) return WASI_ERRNO_FAULT
  const name = new Uint8Array(SOCKADDR)
  const rc = sys[call](task, fd, name, { value: SOCKADDR })
  if (rc < 0) return wasiErrno(rc)
  if (!writeAddress(io, at, name)) return WASI_ERRNO_FAULT
  memory.view.setUint32(type >>> 0, name[0] === AF_INET ? 4 : 6, true)
  memory.view.setUint32(port >>> 0, portOf(name), true)
  return WASI_ERRNO_SUCCESS
}

const opened = (io: Io, rc: number, out: number): number => {
  const { descriptors, memory } = io
  if (rc < 0) return wasiErrno(rc)
  descriptors.open(rc, WASI_RIGHTS_ALL, 0)
  memory.view.setUint32(out >>> 0, rc, true)
  return WASI_ERRNO_SUCCESS
}

/** An accepted socket blocks if the socket it came from does. */
const acceptFlags = ({ descriptors }: Io, fd: number): number =>
  (descriptors.find(fd)?.file.f_flags ?? 0) & O_NONBLOCK

const wasmedge = {
  sock_open(io: Io, family: number, type: number, out: number): Answer {
    const { memory, sys, task } = io
    const [domain, kind] = [FAMILIES[family], TYPES[type]]
    if (domain === undefined || kind === undefined) return WASI_ERRNO_INVAL
    if (!memory.has(out >>> 0, 4)) return WASI_ERRNO_FAULT
    return opened(io, sys.socket(task, domain, kind, 0), out)
  },
  sock_bind: (io: Io, fd: number, at: number, port: number): Answer =>
    withAddress(io, at, port, (name) => io.sys.bind(io.task, fd, name, name.length)),
  sock_connect: (io: Io, fd: number, at: number, port: number): Answer =>
    withAddress(io, at, port, (name) => io.sys.connect(io.task, fd, name, name.length)),
  sock_listen: (io: Io, fd: number, backlog: number): Answer =>
    wasiErrno(io.sys.listen(io.task, fd, backlog)),
  /** Of two parameters, unlike that of preview 1. */
  sock_accept_2(io: Io, fd: number, out: number): Answer {
    const { memory, waits, sys, task } = io
    if (!memory.has(out >>> 0, 4)) return WASI_ERRNO_FAULT
    return waits(() => sys.accept4(task, fd, null, null, acceptFlags(io, fd)), (rc) => opened(io, rc, out))
  },
  sock_recv_from(
    io: Io, fd: number, iovs: number, count: number, at: number, flags: number, port: number, nread: number,
    oflags: number,
  ): Answer {
    const { memory, waits, sys, task, budget } = io
    const error = io.iovecs.gather(iovs, count)
    if (error !== WASI_ERRNO_SUCCESS) return error
    if (!memory.has(nread >>> 0, 4) || !memory.has(oflags >>> 0, 4) || (port !== 0 && !memory.has(port >>> 0, 4)))
      return WASI_ERRNO_FAULT
    const msg = messageInto(io, new Uint8Array(SOCKADDR))
    return waits(() => sys.recvmsg(task, fd, msg, receiveFlags(flags)), (rc) => {
      if (rc < 0) return wasiErrno(rc)
      budget.spendBytes(rc)
      const name = copyIn(msg.msg_name ?? new Uint8Array())
      if (name.length > 0 && !writeAddress(io, at, name)) return WASI_ERRNO_FAULT
      if (port !== 0 && name.length > 0) memory.view.setUint32(port >>> 0, portOf(name), true)
      memory.view.setUint32(nread >>> 0, rc, true)
      memory.view.setUint32(oflags >>> 0, 0, true)
      return WASI_ERRNO_SUCCESS
    })
  },
  sock_send_to(io: Io, fd: number, iovs: number, count: number, at: number, port: number, _flags: number,
    sent: number): Answer {
    const { memory, waits, sys, task, budget } = io
    const name = readAddress(io, at, port)
    const error = typeof name === 'number' ? name : io.iovecs.gather(iovs, count)
    if (typeof name === 'number' || error !== WASI_ERRNO_SUCCESS) return error
    if (!memory.has(sent >>> 0, 4)) return WASI_ERRNO_FAULT
    const msg = messageInto(io, name)
    return waits(() => sys.sendmsg(task, fd, msg, 0), (rc) => {
      if (rc < 0) return wasiErrno(rc)
      budget.spendBytes(rc)
      memory.view.setUint32(sent >>> 0, rc, true)
      return WASI_ERRNO_SUCCESS
    })
  },
  sock_getlocaladdr: nameInto('getsockname'),
  sock_getpeeraddr: nameInto('getpeername'),
  sock_getsockopt(io: Io, fd: number, level: number, name: number, flag: number, size: number): Answer {
    const { memory, sys, task } = io
    const option = level === 0 ? OPTIONS[name] : undefined
    if (option === undefined) return WASI_ERRNO_NOTSUP
    if (!memory.has(flag >>> 0, 4) || !memory.has(size >>> 0, 4)) return WASI_ERRNO_FAULT
    const out: OptionValue = { value: 0 }
    const rc = sys.getsockopt(task, fd, SOL_SOCKET, option, out, { value: 4 })
    if (rc < 0) return wasiErrno(rc)
    memory.view.setInt32(flag >>> 0, Number(out.value), true)
    memory.view.setUint32(size >>> 0, 4, true)
    return WASI_ERRNO_SUCCESS
  },
  sock_setsockopt(io: Io, fd: number, level: number, name: number, flag: number, size: number): Answer {
    const { memory, sys, task } = io
    const option = level === 0 ? OPTIONS[name] : undefined
    if (option === undefined) return WASI_ERRNO_NOTSUP
    if (size < 4 || !memory.has(flag >>> 0, 4)) return WASI_ERRNO_FAULT
    return wasiErrno(sys.setsockopt(task, fd, SOL_SOCKET, option, memory.view.getInt32(flag >>> 0, true), 4))
  },
}

export const wasmedgeImports = (process: Process) => ({
  ...bound(new Io(process), wasmedge), ...bound(process, { sock_getaddrinfo }),
})

/** MSG_* of the flags of preview 1. */
const receiveFlags = (flags: number): number =>
  ((flags & WASI_RIFLAGS_RECV_PEEK) !== 0 ? MSG_PEEK : 0) |
  ((flags & WASI_RIFLAGS_RECV_WAITALL) !== 0 ? MSG_WAITALL : 0)
