/** Sending and receiving, family apart: the LSMs first (sock_sendmsg, sock_recvmsg of net/socket.c). */
import type { Msghdr, Socket } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { opsOf } from '../state/net/proto.ts'
import type { KernelMsghdr } from '../state/net/proto.ts'
import { decodeSockaddr } from '../state/net/sockaddr.ts'

const seen = ({ msg_name, msg_control }: KernelMsghdr, flags: number, data: GuestBytes): Msghdr => ({
  msg_name: msg_name === null || msg_name.length === 0 ? null : decodeSockaddr(msg_name),
  msg_flags: flags,
  control: [...(msg_control ?? [])],
  user_data: data,
})

/** `nosec`: a further message of one sendmmsg to the address that has been asked about. */
export const sock_sendmsg = (
  machine: Machine, sock: Socket, msg: KernelMsghdr, data: GuestBytes, flags: number, nosec = false,
): number => {
  const rc = nosec ? 0 : machine.lsm.socket_sendmsg.ask(sock, seen(msg, flags, data), data.length)
  return rc !== 0 ? rc : machine.deadlines.ended('send', opsOf(sock).sendmsg(sock, msg, data, flags))
}

/** `nosec`: a further message of one recvmmsg, which has been asked about. */
export const sock_recvmsg = (
  machine: Machine, sock: Socket, msg: KernelMsghdr, buf: GuestBytes, flags: number, nosec = false,
): number => {
  const asked: Msghdr = { msg_name: null, msg_flags: flags, control: [] }
  const rc = nosec ? 0 : machine.lsm.socket_recvmsg.ask(sock, asked, buf.length, flags)
  return rc !== 0 ? rc : machine.deadlines.ended('receive', opsOf(sock).recvmsg(sock, msg, buf, flags))
}
