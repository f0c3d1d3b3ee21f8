/** Sockets, and descriptors that are passed over them. */
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, SOCK_NONBLOCK, SOL_SOCKET, SCM_RIGHTS } from '@lsmkit/abi'
import { percentText } from '../percent.ts'
import { keep, name, num, slot } from './play.ts'
import type { Play } from './play.ts'

/** Addresses as the recordings name them. */
const addressOf = (kind: string | undefined, text: string | undefined): object => {
  if (kind === 'in') return { family: AF_INET, addr: '127.0.0.1', port: num(text) }
  if (kind === 'in6') return { family: AF_INET6, addr: '::1', port: num(text) }
  if (kind === 'nl') return { family: AF_NETLINK, addr: '', port: 0 }
  return { family: AF_UNIX, addr: kind === 'abs' ? `\0${name(text)}` : name(text), port: 0 }
}

const withAddress = (call: string): Play => ({ kernel }, actor, [at, kind, text]) =>
  [kernel.syscall(actor.task, call, slot(actor, at), addressOf(kind, text))]

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
  sendfd({ kernel }, actor, [at]) {
    const message = {
      msg_iov: [new Uint8Array(1)],
      msg_control: [{ level: SOL_SOCKET, type: SCM_RIGHTS, fds: [slot(actor, at)] }],
    }
    return [Math.min(kernel.syscall(actor.task, 'sendmsg', actor.pair[0], message, 0), 0)]
  },
}
