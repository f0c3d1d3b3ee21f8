/** send and receive in all their forms (net/socket.c). */
import { EFAULT, EINVAL, EMSGSIZE, MSG_DONTWAIT, MSG_WAITFORONE, O_NONBLOCK } from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { UserMsghdr } from '../net/proto.ts'
import { giveAddress, socketOf, takeAddress } from './sockets.ts'

/** UIO_MAXIOV. */
const MOST_VECTORS = 1024

/** `struct mmsghdr`. */
export interface Mmsghdr {
  msg_hdr: UserMsghdr
  msg_len: number
}

const gather = (vectors: readonly Uint8Array[]): Uint8Array => {
  if (vectors.length === 1) return vectors[0]!
  const all = new Uint8Array(vectors.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const vector of vectors) {
    all.set(vector, at)
    at += vector.length
  }
  return all
}
const scatter = (from: Uint8Array, vectors: readonly Uint8Array[]): void => {
  let at = 0
  for (const vector of vectors) {
    vector.set(from.subarray(at, at + vector.length))
    at += vector.length
  }
}

export const socketMessageSyscalls = (_lsm: KeyMap, machine: Machine) => {
  const { sock_sendmsg, sock_recvmsg } = machine.net

  const sendto = (
    fd: number, buf: Uint8Array | null, len: number, flags: number, addr: Uint8Array | null, addrlen: number,
  ): number => {
    if (len !== 0 && (buf === null || buf.length < len)) return -EFAULT
    const ref = socketOf(machine, fd)
    if (typeof ref === 'number') return ref
    const name = addr === null ? null : takeAddress(addr, addrlen)
    if (typeof name === 'number') return name
    const data = (buf ?? new Uint8Array()).subarray(0, len)
    const how = (ref.file.f_flags & O_NONBLOCK) !== 0 ? flags | MSG_DONTWAIT : flags
    return sock_sendmsg(ref.sock, { msg_name: name, msg_iov: [data], msg_control: null, msg_flags: 0 }, data, how)
  }

  const recvfrom = (
    fd: number, buf: Uint8Array | null, len: number, flags: number, addr: Uint8Array | null,
    addrlen: { value: number } | null,
  ): number => {
    if (len !== 0 && (buf === null || buf.length < len)) return -EFAULT
    const ref = socketOf(machine, fd)
    if (typeof ref === 'number') return ref
    const room = (buf ?? new Uint8Array()).subarray(0, len)
    const msg: UserMsghdr =
      { msg_name: addr === null ? null : new Uint8Array(), msg_iov: [room], msg_control: null, msg_flags: 0 }
    const how = (ref.file.f_flags & O_NONBLOCK) !== 0 ? flags | MSG_DONTWAIT : flags
    const rc = sock_recvmsg(ref.sock, msg, room, how)
    if (rc < 0 || addr === null) return rc
    return giveAddress(msg.msg_name!, addr, addrlen) || rc
  }

  const checkHeader = (msg: UserMsghdr | null): number => {
    if (msg === null || !Array.isArray(msg.msg_iov)) return -EFAULT
    return msg.msg_iov.length > MOST_VECTORS ? -EMSGSIZE : 0
  }

  const sendmsg = (fd: number, msg: UserMsghdr | null, flags: number): number => {
    const ref = socketOf(machine, fd)
    if (typeof ref === 'number') return ref
    const rc = checkHeader(msg)
    if (rc !== 0) return rc
    const how = (ref.file.f_flags & O_NONBLOCK) !== 0 ? flags | MSG_DONTWAIT : flags
    return sock_sendmsg(ref.sock, msg!, gather(msg!.msg_iov), how)
  }

  const receive = (fd: number, msg: UserMsghdr | null, flags: number, nosec: boolean): number => {
    const ref = socketOf(machine, fd)
    if (typeof ref === 'number') return ref
    const bad = checkHeader(msg)
    if (bad !== 0) return bad
    const room = msg!.msg_iov.length === 1 ? msg!.msg_iov[0]! : new Uint8Array(gather(msg!.msg_iov).length)
    msg!.msg_flags = 0
    if (msg!.msg_control !== null) msg!.msg_control = []
    const how = (ref.file.f_flags & O_NONBLOCK) !== 0 ? flags | MSG_DONTWAIT : flags
    const rc = sock_recvmsg(ref.sock, msg!, room, how, nosec)
    if (rc > 0 && msg!.msg_iov.length > 1) scatter(room, msg!.msg_iov)
    return rc
  }
  const recvmsg = (fd: number, msg: UserMsghdr | null, flags: number): number => receive(fd, msg, flags, false)

  /** How many were sent; the error of the first counts alone. */
  const sendmmsg = (fd: number, vec: readonly Mmsghdr[] | null, vlen: number, flags: number): number => {
    if (vec === null || vec.length < vlen) return -EFAULT
    let sent = 0
    for (; sent < Math.min(vlen, MOST_VECTORS); sent++) {
      const rc = sendmsg(fd, vec[sent]!.msg_hdr, flags)
      if (rc < 0) return sent > 0 ? sent : rc
      vec[sent]!.msg_len = rc
    }
    return sent
  }

  /** The LSMs are asked for the first message; the time limit is the host's. */
  const recvmmsg = (
    fd: number, vec: readonly Mmsghdr[] | null, vlen: number, flags: number, timeout: object | null,
  ): number => {
    if (timeout !== null && (timeout as { tv_nsec?: number }).tv_nsec === undefined) return -EINVAL
    if (vec === null || vec.length < vlen) return -EFAULT
    let got = 0
    let how = flags & ~MSG_WAITFORONE
    for (; got < vlen; got++) {
      const rc = receive(fd, vec[got]!.msg_hdr, how, got > 0)
      if (rc < 0) return got > 0 ? got : rc
      vec[got]!.msg_len = rc
      if ((flags & MSG_WAITFORONE) !== 0) how |= MSG_DONTWAIT
    }
    return got
  }

  return { sendto, recvfrom, sendmsg, recvmsg, sendmmsg, recvmmsg }
}
