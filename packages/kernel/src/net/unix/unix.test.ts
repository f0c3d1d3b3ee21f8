/** AF_UNIX: names, connections, messages, and what is passed with them. */
import {
  AF_INET, AF_NETLINK, AF_UNIX, AT_FDCWD, EACCES, EADDRINUSE, EAFNOSUPPORT, EAGAIN, ECONNREFUSED, ECONNRESET, EINVAL,
  EMFILE, ENOTCONN, ENOTSOCK, ENXIO, EOPNOTSUPP, EPIPE, EPOLLHUP, EPOLLOUT, EPERM, EPROTOTYPE, ERESTARTSYS, FIONREAD,
  ETOOMANYREFS, MSG_CTRUNC, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_TRUNC, NETLINK_ROUTE, O_CREAT, O_RDWR,
  RLIMIT_NOFILE, SCM_CREDENTIALS, SCM_RIGHTS, SHUT_RD, SHUT_WR, SIG_BLOCK, SIGPIPE, SIOCOUTQ, SO_PASSCRED, SO_PASSSEC,
  SO_PEERCRED, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import type { TestKernel } from '../../testing/boot.ts'
import type { UserMsghdr } from '../../state/net/proto.ts'
import { sockaddrUn } from '../../state/net/sockaddr.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A task's sockets with addresses as names. */
const socketsOf = ({ sys }: TestKernel, task: Task) => ({
  bind: (fd: number, name: string) => sys.bind(task, fd, sockaddrUn(name), sockaddrUn(name).length),
  connect: (fd: number, name: string) => sys.connect(task, fd, sockaddrUn(name), sockaddrUn(name).length),
  send: (fd: number, text: string, flags = 0) => sys.sendto(task, fd, bytes(text), text.length, flags, null, 0),
  sendto: (fd: number, text: string, name: string) =>
    sys.sendto(task, fd, bytes(text), text.length, MSG_DONTWAIT, sockaddrUn(name), sockaddrUn(name).length),
  recv: (fd: number, flags = 0, size = 64) => {
    const buf = new Uint8Array(size)
    const n = sys.recvfrom(task, fd, buf, size, flags, null, null)
    return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n))
  },
  socket: (type: number) => sys.socket(task, AF_UNIX, type, 0),
  pair: (type: number) => {
    const fds = [-1, -1]
    sys.socketpair(task, AF_UNIX, type, 0, fds)
    return fds as [number, number]
  },
})

const message = (text: string): UserMsghdr =>
  ({ msg_name: null, msg_iov: [bytes(text)], msg_control: [], msg_flags: 0 })
const room = (): UserMsghdr => ({ msg_name: null, msg_iov: [new Uint8Array(64)], msg_control: [], msg_flags: 0 })

describe('names', () => {
  test.each(['/tmp/s', '\0abstract'])('a server at %j is found, and the name is taken', (name) => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { bind, connect, socket } = socketsOf(kernel, init)
    const s = socket(SOCK_STREAM)
    expect(bind(s, name)).toBe(0)
    expect(bind(socket(SOCK_STREAM), name)).toBe(-EADDRINUSE)
    expect(connect(socket(SOCK_STREAM), name)).toBe(-ECONNREFUSED)
    sys.listen(init, s, 1)
    // abstract names are of one type of socket
    expect(connect(socket(SOCK_DGRAM), name)).toBe(name.startsWith('/') ? -EPROTOTYPE : -ECONNREFUSED)
    expect(bind(socket(SOCK_DGRAM), name)).toBe(name.startsWith('/') ? -EADDRINUSE : 0)
    expect(connect(socket(SOCK_STREAM), name)).toBe(0)
    const len = { value: 110 }
    const addr = new Uint8Array(110)
    sys.getsockname(init, s, addr, len)
    expect([...addr.subarray(0, len.value)]).toEqual([...sockaddrUn(name)])
  })

  test.each([SOCK_STREAM, SOCK_SEQPACKET])('a connection that ends leaves the listener its name (type %i)', (type) => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { bind, connect, socket } = socketsOf(kernel, init)
    const [s, c] = [socket(type), socket(type)]
    bind(s, '\0s')
    sys.listen(init, s, 4)
    connect(c, '\0s')
    for (const fd of [sys.accept4(init, s, null, null, 0), c]) sys.close(init, fd)
    expect([bind(socket(type), '\0s'), connect(socket(type), '\0s')]).toEqual([-EADDRINUSE, 0])
  })

  test('nobody opens a socket by the name its descriptor has', () => {
    const kernel = bootForTest()
    const fd = socketsOf(kernel, kernel.init).socket(SOCK_STREAM)
    expect(kernel.sys.openat(kernel.init, AT_FDCWD, `/proc/self/fd/${fd}`, O_RDWR, 0)).toBe(-ENXIO)
  })

  test('connecting takes write permission on the file', () => {
    const kernel = bootForTest()
    const { sys, init, fork } = kernel
    const { bind, socket } = socketsOf(kernel, init)
    const s = socket(SOCK_STREAM)
    bind(s, '/tmp/s')
    sys.listen(init, s, 1)
    const user = socketsOf(kernel, fork(init, 1000))
    expect(user.connect(user.socket(SOCK_STREAM), '/tmp/s')).toBe(-EACCES)
  })
})

describe('streams', () => {
  test('connect, accept, both ways, end', () => {
    const kernel = bootForTest()
    const { sys, init, machine } = kernel
    const { bind, connect, send, recv, socket } = socketsOf(kernel, init)
    const s = socket(SOCK_STREAM)
    bind(s, '\0s')
    sys.listen(init, s, 4)
    expect(sys.accept4(init, s, null, null, 0)).toBe(-ERESTARTSYS)
    const c = socket(SOCK_STREAM)
    connect(c, '\0s')
    const d = sys.accept4(init, s, null, null, 0)
    expect([send(c, 'hello'), send(c, 'world'), recv(d, 0, 7), recv(d)]).toEqual([5, 5, 'hellowo', 'rld'])
    expect([send(d, 'back'), recv(c, MSG_PEEK), recv(c)]).toEqual([4, 'back', 'back'])
    sys.shutdown(init, c, SHUT_WR)
    expect(recv(d)).toBe('')
    sys.close(init, d)
    machine.runRcu()
    sys.rt_sigaction(init, SIGPIPE, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
    expect(send(c, 'x')).toBe(-EPIPE)
  })

  test('the LSMs are asked about no more connections than there may be', () => {
    const asked: number[] = []
    const counts = defineLsm({
      name: 'counts', abi: '1.0', hooks: { socket_listen: (_sock, most) => asked.push(most) && 0 },
    })
    const kernel = bootForTest({ lsms: [counts] })
    const { bind, socket } = socketsOf(kernel, kernel.init)
    const s = socket(SOCK_STREAM)
    bind(s, '\0name')
    for (const backlog of [5, -1, 5000]) kernel.sys.listen(kernel.init, s, backlog)
    expect(asked).toEqual([5, 4096, 4096])
  })

  test('a listener that ends resets who was not accepted; shut down, it has nobody to wait for', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { bind, connect, recv, socket } = socketsOf(kernel, init)
    const [s, c] = [socket(SOCK_STREAM), socket(SOCK_STREAM)]
    bind(s, '\0s')
    sys.listen(init, s, 4)
    connect(c, '\0s')
    sys.close(init, s)
    expect([recv(c), recv(c)]).toEqual([-ECONNRESET, ''])
    const t = socket(SOCK_STREAM)
    bind(t, '\0t')
    sys.listen(init, t, 4)
    expect(sys.accept4(init, t, null, null, 0)).toBe(-ERESTARTSYS)
    sys.shutdown(init, t, SHUT_RD)
    expect(sys.accept4(init, t, null, null, 0)).toBe(-EINVAL)
  })

  test('one that is not connected is hung up', () => {
    const kernel = bootForTest()
    const { pair, socket } = socketsOf(kernel, kernel.init)
    const poll = (fd: number): number => {
      const pollfd = { fd, events: 0, revents: 0 }
      kernel.sys.poll(kernel.init, [pollfd], 1, 0)
      return pollfd.revents
    }
    expect([SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM].map((type) => poll(socket(type)))).toEqual([EPOLLHUP, EPOLLHUP, 0])
    expect(poll(pair(SOCK_STREAM)[0])).toBe(0)
  })

  test('nothing is sent of nothing, with descriptors or without', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { pair, recv } = socketsOf(kernel, init)
    const [a, b] = pair(SOCK_STREAM)
    const rights = { cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [a] }
    expect(sys.sendmsg(init, a, { ...message(''), msg_control: [rights] }, 0)).toBe(0)
    expect(recv(b, MSG_DONTWAIT)).toBe(-EAGAIN)
    sys.shutdown(init, a, SHUT_WR)
    expect(sys.write(init, a, new Uint8Array())).toBe(-EPIPE)
  })

  test('small messages fill a socket as well', () => {
    const kernel = bootForTest()
    const { pair, send } = socketsOf(kernel, kernel.init)
    for (const [type, text] of [[SOCK_STREAM, 'x'], [SOCK_DGRAM, '']] as const) {
      const [a] = pair(type)
      for (let sent = 0; sent < 278; sent++) expect(send(a, text)).toBe(text.length)
      expect(send(a, text, MSG_DONTWAIT)).toBe(-EAGAIN)
    }
  })

  test('a full socket sleeps, or says so', () => {
    const kernel = bootForTest()
    const { pair, send } = socketsOf(kernel, kernel.init)
    const [a] = pair(SOCK_STREAM | SOCK_NONBLOCK)
    // in pieces of 36544 bytes, each of which needs any room at all
    expect(send(a, 'x'.repeat(300000))).toBe(6 * 36544)
    expect(send(a, 'x')).toBe(-EAGAIN)
  })

  test('what was sent takes room in pages, and a socket is writable with three quarters of it free', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { pair, send, recv } = socketsOf(kernel, init)
    const taken = (fd: number): number => {
      const queued = { value: -1 }
      expect(sys.ioctl(init, fd, SIOCOUTQ, queued)).toBe(0)
      return queued.value
    }
    const sizes = [1, 193, 3776, 3777, 7900, 20000, 36545, 106000]
    const takenBy = (type: number) => sizes.map((size) => {
      const [a] = pair(type)
      expect(send(a, 'x'.repeat(size))).toBe(size)
      return taken(a)
    })
    // Debian's 6.12.118
    expect(takenBy(SOCK_STREAM)).toEqual([768, 1280, 4352, 4864, 8960, 20736, 37888, 107776])
    expect(takenBy(SOCK_DGRAM)).toEqual([768, 1280, 4352, 8448, 16640, 20736, 41216, 135424])
    const [a, b] = pair(SOCK_SEQPACKET)
    const isWritable = (): boolean => {
      const poll = [{ fd: a, events: EPOLLOUT, revents: 0 }]
      return sys.poll(init, poll, 1, 0) === 1
    }
    for (let sent = 0; sent < 70; sent++) send(a, 'x')
    expect([taken(a), isWritable()]).toEqual([53760, false])
    const waiting = { value: 0 }
    sys.ioctl(init, b, FIONREAD, waiting)
    expect(waiting.value).toBe(70)
    recv(b)
    expect([taken(a), isWritable()]).toEqual([52992, true])
  })

  test('nothing is read of nothing, but only where there is something', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { pair, send, recv } = socketsOf(kernel, init)
    const [a, b] = pair(SOCK_STREAM | SOCK_NONBLOCK)
    expect(recv(b, 0, 0)).toBe(-EAGAIN)
    send(a, 'x')
    expect([recv(b, 0, 0), recv(b)]).toEqual(['', 'x'])
    sys.close(init, a)
    expect(recv(b, 0, 0)).toBe('')
  })
})

describe('datagrams', () => {
  test('keep their bounds, and are cut to the room there is', () => {
    const kernel = bootForTest()
    const { bind, sendto, recv, socket } = socketsOf(kernel, kernel.init)
    const [s, c] = [socket(SOCK_DGRAM), socket(SOCK_DGRAM)]
    bind(s, '\0s')
    const sent = [sendto(c, 'one', '\0s'), sendto(c, 'second', '\0s'), sendto(c, 'x', '\0nobody')]
    expect(sent).toEqual([3, 6, -ECONNREFUSED])
    expect([recv(s), recv(s, 0, 3), recv(s, MSG_DONTWAIT)]).toEqual(['one', 'sec', -EAGAIN])
    sendto(c, 'again', '\0s')
    expect(kernel.sys.recvfrom(kernel.init, s, new Uint8Array(2), 2, MSG_TRUNC, null, null)).toBe(5)
  })

  test('packets need a connection', () => {
    const kernel = bootForTest()
    const { pair, send, recv, socket } = socketsOf(kernel, kernel.init)
    expect(send(socket(SOCK_SEQPACKET), 'x')).toBe(-ENOTCONN)
    const [a, b] = pair(SOCK_SEQPACKET)
    expect([send(a, 'ab'), send(a, 'cd'), recv(b), recv(b)]).toEqual([2, 2, 'ab', 'cd'])
  })

  test('a receiver that was shut down has an end, unless it asks without waiting', () => {
    const kernel = bootForTest()
    const { pair, recv } = socketsOf(kernel, kernel.init)
    const [a] = pair(SOCK_DGRAM)
    kernel.sys.shutdown(kernel.init, a, SHUT_RD)
    expect([recv(a), recv(a, MSG_DONTWAIT)]).toEqual(['', -EAGAIN])
  })

  test('who finds another peer loses what the last one sent, which that one hears of', () => {
    const kernel = bootForTest()
    const { connect, bind, pair, send, socket, recv } = socketsOf(kernel, kernel.init)
    const [a, b] = pair(SOCK_DGRAM | SOCK_NONBLOCK)
    bind(socket(SOCK_DGRAM), '\0other')
    send(a, 'lost')
    expect(connect(b, '\0other')).toBe(0)
    expect([recv(b), send(a, 'x'), send(a, 'x')]).toEqual([-EAGAIN, -ECONNRESET, -EPERM])
  })

  test('a broken pipe of datagrams is told without a signal', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const [a, b] = socketsOf(kernel, init).pair(SOCK_DGRAM)
    sys.rt_sigprocmask(init, SIG_BLOCK, 1n << BigInt(SIGPIPE - 1), null, 8)
    sys.shutdown(init, b, SHUT_RD)
    expect(sys.write(init, a, bytes('x'))).toBe(-EPIPE)
    const pending = { value: -1n }
    sys.rt_sigpending(init, pending, 8)
    expect(pending.value).toBe(0n)
  })

  test('a peer that ends with packets unread tells it before all else', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { pair, send, recv } = socketsOf(kernel, init)
    const [a, b] = pair(SOCK_SEQPACKET)
    send(a, 'to b')
    send(b, 'to a')
    sys.close(init, b)
    expect([recv(a), recv(a), recv(a)]).toEqual([-ECONNRESET, 'to a', ''])
  })

  test('a connected receiver takes from its peer alone', () => {
    const kernel = bootForTest()
    const { bind, connect, sendto, socket } = socketsOf(kernel, kernel.init)
    const [a, b, c] = [socket(SOCK_DGRAM), socket(SOCK_DGRAM), socket(SOCK_DGRAM)]
    bind(a, '\0a')
    bind(b, '\0b')
    connect(a, '\0b')
    expect([sendto(b, 'x', '\0a'), sendto(c, 'x', '\0a')]).toEqual([1, -EPERM])
  })
})

describe('what goes with a message', () => {
  test('descriptors: the LSMs are asked about each, and a refused one is not there', () => {
    const refuse = defineLsm({
      name: 'keeper',
      abi: '1.0',
      hooks: { file_receive: (file) => (file.f_path.dentry.d_name.name === 'secret' ? -EACCES : 0) },
    })
    const kernel = bootForTest({ lsms: [refuse] })
    const { sys, init, fork, file } = kernel
    file('/tmp/plain', 'plain')
    file('/tmp/secret', 'secret')
    const { pair } = socketsOf(kernel, init)
    const [a, b] = pair(SOCK_STREAM)
    const child = fork()
    const open = (name: string) => sys.openat(init, AT_FDCWD, name, O_RDWR | O_CREAT, 0)
    const data = [open('/tmp/plain'), open('/tmp/secret')]
    const rights = { cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data }
    expect(sys.sendmsg(init, a, { ...message('x'), msg_control: [rights] }, 0)).toBe(1)
    const got = room()
    expect(sys.recvmsg(child, b, got, 0)).toBe(1)
    const fds = got.msg_control![0]!.data as number[]
    expect(fds).toHaveLength(1)
    const buf = new Uint8Array(8)
    expect(new TextDecoder().decode(buf.subarray(0, sys.read(child, fds[0]!, buf)))).toBe('plain')
  })

  test('a message names so many descriptors in all, and only to programs', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const [a] = socketsOf(kernel, init).pair(SOCK_STREAM)
    const rights = (n: number) => ({ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: Array<number>(n).fill(a) })
    const send = (fd: number, ...data: readonly number[]): number =>
      sys.sendmsg(init, fd, { ...message('x'), msg_control: data.map(rights) }, 0)
    expect([send(a, 200, 53), send(a, 200, 54)]).toEqual([1, -EINVAL])
    expect(send(sys.socket(init, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), 1)).toBe(-EINVAL)
  })

  test('nobody pretends to be no user', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const [a] = socketsOf(kernel, init).pair(SOCK_STREAM)
    const ids = { cmsg_level: SOL_SOCKET, cmsg_type: SCM_CREDENTIALS, data: { pid: 1, uid: 2 ** 32 - 1, gid: 0 } }
    expect(sys.sendmsg(init, a, { ...message('x'), msg_control: [ids] }, 0)).toBe(-EINVAL)
  })

  test('credentials are the sender\'s own, unless it may pretend', () => {
    const kernel = bootForTest()
    const { sys, init, fork } = kernel
    const { pair } = socketsOf(kernel, init)
    const [a, b] = pair(SOCK_DGRAM)
    sys.setsockopt(init, b, SOL_SOCKET, SO_PASSCRED, 1, 4)
    const user = fork(init, 1000)
    const pretend = (data: { pid: number; uid: number; gid: number }, task: Task) => {
      const msg_control = [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_CREDENTIALS, data }]
      return sys.sendmsg(task, a, { ...message('x'), msg_control }, 0)
    }
    expect(pretend({ pid: 1, uid: 0, gid: 0 }, user)).toBe(-EPERM)
    expect(pretend({ pid: 1, uid: 7, gid: 8 }, init)).toBe(1)
    const got = room()
    sys.recvmsg(init, b, got, 0)
    expect(got.msg_control![0]!.data).toEqual({ pid: 1, uid: 7, gid: 8 })
    const out = { value: 0 as unknown }
    sys.getsockopt(init, a, SOL_SOCKET, SO_PEERCRED, out as never, { value: 12 })
    expect(out.value).toEqual({ pid: 1, uid: 0, gid: 0 })
  })

  test('who sent it is told when either side has asked by then', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { bind, connect, pair, send, socket } = socketsOf(kernel, init)
    const asks = (fd: number) => sys.setsockopt(init, fd, SOL_SOCKET, SO_PASSCRED, 1, 4)
    const credsAt = (fd: number) => {
      const got = room()
      sys.recvmsg(init, fd, got, MSG_DONTWAIT)
      return got.msg_control!.map(({ data }) => data)
    }
    const [a, b] = pair(SOCK_STREAM)
    send(a, 'before')
    asks(b)
    send(a, 'after')
    const nobody = { pid: 0, uid: 65534, gid: 65534 }
    const me = { pid: 1, uid: 0, gid: 0 }
    // pieces of different writers are not read at once
    expect([credsAt(b), credsAt(b)]).toEqual([[nobody], [me]])
    sys.close(init, a)
    expect(credsAt(b)).toEqual([{ pid: 0, uid: 0, gid: 0 }])
    const listener = socket(SOCK_STREAM)
    bind(listener, '\0asks')
    asks(listener)
    sys.listen(init, listener, 1)
    const client = socket(SOCK_STREAM)
    connect(client, '\0asks')
    const end = sys.accept(init, listener, null, null)
    send(client, 'x')
    expect(credsAt(end)).toEqual([me])
  })

  test('a read takes a piece with descriptors along, and ends there', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { bind, pair, send } = socketsOf(kernel, init)
    const [a, b] = pair(SOCK_STREAM)
    const rights = { cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [a] }
    send(a, 'one')
    sys.sendmsg(init, a, { ...message('two'), msg_control: [rights] }, 0)
    send(a, 'three')
    // the name is the sender's when it is read
    bind(a, '\0late')
    const got = { ...room(), msg_name: new Uint8Array() }
    expect(sys.recvmsg(init, b, got, 0)).toBe(6)
    expect(got.msg_control).toHaveLength(1)
    expect([...got.msg_name]).toEqual([...sockaddrUn('\0late')])
  })

  test('whose label it would be counts for room as well', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { pair, send } = socketsOf(kernel, init)
    const [a, b] = pair(SOCK_DGRAM)
    sys.setsockopt(init, b, SOL_SOCKET, SO_PASSSEC, 1, 4)
    send(a, 'x')
    const got = { ...room(), msg_control: null }
    sys.recvmsg(init, b, got, 0)
    expect(got.msg_flags).toBe(MSG_CTRUNC)
  })

  test('sockets that only one another\'s messages keep end with any other socket', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { pair, recv, send, socket } = socketsOf(kernel, init)
    const pass = (over: number, ...data: readonly number[]): number =>
      sys.sendmsg(init, over, {
        ...message('x'), msg_control: [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data }],
      }, 0)
    // one that waits for itself, and a circle of two; a third that somebody can still read
    const [a, b] = pair(SOCK_STREAM | SOCK_NONBLOCK)
    const [c, d] = pair(SOCK_STREAM | SOCK_NONBLOCK)
    const [e, f] = pair(SOCK_STREAM | SOCK_NONBLOCK)
    expect([pass(a, b), pass(c, f), pass(e, d), pass(a, a)]).toEqual([1, 1, 1, 1])
    for (const fd of [b, d, f]) sys.close(init, fd)
    expect([a, c, e].map((fd) => send(fd, 'y'))).toEqual([1, 1, 1])
    sys.close(init, socket(SOCK_DGRAM))
    expect([a, c, e].map((fd) => send(fd, 'y', MSG_NOSIGNAL))).toEqual([-EPIPE, -EPIPE, -EPIPE])
    const [g, h] = pair(SOCK_STREAM | SOCK_NONBLOCK)
    const [i, j] = pair(SOCK_STREAM | SOCK_NONBLOCK)
    pass(g, j)
    sys.close(init, j)
    sys.close(init, socket(SOCK_DGRAM))
    expect([send(i, 'kept'), recv(h)]).toEqual([4, 'x'])
  })

  test('a user has no more descriptors in flight than a process may have files', () => {
    const kernel = bootForTest()
    const { sys, init, fork } = kernel
    const [a, b] = socketsOf(kernel, init).pair(SOCK_STREAM)
    const user = fork(init, 1000)
    sys.prlimit64(user, 0, RLIMIT_NOFILE, { rlim_cur: 10, rlim_max: 10 }, null)
    const rights = { cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: Array<number>(11).fill(a) }
    const send = (task: Task) => sys.sendmsg(task, a, { ...message('x'), msg_control: [rights] }, 0)
    expect([send(user), send(user), send(init), send(init)]).toEqual([1, -ETOOMANYREFS, 1, 1])
    sys.recvmsg(init, b, room(), 0)
    expect(send(user)).toBe(1)
  })

  test('a packet of nothing that was not read is not missed', () => {
    const kernel = bootForTest()
    const { sys, init } = kernel
    const { pair, send } = socketsOf(kernel, init)
    const ends = (...texts: string[]): number => {
      const [a, b] = pair(SOCK_SEQPACKET)
      for (const text of texts) send(a, text)
      sys.close(init, b)
      return send(a, 'x', MSG_NOSIGNAL)
    }
    expect([ends(''), ends('', 'x'), ends('x')]).toEqual([-EPIPE, -ECONNRESET, -ECONNRESET])
  })
})

test.each([
  { family: AF_INET + 1000, type: SOCK_STREAM, rc: -EAFNOSUPPORT },
  { family: AF_UNIX, type: 99, rc: -EINVAL },
])('socket($family, $type) is $rc', ({ family, type, rc }) => {
  const { sys, init } = bootForTest()
  expect(sys.socket(init, family, type, 0)).toBe(rc)
  expect(sys.listen(init, sys.epoll_create1(init, 0), 1)).toBe(-ENOTSOCK)
})

test('a pair has its descriptors before there are sockets, and leaves nothing where they fail', () => {
  let left = 0
  let mayMake = true
  const { sys, init, trace } = bootForTest({ lsms: [defineLsm({
    name: 'count',
    abi: '1.0',
    hooks: {
      sk_alloc_security: () => (left++, 0),
      sk_free_security: () => void left--,
      file_alloc_security: () => (mayMake ? 0 : -EPERM),
    },
  })] })
  left = 0
  const pair = (): number => sys.socketpair(init, AF_UNIX, SOCK_STREAM, 0, [0, 0])
  sys.prlimit64(init, 0, RLIMIT_NOFILE, { rlim_cur: 1, rlim_max: 1024 }, null)
  expect([trace(() => expect(pair()).toBe(-EMFILE)), left]).toEqual([[], 0])
  sys.prlimit64(init, 0, RLIMIT_NOFILE, { rlim_cur: 2, rlim_max: 1024 }, null)
  mayMake = false
  expect([pair(), sys.socketpair(init, AF_INET, SOCK_STREAM, 0, [0, 0]), left]).toEqual([-EPERM, -EOPNOTSUPP, 0])
  mayMake = true
  expect([pair(), sys.socket(init, AF_UNIX, SOCK_STREAM, 0), left]).toEqual([0, -EMFILE, 2])
})
