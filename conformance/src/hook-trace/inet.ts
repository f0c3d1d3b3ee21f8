/** Operations of hook-trace.tsv that a macro made once for each internet family: `inet_bind`, `inet6_bind`, … */
import { AF_INET, AF_INET6, SO_REUSEADDR, SO_TYPE, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '@lsmkit/abi'
import { sockaddrIn, sockaddrIn6 } from '@lsmkit/kernel'
import type { Operation, World } from './world.ts'

const PORT = 23456
const LOW_PORT = 81

/** Sockets of one family on the loopback address. */
class Family {
  readonly family: number
  private readonly world: World
  constructor(world: World, family: number) {
    this.world = world
    this.family = family
  }
  addr(port: number): Uint8Array {
    if (this.family === AF_INET) return sockaddrIn('127.0.0.1', port)
    const raw = new Uint8Array(16)
    raw[15] = 1
    return sockaddrIn6(raw, port)
  }
  socket(type: number): number {
    return this.world.must(this.world.sys.socket(this.family, type, 0), 'socket')
  }
  bound(type: number): number {
    const s = this.socket(type)
    this.world.must(this.bind(s, PORT), 'bind')
    return s
  }
  bind(s: number, port: number): number {
    return this.world.sys.bind(s, this.addr(port), this.addr(port).length)
  }
  listener(): number {
    const s = this.bound(SOCK_STREAM)
    this.world.must(this.world.sys.listen(s, 5), 'listen')
    return s
  }
  connect(s: number, port = PORT): number {
    return this.world.sys.connect(s, this.addr(port), this.addr(port).length)
  }
}

type InetOperation = (world: World, family: Family) => () => unknown

const send = ({ sys }: World, s: number, addr: Uint8Array | null) =>
  sys.sendto(s, new TextEncoder().encode('abc'), 3, 0, addr, addr?.length ?? 0)

const inetOperation: Readonly<Record<string, InetOperation>> = {
  bind: (_world, family) => {
    const s = family.socket(SOCK_STREAM)
    return () => family.bind(s, PORT)
  },
  bind_low_user: (world, family) => {
    world.user()
    const s = family.socket(SOCK_STREAM)
    return () => family.bind(s, LOW_PORT)
  },
  bind_low_root: (_world, family) => {
    const s = family.socket(SOCK_STREAM)
    return () => family.bind(s, LOW_PORT)
  },
  listen: ({ sys }, family) => {
    const s = family.bound(SOCK_STREAM)
    return () => sys.listen(s, 5)
  },
  connect: (_world, family) => {
    family.listener()
    const c = family.socket(SOCK_STREAM)
    return () => family.connect(c)
  },
  connect_refused: (_world, family) => {
    const c = family.socket(SOCK_STREAM)
    return () => family.connect(c)
  },
  accept: ({ sys }, family) => {
    const s = family.listener()
    family.connect(family.socket(SOCK_STREAM))
    return () => sys.accept4(s, null, null, 0)
  },
  udp_bind: (_world, family) => {
    const s = family.socket(SOCK_DGRAM)
    return () => family.bind(s, PORT)
  },
  udp_connect: (_world, family) => {
    family.bound(SOCK_DGRAM)
    const s = family.socket(SOCK_DGRAM)
    return () => family.connect(s)
  },
  udp_send: (world, family) => {
    family.bound(SOCK_DGRAM)
    const s = family.socket(SOCK_DGRAM)
    family.connect(s)
    return () => send(world, s, null)
  },
  udp_sendto: (world, family) => {
    family.bound(SOCK_DGRAM)
    const s = family.socket(SOCK_DGRAM)
    return () => send(world, s, family.addr(PORT))
  },
  udp_recv: (world, family) => {
    const s = family.bound(SOCK_DGRAM)
    send(world, family.socket(SOCK_DGRAM), family.addr(PORT))
    return () => world.sys.recvfrom(s, new Uint8Array(10), 10, 0, null, null)
  },
  setsockopt: ({ sys }, family) => {
    const s = family.socket(SOCK_STREAM)
    return () => sys.setsockopt(s, SOL_SOCKET, SO_REUSEADDR, 1, 4)
  },
  getsockopt: ({ sys }, family) => {
    const s = family.socket(SOCK_STREAM)
    return () => sys.getsockopt(s, SOL_SOCKET, SO_TYPE, { value: 0 }, { value: 4 })
  },
  getsockname: ({ sys }, family) => {
    const s = family.bound(SOCK_STREAM)
    return () => sys.getsockname(s, new Uint8Array(128), { value: 128 })
  },
  close: ({ sys }, family) => {
    const s = family.socket(SOCK_STREAM)
    return () => sys.close(s)
  },
  getpeername_notconn: ({ sys }, family) => {
    const s = family.socket(SOCK_STREAM)
    return () => sys.getpeername(s, new Uint8Array(128), { value: 128 })
  },
}

const rows = (prefix: string, family: number): [string, Operation][] =>
  Object.entries(inetOperation).map(([name, operation]) =>
    [`${prefix}_${name}`, (world) => operation(world, new Family(world, family))])

export const inetOperations: Readonly<Record<string, Operation>> =
  Object.fromEntries([...rows('inet', AF_INET), ...rows('inet6', AF_INET6)])
