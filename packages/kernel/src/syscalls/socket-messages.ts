/** Sends and receives messages (net/socket.c). */
import {
  EAGAIN, EFAULT, EINVAL, EMSGSIZE, ENOMEM, ERESTARTSYS, MSG_CMSG_COMPAT, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_WAITFORONE,
  O_NONBLOCK,
} from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import { copyIn, gather, isGuestBytes, partOf, scatter, totalOf } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { stateOf, takeError } from '../state/net/proto.ts'
import type { Cmsg, KernelMsghdr, UserMsghdr } from '../state/net/proto.ts'
import { move_addr_to_user, socketOf, move_addr_to_kernel } from './sockets.ts'
import { isTimespec, msOf, timespecOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'

const UIO_MAXIOV = 1024

/** `struct mmsghdr`. */
export interface Mmsghdr {
  msg_hdr: UserMsghdr
  msg_len: number
}

const NOTHING = new Uint8Array()

const copyCmsg = ({ cmsg_level, cmsg_type, data }: Cmsg): Cmsg => ({
  cmsg_level, cmsg_type, data: isGuestBytes(data) ? copyIn(data) : Array.isArray(data) ? [...data] : { ...data },
})

/** As `___sys_sendmsg`: copies address and control messages in, before the LSMs are asked. */
const copyHeader = ({ msg_name, msg_control, msg_flags }: UserMsghdr): KernelMsghdr => ({
  msg_name: msg_name === null ? null : copyIn(msg_name), msg_control: msg_control?.map(copyCmsg) ?? null, msg_flags,
})

const sendto = (
  machine: Machine, fd: number, buf: GuestBytes | null, len: number, flags: number, addr: GuestBytes | null,
  addrlen: number,
): number => {
  if (len !== 0 && (buf === null || buf.length < len)) return -EFAULT
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const name = addr === null ? null : move_addr_to_kernel(addr, addrlen)
  if (typeof name === 'number') return name
  const data = partOf(buf ?? NOTHING, 0, len)
  const how = (ref.file.f_flags & O_NONBLOCK) !== 0 ? flags | MSG_DONTWAIT : flags
  return machine.net.sock_sendmsg(ref.sock, { msg_name: name, msg_control: null, msg_flags: 0 }, data, how)
}

const recvfrom = (
  machine: Machine, fd: number, buf: GuestBytes | null, len: number, flags: number, addr: GuestBytes | null,
  addrlen: { value: number } | null,
): number => {
  if (len !== 0 && (buf === null || buf.length < len)) return -EFAULT
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const room = partOf(buf ?? NOTHING, 0, len)
  const msg: KernelMsghdr = { msg_name: addr === null ? null : NOTHING, msg_control: null, msg_flags: 0 }
  const how = (ref.file.f_flags & O_NONBLOCK) !== 0 ? flags | MSG_DONTWAIT : flags
  const rc = machine.net.sock_recvmsg(ref.sock, msg, room, how)
  if (rc < 0 || addr === null) return rc
  return move_addr_to_user(msg.msg_name!, addr, addrlen) || rc
}

/** Several buffers are joined, and may be the same memory again and again. */
const hasRoomFor = (machine: Machine, vectors: readonly GuestBytes[]): boolean =>
  vectors.length <= 1 || machine.account.hasRoom(totalOf(vectors))

const checkHeader = (msg: UserMsghdr | null): number => {
  if (msg === null || !Array.isArray(msg.msg_iov)) return -EFAULT
  return msg.msg_iov.length > UIO_MAXIOV ? -EMSGSIZE : 0
}

/** `header`: the copied header of the message; null when there is no message. */
const send = (
  machine: Machine, fd: number, msg: UserMsghdr | null, header: KernelMsghdr | null, flags: number, nosec: boolean,
): number => {
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const rc = checkHeader(msg)
  if (rc !== 0) return rc
  const vectors = [...msg!.msg_iov]
  if (!hasRoomFor(machine, vectors)) return -ENOMEM
  const how = (ref.file.f_flags & O_NONBLOCK) !== 0 ? flags | MSG_DONTWAIT : flags
  return machine.net.sock_sendmsg(ref.sock, header!, vectors.length === 1 ? vectors[0]! : gather(vectors), how, nosec)
}

const sendmsg = (machine: Machine, fd: number, msg: UserMsghdr | null, flags: number): number =>
  (flags & MSG_CMSG_COMPAT) !== 0 ? -EINVAL : send(machine, fd, msg, msg && copyHeader(msg), flags, false)

const receive = (machine: Machine, fd: number, msg: UserMsghdr | null, flags: number, nosec: boolean): number => {
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const bad = checkHeader(msg)
  if (bad !== 0) return bad
  const vectors = [...msg!.msg_iov]
  if (!hasRoomFor(machine, vectors)) return -ENOMEM
  const header: KernelMsghdr = {
    msg_name: msg!.msg_name === null ? null : NOTHING, msg_control: msg!.msg_control === null ? null : [],
    msg_flags: 0,
  }
  const how = (ref.file.f_flags & O_NONBLOCK) !== 0 ? flags | MSG_DONTWAIT : flags
  // several buffers are filled from one, so that later writes to them are never taken for received bytes
  const own = vectors.length === 1 ? null : new Uint8Array(totalOf(vectors))
  const rc = machine.net.sock_recvmsg(ref.sock, header, own ?? vectors[0]!, how, nosec)
  Object.assign(msg!, header)
  if (rc > 0 && own !== null) scatter(own.subarray(0, rc), vectors)
  return rc
}

const recvmsg = (machine: Machine, fd: number, msg: UserMsghdr | null, flags: number): number =>
  (flags & MSG_CMSG_COMPAT) !== 0 ? -EINVAL : receive(machine, fd, msg, flags, false)

const isSameName = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a !== null && b !== null && a.length === b.length && a.every((byte, i) => byte === b[i])

/** How many messages were sent, or the error of the first. The LSMs are asked once for messages to one address. */
const sendmmsg = (
  machine: Machine, fd: number, vec: readonly Mmsghdr[] | null, vlen: number, flags: number,
): number => {
  if ((flags & MSG_CMSG_COMPAT) !== 0) return -EINVAL
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  let before: Uint8Array | null = null
  let sent = 0
  for (; sent < Math.min(vlen >>> 0, UIO_MAXIOV); sent++) {
    const entry = vec?.[sent]
    const header = entry === undefined ? null : copyHeader(entry.msg_hdr)
    const name = header?.msg_name ?? null
    const rc = entry === undefined ? -EFAULT : send(machine, fd, entry.msg_hdr, header, flags, isSameName(name, before))
    if (rc < 0) return sent > 0 ? sent : rc
    entry!.msg_len = rc
    before = name
  }
  return sent
}

/** Answers -ERESTARTSYS only when no message has come. As in Linux, the time limit is checked after each message. */
const receiveAll = (
  machine: Machine, fd: number, sock: Socket, vec: readonly Mmsghdr[] | null, vlen: number, flags: number,
  timeout: Timespec | null,
): number => {
  const ms = timeout === null ? Infinity : msOf(timeout)
  const until = ms === Infinity || ms === 0 ? ms : machine.deadlines.untilOf('recvmmsg', ms)
  let how = flags & ~MSG_WAITFORONE
  let got = 0
  while (got < vlen >>> 0) {
    const entry = vec?.[got]
    const rc = entry === undefined ? -EFAULT : receive(machine, fd, entry.msg_hdr, how, got > 0)
    if (rc < 0) {
      if (got === 0) return rc
      // an error after the first message is the answer of the next call
      if (rc !== -EAGAIN && rc !== -ERESTARTSYS) stateOf(sock.sk!).error = -rc
      return got
    }
    entry!.msg_len = rc
    got++
    if ((flags & MSG_WAITFORONE) !== 0) how |= MSG_DONTWAIT
    if (timeout !== null) Object.assign(timeout, timespecOf(Math.max(until - machine.clock(), 0)))
    if (until <= machine.clock()) return got
  }
  return got
}

/** The LSMs are asked for the first message only. `timeout` is set to the time that is left. */
const recvmmsg = (
  machine: Machine, fd: number, vec: readonly Mmsghdr[] | null, vlen: number, flags: number, timeout: Timespec | null,
): number => {
  if ((flags & MSG_CMSG_COMPAT) !== 0) return -EINVAL
  if (timeout !== null && !isTimespec(timeout)) return -EINVAL
  const ref = socketOf(machine, fd)
  if (typeof ref === 'number') return ref
  const error = (flags & MSG_ERRQUEUE) !== 0 ? 0 : takeError(stateOf(ref.sock.sk!))
  const rc = error !== 0 ? -error : receiveAll(machine, fd, ref.sock, vec, vlen, flags, timeout)
  if (rc !== -ERESTARTSYS) machine.deadlines.forget()
  return rc
}

export const socketMessageSyscalls = { sendto, recvfrom, sendmsg, recvmsg, sendmmsg, recvmmsg }
