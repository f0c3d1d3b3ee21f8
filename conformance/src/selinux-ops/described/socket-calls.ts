/** Calls on sockets, as descriptions name them; the other process has servers on port 5555 and on `sock`. */
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, IPPROTO_ICMP, O_RDONLY, SHUT_RDWR, SO_BINDTODEVICE, SO_PEERCRED,
  SO_PEERSEC, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { sockaddrIn, sockaddrIn6, sockaddrUn } from '@lsmkit/kernel'
import { labelled } from '../directories.ts'
import { KOBJECT_ADDRESS, LOOPBACK_6, PACKET_ADDRESS, passing, receive, sendNetlink } from '../sockets.ts'
import { encode } from '../world.ts'
import type { Calls } from '../world.ts'
import type { Reader } from './file-calls.ts'
import type { Scene, Step } from './scene.ts'
import { flagsIn, numberOf } from './words.ts'

const PORT = 5555
const done = (rc: number): number => Math.min(rc, 0)

type Kind = readonly [family: number, type: number, protocol: number]
const KINDS: Readonly<Record<string, Kind>> = {
  tcp: [AF_INET, SOCK_STREAM, 0], tcp4: [AF_INET, SOCK_STREAM, 0], tcp6: [AF_INET6, SOCK_STREAM, 0],
  udp: [AF_INET, SOCK_DGRAM, 0], udp4: [AF_INET, SOCK_DGRAM, 0], udp6: [AF_INET6, SOCK_DGRAM, 0],
  unix: [AF_UNIX, SOCK_STREAM, 0], raw: [AF_INET, SOCK_RAW, IPPROTO_ICMP], packet: [AF_PACKET, SOCK_RAW, 0],
}

/** `tcp`, `AF_UNIX, SOCK_DGRAM`, `NETLINK_XFRM`; of a clause without any, what the whole description speaks of. */
const kindOf = (args: readonly string[], text: string): Kind => {
  const [first = ''] = args
  if (Object.hasOwn(KINDS, first)) return KINDS[first]!
  const names = args.join(' ')
  const netlink = flagsIn(names, 'NETLINK_')
  if (/NETLINK_/.test(names) && !/AF_/.test(names)) return [AF_NETLINK, SOCK_RAW, netlink]
  const family = flagsIn(names, 'AF_')
  if (family !== 0) return [family, flagsIn(names, 'SOCK_') || SOCK_STREAM, flagsIn(names, 'IPPROTO_') || netlink]
  const isByPath = /\b(?:bind|connect|sendto)\("/.test(text)
  if (isByPath || /abstract|unix/.test(text)) return [AF_UNIX, /dgram|send\b|sendto/.test(text) ? SOCK_DGRAM : SOCK_STREAM, 0]
  return [AF_INET, SOCK_STREAM, 0]
}

/** What a socket of this description is. */
const kindOfScene = ({ text, all }: Scene): Kind => {
  const inner = /socket(?:pair)?\(([^)]*)\)/.exec(text)?.[1]
  if (inner !== undefined) return kindOf(inner.split(', '), all)
  const word = /\b((?:tcp|udp)[46]?)\b/.exec(all)?.[1]
  return word === undefined ? kindOf([], all) : KINDS[word]!
}

const addressOf = (arg: string, [family]: Kind): Uint8Array => {
  if (family === AF_PACKET) return PACKET_ADDRESS
  if (family === AF_NETLINK) return KOBJECT_ADDRESS
  if (family === AF_UNIX) return sockaddrUn(/abstract/.test(arg) ? '\0selinux-ops' : (/"(.*?)"/.exec(arg)?.[1] ?? 'sock'))
  const port = Number(/:(\d+)$/.exec(arg)?.[1] ?? PORT)
  return family === AF_INET6 ? sockaddrIn6(LOOPBACK_6, port) : sockaddrIn(/^[\d.]+/.exec(arg)?.[0] ?? '127.0.0.1', port)
}

/** A server of the other process where the description has one. */
const serve = (scene: Scene, kind: Kind, arg: string): Uint8Array => {
  const [family, type, protocol] = kind
  const address = addressOf(arg, kind)
  if (!/\bp\b/.test(arg)) return address
  const own = family === AF_UNIX && type === SOCK_DGRAM && !/"sock"/.test(arg) ? sockaddrUn('\0other') : address
  const other = scene.world.calls(scene.world.taskOf(scene.other))
  const fd = scene.world.must(other.socket(family, type, protocol), 'socket')
  scene.world.must(other.bind(fd, own, own.length), 'bind')
  if (type !== SOCK_DGRAM) scene.world.must(other.listen(fd, 5), 'listen')
  if (/"sock"/.test(arg)) scene.world.label('sock', 'd_t')
  return own
}

const open = (scene: Scene, [family, type, protocol]: Kind): Step => (sys) =>
  done(scene.fd = sys.socket(family, type, protocol))

const connecting = (scene: Scene, arg: string): Step => {
  const address = serve(scene, kindOfScene(scene), arg)
  return (sys) => {
    // its own listener: another socket connects, and the first one accepts
    const fd = /\bown connect\b/.test(scene.text) ? sys.socket(...kindOfScene(scene)) : scene.fd
    return fd < 0 ? fd : sys.connect(fd, address, address.length)
  }
}

const option = (args: readonly string[]): number => flagsIn(args.join(' '), 'SO_')

const sendTo = (scene: Scene, arg: string): Step => {
  const address = serve(scene, kindOfScene(scene), arg)
  return (sys) => done(sys.sendto(scene.fd, encode('x'), 1, 0, address, address.length))
}
const plainSend = (scene: Scene): Step => (sys) => done(sys.sendto(scene.fd, encode('x'), 1, 0, null, 0))

export const socketCalls: Readonly<Record<string, Reader>> = {
  socket: (scene, args) => open(scene, args.length === 0 ? kindOfScene(scene) : kindOf(args, scene.all)),
  socketpair: (scene, args) => {
    const [family, type] = args.length === 0
      ? [AF_UNIX, /SCM_RIGHTS/.test(scene.text) ? SOCK_DGRAM : SOCK_STREAM] : kindOf(args, scene.text)
    return (sys) => {
      const fds: number[] = []
      const rc = sys.socketpair(family, type, 0, fds)
      scene.fd = fds[0] ?? -1
      scene.second = fds[1] ?? -1
      return rc
    }
  },
  bind: (scene, [arg = '127.0.0.1:5558']) => {
    const address = addressOf(arg, kindOfScene(scene))
    const path = /^"(.*)"$/.exec(arg)?.[1]
    return (sys) => {
      const rc = sys.bind(scene.fd, address, address.length)
      return path === undefined ? rc : labelled(scene.world, path, rc)
    }
  },
  listen: (scene) => (sys) => sys.listen(scene.fd, 1),
  connect: (scene, args) => connecting(scene, args[0] ?? (/abstract/.test(scene.text) ? 'abstract' : 'p')),
  accept4: (scene, args) => (sys) => done(sys.accept4(scene.fd, null, null, flagsIn(args.join(' '), 'SOCK_'))),
  accept: (scene) => (sys) => done(sys.accept(scene.fd, null, null)),
  send: plainSend,
  sendto: (scene, [arg = 'p']) => sendTo(scene, arg),
  recv: (scene) => (sys) => done(sys.recvfrom(scene.fd, new Uint8Array(8), 8, 0x40, null, null)),
  getsockname: (scene) => (sys) => sys.getsockname(scene.fd, new Uint8Array(28), { value: 28 }),
  getpeername: (scene) => (sys) => sys.getpeername(scene.fd, new Uint8Array(28), { value: 28 }),
  shutdown: (scene, args) => (sys) => sys.shutdown(scene.fd, numberOf(args[0] ?? '') ?? SHUT_RDWR),
  getsockopt: (scene, args) => (sys) => {
    const name = option(args)
    const size = name === SO_PEERCRED ? 12 : name === SO_PEERSEC ? 256 : 4
    const value = name === SO_PEERSEC ? new Uint8Array(size) : { value: 0 }
    return sys.getsockopt(scene.fd, SOL_SOCKET, name, value as never, { value: size })
  },
  setsockopt: (scene, args) => (sys) => option(args) === SO_BINDTODEVICE
    ? sys.setsockopt(scene.fd, SOL_SOCKET, SO_BINDTODEVICE, encode('lo\0'), 3)
    : sys.setsockopt(scene.fd, SOL_SOCKET, option(args), 1, 4),
  sendmsg: (scene) => (sys) => {
    const fd = sys.open('f', O_RDONLY, 0)
    return fd < 0 ? fd : done(sys.sendmsg(scene.fd, passing(fd), 0))
  },
  recvmsg: (scene, _args, note) => {
    const inherited = /O_(?:RDONLY|WRONLY|RDWR)/.exec(note)?.[0]
    if (inherited === undefined) return (sys) => receive(sys, scene.second)
    const { root } = scene.world
    const fds: number[] = []
    root.socketpair(AF_UNIX, SOCK_DGRAM, 0, fds)
    const fd = scene.world.fd('f', numberOf(inherited)!)
    scene.world.must(root.sendmsg(fds[0]!, passing(fd), 0), 'sendmsg')
    root.close(fd)
    return (sys) => receive(sys, fds[1]!)
  },
  sock_ioctl: (scene, args) => (sys) =>
    done(sys.ioctl(scene.fd, numberOf(/SIOC\w+/.exec(args.join(' '))![0])!, { ifr_name: 'lo', ifr_flags: 1 })),
}

/** `tcp connect(p)`: the socket too. */
export const connectStep: Reader = (scene, [kind = 'tcp', arg = 'p']) => {
  const opened = open(scene, KINDS[kind] ?? KINDS.tcp!)
  const connected = connecting(scene, arg)
  return (sys) => {
    const rc = opened(sys) as number
    return rc < 0 ? rc : connected(sys)
  }
}

/** Link, address, route and so on, in fours of new, del, get and set. */
const ROUTE_OBJECTS = [
  'LINK', 'ADDR', 'ROUTE', 'NEIGH', 'RULE', 'QDISC', 'TCLASS', 'TFILTER', 'ACTION', 'PREFIX', 'MULTICAST', 'ANYCAST',
  'NEIGHTBL', 'NDUSEROPT', 'ADDRLABEL', 'DCB', 'NETCONF', 'MDB', 'NSID', 'STATS', 'CACHEREPORT', 'CHAIN', 'NEXTHOP',
  'LINKPROP', 'VLAN', 'NEXTHOPBUCKET', 'TUNNEL',
]
const VERBS = ['NEW', 'DEL', 'GET', 'SET']

const messageType = (words: string): number => {
  const [, verb, thing] = /RTM_(NEW|DEL|GET|SET)(\w+)/.exec(words) ?? []
  if (verb !== undefined) return 16 + ROUTE_OBJECTS.indexOf(thing!) * 4 + VERBS.indexOf(verb)
  const digits = /\((\d+)\)|type (\d+)/.exec(words)
  if (digits !== null) return Number(digits[1] ?? digits[2])
  return numberOf(/\b[A-Z]\w+_\w+/.exec(words)?.[0] ?? '') ?? 250
}

/** `NETLINK_ROUTE sendto RTM_GETLINK dump`. */
export const netlinkStep: Reader = (_scene, [protocol = '', words = '']) => {
  const type = messageType(words)
  return (sys: Calls) => sendNetlink(sys, numberOf(protocol)!, type, /dump/.test(words))
}
