/** Makes, names and connects sockets (net/socket.c). */
import {
  EBADF, EFAULT, EINVAL, ENOTSOCK, ERESTARTSYS, O_CLOEXEC, O_NONBLOCK, SHUT_RDWR, SOCK_TYPE_MASK, SOMAXCONN,
} from '@lsmkit/abi'
import type { File, Socket } from '@lsmkit/core'
import { copyIn, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { opsOf } from '../state/net/proto.ts'
import { decodeSockaddr, SOCKADDR_STORAGE_SIZE } from '../state/net/sockaddr.ts'
import { fdTable, fget, get_unused_fd } from '../state/vfs/fdtable.ts'

export interface SocketRef {
  readonly sock: Socket
  readonly file: File
}

/** As `sockfd_lookup`: the socket of a descriptor. */
export const socketOf = (machine: Machine, fd: number): SocketRef | number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const sock = machine.net.sock_from_file(file)
  return sock === null ? -ENOTSOCK : { sock, file }
}

/** As `move_addr_to_kernel`: copies `len` bytes of the caller's address, before the LSMs are asked. */
export const move_addr_to_kernel = (addr: GuestBytes | null, len: number): Uint8Array | number => {
  if (len < 0 || len > SOCKADDR_STORAGE_SIZE) return -EINVAL
  if (len === 0) return new Uint8Array()
  return addr === null || addr.length < len ? -EFAULT : copyIn(addr, 0, len)
}

/** As `move_addr_to_user`: copies the bytes that fit out, and sets `len` to the full length. */
export const move_addr_to_user = (name: Uint8Array, addr: GuestBytes | null, len: { value: number } | null): number => {
  if (addr === null) return 0
  if (len === null) return -EFAULT
  if (len.value < 0) return -EINVAL
  copyOut(name.subarray(0, Math.min(len.value, addr.length)), addr)
  len.value = name.length
  return 0
}

const TYPE_FLAGS = O_CLOEXEC | O_NONBLOCK

const socket = (machine: Machine, family: number, type: number, protocol: number): number => {
  const flags = type & ~SOCK_TYPE_MASK
  if ((flags & ~TYPE_FLAGS) !== 0) return -EINVAL
  const sock = machine.net.sock_create(family, type & SOCK_TYPE_MASK, protocol, false)
  if (typeof sock === 'number') return sock
  return machine.net.sock_map_fd(sock, flags)
}

/** Two sockets that are connected, or -errno. */
const makePair = (
  machine: Machine, family: number, type: number, protocol: number,
): readonly [Socket, Socket] | number => {
  const { sock_create, sock_release } = machine.net
  const a = sock_create(family, type, protocol, false)
  if (typeof a === 'number') return a
  const b = sock_create(family, type, protocol, false)
  if (typeof b === 'number') {
    sock_release(a)
    return b
  }
  const rc = machine.lsm.socket_socketpair.ask(a, b) || opsOf(a).socketpair(a, b)
  if (rc >= 0) return [a, b]
  sock_release(b)
  sock_release(a)
  return rc
}

/** The files of a pair, or -errno, and then both sockets are released. */
const openPair = (
  machine: Machine, [a, b]: readonly [Socket, Socket], flags: number,
): readonly [File, File] | number => {
  const { sock_alloc_file, sock_release } = machine.net
  const first = sock_alloc_file(a, flags)
  if (typeof first === 'number') {
    sock_release(b)
    return first
  }
  const second = sock_alloc_file(b, flags)
  if (typeof second !== 'number') return [first, second]
  machine.vfs.fput(first)
  return second
}

/** Takes the descriptors before it makes the sockets. */
const socketpair = (machine: Machine, family: number, type: number, protocol: number, fds: number[] | null): number => {
  const flags = type & ~SOCK_TYPE_MASK
  if ((flags & ~TYPE_FLAGS) !== 0) return -EINVAL
  const table = fdTable(machine.current.task)
  const taken: number[] = []
  const fail = (rc: number): number => {
    for (const fd of taken) table.free(fd)
    return rc
  }
  for (let i = 0; i < 2; i++) {
    const fd = get_unused_fd(machine.current.task, (flags & O_CLOEXEC) !== 0)
    if (fd < 0) return fail(fd)
    taken.push(fd)
  }
  if (fds === null) return fail(-EFAULT)
  ;[fds[0], fds[1]] = taken as [number, number]
  const pair = makePair(machine, family, type & SOCK_TYPE_MASK, protocol)
  if (typeof pair === 'number') return fail(pair)
  const files = openPair(machine, pair, flags)
  if (typeof files === 'number') return fail(files)
  taken.forEach((fd, i) => { table.install(fd, files[i]!) })
  return 0
}

/** Runs a call that takes an address. */
const withAddress = (
  machine: Machine, fd: number, addr: GuestBytes | null, len: number,
  run: (ref: SocketRef, address: Uint8Array) => number,
): number => {
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const address = move_addr_to_kernel(addr, len)
  return typeof address === 'number' ? address : run(ref, address)
}

const bind = (machine: Machine, fd: number, addr: GuestBytes | null, len: number): number =>
  withAddress(machine, fd, addr, len, ({ sock }, address) =>
    machine.lsm.socket_bind.ask(sock, decodeSockaddr(address), len) || opsOf(sock).bind(sock, address))

const connect = (machine: Machine, fd: number, addr: GuestBytes | null, len: number): number =>
  withAddress(machine, fd, addr, len, ({ sock, file }, address) => {
    const rc = machine.lsm.socket_connect.ask(sock, decodeSockaddr(address), len) ||
      opsOf(sock).connect(sock, address, (file.f_flags & O_NONBLOCK) !== 0)
    if (rc !== -ERESTARTSYS) machine.deadlines.forget()
    return rc
  })

const listen = (machine: Machine, fd: number, backlog: number): number => {
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const limit = Math.min(backlog >>> 0, SOMAXCONN)
  return machine.lsm.socket_listen.ask(ref.sock, limit) || opsOf(ref.sock).listen(ref.sock, limit)
}

/** As `do_accept`: the new socket has its file before the LSMs are asked and a connection is taken. */
const do_accept = (
  machine: Machine, { sock, file }: SocketRef, addr: GuestBytes | null, len: { value: number } | null, flags: number,
): File | number => {
  const newsock = machine.net.sock_alloc(sock.type)
  if (typeof newsock === 'number') return newsock
  const newfile = machine.net.sock_alloc_file(newsock, flags)
  if (typeof newfile === 'number') return newfile
  let rc = machine.lsm.socket_accept.ask(sock, newsock)
  if (rc === 0) rc = opsOf(sock).accept(sock, newsock, (file.f_flags & O_NONBLOCK) !== 0)
  if (rc !== -ERESTARTSYS) machine.deadlines.forget()
  if (rc === 0 && addr !== null) {
    const name = opsOf(newsock).getname(newsock, true)
    rc = typeof name === 'number' ? name : move_addr_to_user(name, addr, len)
  }
  if (rc === 0) return newfile
  machine.vfs.fput(newfile)
  return rc
}

const accept4 = (
  machine: Machine, fd: number, addr: GuestBytes | null, len: { value: number } | null, flags: number,
): number => {
  if ((flags & ~TYPE_FLAGS) !== 0) return -EINVAL
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  return machine.vfs.installNew(() => do_accept(machine, ref, addr, len, flags), (flags & O_CLOEXEC) !== 0)
}

const nameOf = (
  machine: Machine, fd: number, addr: GuestBytes | null, len: { value: number } | null, peer: boolean,
): number => {
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const { sock } = ref
  const rc = peer ? machine.lsm.socket_getpeername.ask(sock) : machine.lsm.socket_getsockname.ask(sock)
  if (rc !== 0) return rc
  const name = opsOf(sock).getname(sock, peer)
  if (typeof name === 'number') return name
  return addr === null ? -EFAULT : move_addr_to_user(name, addr, len)
}

const getsockname = (
  machine: Machine, fd: number, addr: GuestBytes | null, len: { value: number } | null,
): number => nameOf(machine, fd, addr, len, false)

const getpeername = (
  machine: Machine, fd: number, addr: GuestBytes | null, len: { value: number } | null,
): number => nameOf(machine, fd, addr, len, true)

const shutdown = (machine: Machine, fd: number, how: number): number => {
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const { sock } = ref
  const rc = machine.lsm.socket_shutdown.ask(sock, how)
  if (rc !== 0) return rc
  return how < 0 || how > SHUT_RDWR ? -EINVAL : opsOf(sock).shutdown(sock, how)
}

const accept = (
  machine: Machine, fd: number, addr: GuestBytes | null, len: { value: number } | null,
): number => accept4(machine, fd, addr, len, 0)

export const socketSyscalls = {
  socket, socketpair, bind, connect, listen, accept, accept4, shutdown, getsockname, getpeername,
}
