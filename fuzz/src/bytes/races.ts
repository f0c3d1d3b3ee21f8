/**
 * Calls whose arguments are going to and fro between what is allowed and what is refused: what takes effect is what the
 * hooks have seen, so it is never what they refuse.
 */
import {
  AF_INET, AF_NETLINK, AF_UNIX, AT_FDCWD, CAP_CHOWN, capHas, KEY_SPEC_SESSION_KEYRING, KEYCTL_READ,
  NETLINK_ROUTE, O_RDONLY, O_RDWR, O_WRONLY, packUserCap, capSetOf, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM,
  _LINUX_CAPABILITY_VERSION_3,
} from '@lsmkit/abi'
import { installHostStream, sockaddrIn, sockaddrUn } from '@lsmkit/kernel'
import { ALLOWED_PORT, MARK, REFUSED_CAP, REFUSED_PORT } from './guarded-world.ts'
import type { GuardedWorld } from './guarded-world.ts'

export type Texts = readonly [allowed: Uint8Array, refused: Uint8Array]

export interface Race {
  readonly texts: Texts
  /** Makes the call once with `live`; returns the fault, or null. */
  readonly once: (live: Uint8Array) => string | null
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (of: string): Texts => [encode(`${of}.`), encode(`${of}!`)]
const PORTS: Texts = [sockaddrIn('127.0.0.1', ALLOWED_PORT), sockaddrIn('127.0.0.1', REFUSED_PORT)]
const PATHS: Texts = [sockaddrUn('/tmp/s.'), sockaddrUn('/tmp/s!')]
const DONTWAIT = 0x40
const O_NONBLOCK = 0o4000
const IPC_NOWAIT = 0o4000

const isMarked = (bytes: Uint8Array): boolean => bytes.includes(MARK)
const wrong = (is: boolean, what: string): string | null => (is ? what : null)

/** What the other end has received so far. */
const drain = ({ sys, init }: GuardedWorld, fd: number): Uint8Array => {
  const buffer = new Uint8Array(8192)
  const n = sys.recvfrom(init, fd, buffer, buffer.length, DONTWAIT, null, null)
  return buffer.subarray(0, Math.max(n, 0))
}

const listening = ({ sys, init }: GuardedWorld, family: number, address: Uint8Array): number => {
  const fd = sys.socket(init, family, SOCK_STREAM | O_NONBLOCK, 0)
  sys.bind(init, fd, address, address.length)
  sys.listen(init, fd, 100)
  return fd
}

/** Both ends listen; the module is not asked about that. */
const connects = (family: number, type: number, addresses: Texts) => (world: GuardedWorld): Race => {
  const { sys, init } = world
  const ends = world.unguarded(() => addresses.map((address) => listening(world, family, address)))
  return {
    texts: addresses,
    once(live) {
      const fd = sys.socket(init, family, type | O_NONBLOCK, 0)
      sys.connect(init, fd, live, live.length)
      sys.close(init, fd)
      const reached = sys.accept(init, ends[1]!, null, null)
      sys.close(init, sys.accept(init, ends[0]!, null, null))
      if (reached >= 0) sys.close(init, reached)
      return wrong(reached >= 0, 'connect reached an address that is refused')
    },
  }
}

const binds = (family: number, addresses: Texts) => ({ sys, init }: GuardedWorld): Race => ({
  texts: addresses,
  once(live) {
    const fd = sys.socket(init, family, SOCK_STREAM, 0)
    sys.bind(init, fd, live, live.length)
    const name = new Uint8Array(110)
    const length = { value: name.length }
    sys.getsockname(init, fd, name, length)
    sys.close(init, fd)
    if (family === AF_UNIX) for (const path of ['/tmp/s.', '/tmp/s!']) sys.unlink(init, path)
    const isRefused = family === AF_INET ? (name[2]! << 8 | name[3]!) === REFUSED_PORT : isMarked(name)
    return wrong(isRefused, 'bind took an address that is refused')
  },
})

/** To one of two sockets: by name. */
const namesReceiver = (how: 'sendto' | 'sendmsg' | 'sendmmsg') => (world: GuardedWorld): Race => {
  const { sys, init } = world
  const refused = world.unguarded(() => {
    const fds = PORTS.map((address) => {
      const fd = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
      sys.bind(init, fd, address, address.length)
      return fd
    })
    return fds
  })
  const fd = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
  return {
    texts: PORTS,
    once(live) {
      const msg = { msg_name: live, msg_iov: [encode('data')], msg_control: null, msg_flags: 0 }
      if (how === 'sendto') sys.sendto(init, fd, encode('data'), 4, DONTWAIT, live, live.length)
      else if (how === 'sendmsg') sys.sendmsg(init, fd, msg, DONTWAIT)
      else sys.sendmmsg(init, fd, [{ msg_hdr: msg, msg_len: 0 }, { msg_hdr: msg, msg_len: 0 }], 2, DONTWAIT)
      drain(world, refused[0]!)
      return wrong(drain(world, refused[1]!).length > 0, `${how} reached an address that is refused`)
    },
  }
}

/** Data that a module looks at on their way. */
const sends = (family: number, type: number, how: 'write' | 'writev' | 'sendto' | 'sendmsg') =>
  (world: GuardedWorld): Race => {
    const { sys, init } = world
    const pair: number[] = []
    if (family === AF_UNIX) sys.socketpair(init, AF_UNIX, type, 0, pair)
    else {
      const from = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
      const to = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
      sys.bind(init, to, PORTS[0], PORTS[0].length)
      sys.connect(init, from, PORTS[0], PORTS[0].length)
      pair.push(from, to)
    }
    const [from, to] = pair as [number, number]
    return {
      texts: text('x'.repeat(1200)),
      once(live) {
        if (how === 'write') sys.write(init, from, live)
        else if (how === 'writev') sys.writev(init, from, [live.subarray(0, 9), live.subarray(9)])
        else if (how === 'sendto') sys.sendto(init, from, live, live.length, DONTWAIT, null, 0)
        else {
          const msg_iov = [live.subarray(0, 9), live.subarray(9)]
          sys.sendmsg(init, from, { msg_name: null, msg_iov, msg_control: null, msg_flags: 0 }, DONTWAIT)
        }
        return wrong(isMarked(drain(world, to)), `${how} delivered what is refused`)
      },
    }
  }

const xattrs = (how: 'setxattr' | 'lsetxattr' | 'fsetxattr') => ({ sys, init }: GuardedWorld): Race => {
  const fd = sys.openat(init, AT_FDCWD, '/tmp/file', O_RDWR, 0)
  return {
    texts: text('value'.repeat(20)),
    once(live) {
      if (how === 'fsetxattr') sys.fsetxattr(init, fd, 'user.x', live, 0)
      else sys[how](init, '/tmp/file', 'user.x', live, 0)
      const value = new Uint8Array(512)
      const n = sys.getxattr(init, '/tmp/file', 'user.x', value)
      return wrong(n > 0 && isMarked(value.subarray(0, n)), `${how} stored what is refused`)
    },
  }
}

const addKey = (world: GuardedWorld): Race => ({
  texts: text('key'.repeat(30)),
  once(live) {
    const { sys, init } = world
    const key = sys.add_key(init, 'user', 'k', live, live.length, KEY_SPEC_SESSION_KEYRING)
    const value = new Uint8Array(512)
    const n = sys.keyctl(init, KEYCTL_READ, key, value, value.length, null)
    return wrong(n < 0 || value.subarray(0, n).join() !== world.keys.get(key), 'a key has not what its hook saw')
  },
})

const netlink = ({ sys, init }: GuardedWorld): Race => {
  const fd = sys.socket(init, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
  const request = (mark: number): Uint8Array => {
    const bytes = new Uint8Array(16)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, 16, true)
    // an acknowledgement is asked for, which has the request's head in it
    view.setUint16(4, 16, true)
    view.setUint16(6, 5, true)
    bytes[8] = mark
    return bytes
  }
  return {
    texts: [request(0), request(MARK)],
    once(live) {
      sys.sendto(init, fd, live, live.length, DONTWAIT, null, 0)
      const answer = new Uint8Array(256)
      const n = sys.recvfrom(init, fd, answer, answer.length, DONTWAIT, null, null)
      return wrong(n > 0 && isMarked(answer.subarray(20, n)), 'netlink answered what is refused')
    },
  }
}

const messages = ({ sys, init }: GuardedWorld): Race => {
  const id = sys.msgget(init, 0, 0o1600)
  return {
    texts: text('message'.repeat(10)),
    once(live) {
      sys.msgsnd(init, id, { mtype: 1, mtext: live }, live.length, IPC_NOWAIT)
      const got = { mtype: 0, mtext: new Uint8Array() }
      const n = sys.msgrcv(init, id, got, 512, 0, IPC_NOWAIT)
      return wrong(n > 0 && isMarked(got.mtext), 'msgsnd left what is refused')
    },
  }
}

const capabilities = ({ sys, init, machine }: GuardedWorld): Race => {
  const task = machine.tasks.find(sys.fork(init))!
  const of = (...caps: number[]): Uint8Array => {
    const set = capSetOf(...caps)
    return packUserCap({ effective: set, inheritable: capSetOf(), permitted: capSetOf(CAP_CHOWN, REFUSED_CAP) }, 2)
  }
  sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, of(CAP_CHOWN))
  return {
    texts: [of(CAP_CHOWN), of(CAP_CHOWN, REFUSED_CAP)],
    once(live) {
      sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, live)
      return wrong(capHas(task.cred.cap_effective, REFUSED_CAP), 'capset gave what is refused')
    },
  }
}

/** What a module's file is given stays as it is, whoever is asked meanwhile. */
const pseudoFile = (how: 'write' | 'writev' | 'pwrite64') => (world: GuardedWorld): Race => {
  const { sys, init, written } = world
  const fd = sys.openat(init, AT_FDCWD, '/sys/kernel/security/guard', O_WRONLY, 0)
  return {
    texts: text('rule'.repeat(8)),
    once(live) {
      written.length = 0
      if (how === 'write') sys.write(init, fd, live)
      else if (how === 'writev') sys.writev(init, fd, [live])
      else sys.pwrite64(init, fd, live, 0)
      const [pair] = written
      return wrong(pair === undefined || pair[0] !== pair[1], `${how}: a file was given what changes`)
    },
  }
}

/** What the host is given is its own. */
const hostStream = ({ sys, init, machine }: GuardedWorld): Race => {
  let kept: Uint8Array = new Uint8Array()
  installHostStream(machine, init, 9, { write: (bytes) => (kept = bytes).length })
  return {
    texts: text('line'.repeat(8)),
    once(live) {
      sys.write(init, 9, live)
      const before = kept.join()
      for (let i = 0; i < 3; i++) sys.close(init, sys.openat(init, AT_FDCWD, '/tmp', O_RDONLY, 0))
      return wrong(kept.join() !== before, 'the host was given what changes')
    },
  }
}

/** A directory is listed into memory that changes: it ends, and lists what is there. */
const listing = (how: 'getdents' | 'getdents64') => ({ sys, init }: GuardedWorld): Race => {
  const fd = sys.openat(init, AT_FDCWD, '/', O_RDONLY, 0)
  return {
    texts: [new Uint8Array(600), new Uint8Array(600).fill(0xff)],
    once(live) {
      sys.lseek(init, fd, 0, 0)
      return wrong(sys[how](init, fd, live) <= 0, `${how} listed nothing`)
    },
  }
}

export const races: Readonly<Record<string, (world: GuardedWorld) => Race>> = {
  'connect tcp': connects(AF_INET, SOCK_STREAM, PORTS),
  'connect unix': connects(AF_UNIX, SOCK_STREAM, PATHS),
  'bind tcp': binds(AF_INET, PORTS),
  'bind unix': binds(AF_UNIX, PATHS),
  'sendto name': namesReceiver('sendto'),
  'sendmsg name': namesReceiver('sendmsg'),
  'sendmmsg name': namesReceiver('sendmmsg'),
  'unix write': sends(AF_UNIX, SOCK_DGRAM, 'write'),
  'unix writev': sends(AF_UNIX, SOCK_DGRAM, 'writev'),
  'unix sendto': sends(AF_UNIX, SOCK_DGRAM, 'sendto'),
  'unix sendmsg': sends(AF_UNIX, SOCK_DGRAM, 'sendmsg'),
  'udp sendto': sends(AF_INET, SOCK_DGRAM, 'sendto'),
  'udp sendmsg': sends(AF_INET, SOCK_DGRAM, 'sendmsg'),
  setxattr: xattrs('setxattr'),
  lsetxattr: xattrs('lsetxattr'),
  fsetxattr: xattrs('fsetxattr'),
  add_key: addKey,
  netlink,
  msgsnd: messages,
  capset: capabilities,
  'file write': pseudoFile('write'),
  'file writev': pseudoFile('writev'),
  'file pwrite64': pseudoFile('pwrite64'),
  'host stream': hostStream,
  getdents: listing('getdents'),
  getdents64: listing('getdents64'),
}
