/** Sending and receiving, family apart: the LSMs first (sock_sendmsg, sock_recvmsg of net/socket.c). */
import type { KeyMap, Msghdr, Socket } from '@lsmkit/core'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { opsOf } from '../state/net/proto.ts'
import type { KernelMsghdr } from '../state/net/proto.ts'
import { decodeSockaddr } from './sockaddr.ts'

export const socketMessages = (lsm: KeyMap, machine: Machine) => {
  const seen = ({ msg_name, msg_control }: KernelMsghdr, flags: number): Msghdr => ({
    msg_name: msg_name === null || msg_name.length === 0 ? null : decodeSockaddr(msg_name),
    msg_flags: flags,
    control: [...(msg_control ?? [])],
  })

  /** `nosec`: a further message of one sendmmsg to the address that has been asked about. */
  const sock_sendmsg = (sock: Socket, msg: KernelMsghdr, data: GuestBytes, flags: number, nosec = false): number => {
    const rc = nosec ? 0 : lsm.socket_sendmsg.ask(sock, seen(msg, flags), data.length)
    return rc !== 0 ? rc : machine.deadlines.ended('send', opsOf(sock).sendmsg(sock, msg, data, flags))
  }

  /** `nosec`: a further message of one recvmmsg, which has been asked about. */
  const sock_recvmsg = (
    sock: Socket, msg: KernelMsghdr, buf: GuestBytes, flags: number, nosec = false,
  ): number => {
    const asked: Msghdr = { msg_name: null, msg_flags: flags, control: [] }
    const rc = nosec ? 0 : lsm.socket_recvmsg.ask(sock, asked, buf.length, flags)
    return rc !== 0 ? rc : machine.deadlines.ended('receive', opsOf(sock).recvmsg(sock, msg, buf, flags))
  }

  return { sock_sendmsg, sock_recvmsg }
}
export type Messages = ReturnType<typeof socketMessages>
