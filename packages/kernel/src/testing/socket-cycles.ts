/** Cycles of sockets and descriptors that wait. */
import { EPOLL_CTL_ADD, SOCK_DGRAM, SOCK_STREAM } from '@lsmkit/abi'
import type { CycleWorld, Cycles } from './cycle-world.ts'

const AF_INET = 2
const SOL_SOCKET = 1
const SCM_RIGHTS = 1

const address = (port: number): Uint8Array => {
  const raw = new Uint8Array(16)
  raw.set([AF_INET, 0, port >> 8, port & 0xff, 127, 0, 0, 1])
  return raw
}

export const socketCycles = (world: CycleWorld): Cycles => {
  const { sys, init } = world
  return {
    'local sockets': () => {
      const [a, b] = world.pair(SOCK_STREAM)
      world.must(sys.write(init, a, new Uint8Array(50_000)))
      world.must(sys.read(init, b, new Uint8Array(20_000)))
      world.close(a, b)
      const [c, d] = world.pair(SOCK_DGRAM)
      world.must(sys.write(init, c, new Uint8Array(500)))
      world.close(c, d)
    },
    'descriptors in flight': () => {
      const [a, b] = world.pair(SOCK_STREAM)
      const control = [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [a, b] }]
      const message = { msg_name: null, msg_iov: [new Uint8Array(1)], msg_control: control, msg_flags: 0 }
      world.must(sys.sendmsg(init, a, message, 0))
      world.close(a, b)
      // such a circle goes with the next socket that ends
      world.close(...world.pair(SOCK_STREAM))
    },
    'a connection': () => {
      const server = world.must(sys.socket(init, AF_INET, SOCK_STREAM, 0))
      world.must(sys.bind(init, server, address(4000), 16))
      world.must(sys.listen(init, server, 5))
      const client = world.must(sys.socket(init, AF_INET, SOCK_STREAM, 0))
      world.must(sys.connect(init, client, address(4000), 16))
      const end = world.must(sys.accept(init, server, null, null))
      for (let i = 0; i < 10; i++) world.must(sys.write(init, client, new Uint8Array(1000)))
      world.must(sys.read(init, end, new Uint8Array(3000)))
      world.close(client, end, server)
    },
    'datagrams': () => {
      const fd = world.must(sys.socket(init, AF_INET, SOCK_DGRAM, 0))
      world.must(sys.bind(init, fd, address(4001), 16))
      for (let i = 0; i < 3; i++) world.must(sys.sendto(init, fd, new Uint8Array(100), 100, 0, address(4001), 16))
      world.must(sys.read(init, fd, new Uint8Array(100)))
      world.close(fd)
    },
    'epoll, event and timer descriptors': () => {
      const ep = world.must(sys.epoll_create1(init, 0))
      const fds = [world.must(sys.eventfd2(init, 0, 0)), world.must(sys.timerfd_create(init, 1, 0))]
      for (const fd of fds) world.must(sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, fd, { events: 1, data: fd }))
      world.close(fds[0]!, ep, fds[1]!)
    },
  }
}
