/** Sockets and what is on its way between them. */
import {
  AF_INET, AF_UNIX, SCM_RIGHTS, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR,
} from '@lsmkit/abi'
import { sockaddrIn, sockaddrUn } from '@lsmkit/kernel'
import { bytes, must, ofFiles } from '../stage.ts'
import type { Crowds, Stage } from '../stage.ts'

const listeners = new WeakMap<Stage, number>()

const inet = ({ sys, me }: Stage, type: number, port = 0): number => {
  const fd = must(sys.socket(me, AF_INET, type | SOCK_NONBLOCK, 0))
  if (port !== 0) must(sys.setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, 1, 4))
  const name = sockaddrIn('127.0.0.1', port)
  must(sys.bind(me, fd, name, name.length))
  return fd
}

export const socketCrowds: Crowds = {
  'sockets of AF_UNIX': ofFiles(({ sys, me }, i) => {
    const fd = must(sys.socket(me, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0))
    const name = sockaddrUn(`\0n${i}`)
    return sys.bind(me, fd, name, name.length) || fd
  }, 50_000),
  'pairs of AF_UNIX': ofFiles(({ sys, me }) => {
    const both = [0, 0]
    return sys.socketpair(me, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both) || both[0]!
  }, 50_000),
  'sockets in flight': {
    most: 50_000,
    sets: (at) => {
      const { sys, me } = at
      let last = -1
      return {
        add() {
          const both = [0, 0]
          must(sys.socketpair(me, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both))
          const control = [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [both[1]!] }]
          const header = { msg_name: null, msg_iov: [bytes(1)], msg_control: control, msg_flags: 0 }
          const rc = last < 0 ? 0 : sys.sendmsg(me, last, header, 0)
          if (last >= 0) must(sys.close(me, both[1]!))
          last = both[0]!
          return rc
        },
        handles: () => ({ fds: [last] }),
      }
    },
  },
  'UDP sockets': ofFiles((at) => inet(at, SOCK_DGRAM), 25_000),
  'UDP sockets on one port': ofFiles((at) => inet(at, SOCK_DGRAM, 7000), 25_000),
  'TCP listeners': ofFiles((at) => {
    const fd = inet(at, SOCK_STREAM)
    return at.sys.listen(at.me, fd, 1) || fd
  }, 25_000),
  'TCP connections': ofFiles((at, i) => {
    const { sys, me } = at
    if (i === 0) {
      const fd = inet(at, SOCK_STREAM, 7001)
      must(sys.listen(me, fd, 1000))
      listeners.set(at, fd)
    }
    const fd = must(sys.socket(me, AF_INET, SOCK_STREAM, 0))
    const name = sockaddrIn('127.0.0.1', 7001)
    return sys.connect(me, fd, name, name.length) || must(sys.accept4(me, listeners.get(at)!, null, null, 0)) && fd
  }, 20_000),
  'datagrams': {
    most: 270,
    sets: ({ sys, me }) => {
      const both = [0, 0]
      must(sys.socketpair(me, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, both))
      return { add: () => sys.sendto(me, both[0]!, bytes(1), 1, 0, null, 0), handles: () => ({ fds: both }) }
    },
  },
}
