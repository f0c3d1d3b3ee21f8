/** Sockets, and descriptors that are passed over them. */
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, MSG_CTRUNC, MSG_DONTWAIT, SCM_RIGHTS, SOCK_NONBLOCK, SOL_SOCKET,
} from '@lsmkit/abi'
import { percentText } from '../percent.ts'
import { bytes, keep, num, slot } from './play.ts'
import type { Play } from './play.ts'
import { fdKind } from './tasks.ts'

/** Addresses as the recordings name them, as bytes of struct sockaddr. */
const addressOf = (kind: string | undefined, text: string | undefined): Uint8Array => {
  const family = (number: number): readonly number[] => [number & 0xff, number >> 8]
  const port = num(text?.match(/^\d+$/) ? text : '0')
  const zeros = (count: number): readonly number[] => Array<number>(count).fill(0)
  const inet = [port >> 8, port & 0xff]
  if (kind === 'in') return Uint8Array.of(...family(AF_INET), ...inet, 127, 0, 0, 1, ...zeros(8))
  if (kind === 'in6') return Uint8Array.of(...family(AF_INET6), ...inet, ...zeros(19), 1, ...zeros(4))
  if (kind === 'nl') return Uint8Array.of(...family(AF_NETLINK), ...zeros(10))
  const isAbstract = kind === 'abs'
  return Uint8Array.of(...family(AF_UNIX), ...zeros(isAbstract ? 1 : 0), ...bytes(text), ...zeros(isAbstract ? 0 : 1))
}

const withAddress = (call: string): Play => ({ kernel }, actor, [at, kind, text]) => {
  const address = addressOf(kind, text)
  return [kernel.syscall(actor.task, call, slot(actor, at), address, address.length)]
}

export const socketOperations: Readonly<Record<string, Play>> = {
  socket: (world, actor, [family, type, protocol, at]) => keep(world, actor, at,
    world.kernel.syscall(actor.task, 'socket', num(family), num(type) | SOCK_NONBLOCK, num(protocol))),
  socketpair(world, actor, [family, type, first, second]) {
    const fds: number[] = []
    const rc = world.kernel.sys.socketpair(actor.task, num(family), num(type) | SOCK_NONBLOCK, 0, fds)
    if (rc < 0) return [rc]
    keep(world, actor, first, fds[0]!)
    return keep(world, actor, second, fds[1]!)
  },
  bind: withAddress('bind'),
  connect: withAddress('connect'),
  listen: ({ kernel }, actor, [at]) => [kernel.syscall(actor.task, 'listen', slot(actor, at), 5)],
  accept: (world, actor, [at, to]) =>
    keep(world, actor, to, world.kernel.syscall(actor.task, 'accept4', slot(actor, at), null, null, SOCK_NONBLOCK)),
  send({ kernel }, actor, [at]) {
    const data = new TextEncoder().encode('hello')
    return [Math.min(kernel.syscall(actor.task, 'sendto', slot(actor, at), data, data.length, 0, null, 0), 0)]
  },
  recv({ kernel }, actor, [at]) {
    const buf = new Uint8Array(60)
    const rc = kernel.syscall(actor.task, 'recvfrom', slot(actor, at), buf, buf.length, 0, null, null)
    return rc < 0 ? [rc] : [0, percentText(buf.subarray(0, rc), true)]
  },
  getsockopt({ kernel }, actor, [at, option]) {
    const size = { value: 299 }
    const value = new Uint8Array(299)
    const rc = kernel.syscall(actor.task, 'getsockopt', slot(actor, at), SOL_SOCKET, num(option), value, size)
    return [Math.min(rc, 0), `len=${size.value}`]
  },
  sendfd({ kernel }, actor, [at]) {
    const message = {
      msg_name: null,
      msg_iov: [new Uint8Array(1)],
      msg_control: [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [slot(actor, at)] }],
      msg_flags: 0,
    }
    return [Math.min(kernel.syscall(actor.task, 'sendmsg', actor.pair[0], message, 0), 0)]
  },
  recvfd(world, actor, [at]) {
    const message: Message = { msg_name: null, msg_iov: [new Uint8Array(8)], msg_control: [], msg_flags: 0, room: 64 }
    const rc = world.kernel.syscall(actor.task, 'recvmsg', actor.pair[1], message, MSG_DONTWAIT)
    if (rc < 0) return [rc]
    const fd = message.msg_control.find(({ cmsg_type }) => cmsg_type === SCM_RIGHTS)?.data[0]
    if (fd === undefined) return [0, (message.msg_flags & MSG_CTRUNC) !== 0 ? 'nofd ctrunc' : 'nofd']
    keep(world, actor, at, fd)
    return [0, `fd ${fdKind(world, actor, fd) === 'chr' ? 'chr' : 'file'}`]
  },
}

/** As recvmsg(2) fills it in. */
interface Message {
  msg_name: null
  msg_iov: Uint8Array[]
  msg_control: { cmsg_type: number; data: number[] }[]
  msg_flags: number
  room: number
}
