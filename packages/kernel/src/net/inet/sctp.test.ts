/** SCTP sockets: associations of both styles, messages with their bounds, and where LSMs are asked. */
import {
  AF_INET, EACCES, EADDRNOTAVAIL, EAGAIN, EBUSY, ECONNREFUSED, EINPROGRESS, EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP,
  EPERM, EPIPE, ERESTARTSYS, ETIMEDOUT, IPPROTO_SCTP, MSG_DONTWAIT, MSG_EOR, MSG_NOSIGNAL, O_NONBLOCK, POLLHUP, POLLIN,
  POLLOUT, SCTP_GET_ASSOC_ID_LIST, SCTP_SENDMSG_CONNECT, SCTP_SOCKOPT_BINDX_ADD, SCTP_SOCKOPT_BINDX_REM,
  SCTP_SOCKOPT_CONNECTX, SCTP_SOCKOPT_PEELOFF, SHUT_RD, SHUT_WR, SO_ERROR, SOCK_SEQPACKET, SOCK_STREAM, SOL_SCTP,
  SOL_SOCKET,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { sockaddrIn } from '../../state/net/sockaddr.ts'

const PORT = 7000
const world = (lsms: readonly Lsm[] = []) => {
  const kernel = bootForTest({ lsms })
  const { sys, init } = kernel
  const at = (port: number) => sockaddrIn('127.0.0.1', port)
  const socket = (type: number, flags = 0) => sys.socket(init, AF_INET, type | flags, IPPROTO_SCTP)
  const server = (type: number, backlog = 4): number => {
    const fd = socket(type)
    sys.bind(init, fd, at(PORT), 16)
    sys.listen(init, fd, backlog)
    return fd
  }
  const connect = (fd: number, port = PORT) => sys.connect(init, fd, at(port), 16)
  const accept = (fd: number) => sys.accept4(init, fd, null, null, 0)
  const send = (fd: number, text: string, port = 0) => {
    const [name, length] = port === 0 ? [null, 0] : [at(port), 16]
    return sys.sendto(init, fd, new TextEncoder().encode(text), text.length, MSG_NOSIGNAL, name, length)
  }
  const recv = (fd: number, room = 16): readonly [string, boolean] | number => {
    const msg = { msg_name: null, msg_iov: [new Uint8Array(room)], msg_control: null, msg_flags: 0 }
    const n = sys.recvmsg(init, fd, msg, MSG_DONTWAIT)
    return n < 0 ? n : [new TextDecoder().decode(msg.msg_iov[0]!.subarray(0, n)), (msg.msg_flags & MSG_EOR) !== 0]
  }
  const error = (fd: number): number => {
    const out = { value: 0 }
    sys.getsockopt(init, fd, SOL_SOCKET, SO_ERROR, out, { value: 4 })
    return out.value
  }
  const poll = (fd: number): number => {
    const entry = { fd, events: POLLIN | POLLOUT, revents: 0 }
    sys.poll(init, [entry], 1, 0)
    return entry.revents
  }
  const set = (fd: number, name: number, value: Uint8Array) =>
    sys.setsockopt(init, fd, SOL_SCTP, name, value, value.length)
  const ids = (fd: number): number[] => {
    const out: { value: unknown } = { value: 0 }
    sys.getsockopt(init, fd, SOL_SCTP, SCTP_GET_ASSOC_ID_LIST, out as { value: number }, { value: 64 })
    return [...new Uint32Array((out.value as Uint8Array).slice().buffer)].slice(1)
  }
  const peelOff = (fd: number, id: number): number => {
    const given = new Uint8Array(Int32Array.of(id, 0).buffer)
    const rc = sys.getsockopt(init, fd, SOL_SCTP, SCTP_SOCKOPT_PEELOFF, { value: given }, { value: 8 })
    if (rc >= 0) expect(new DataView(given.buffer).getInt32(4, true)).toBe(rc)
    return rc
  }
  const close = (fd: number) => sys.close(init, fd)
  return { ...kernel, at, socket, server, connect, accept, send, recv, error, poll, set, ids, peelOff, close }
}

describe('one to one', () => {
  test('messages keep their bounds, and what does not fit is read next', () => {
    const { socket, server, connect, accept, send, recv } = world()
    const s = server(SOCK_STREAM)
    const c = socket(SOCK_STREAM)
    expect([accept(s), connect(c)]).toEqual([-ERESTARTSYS, 0])
    expect([send(c, 'early'), send(c, 'bird')]).toEqual([5, 4])
    const d = accept(s)
    expect([recv(d), recv(d, 3), recv(d), recv(d)]).toEqual([['early', true], ['bir', false], ['d', true], -EAGAIN])
    expect([send(d, 'back'), recv(c), connect(c)]).toEqual([4, ['back', true], -EISCONN])
  })

  test('refused, at once or later', () => {
    const { socket, connect, error, send, recv, poll } = world()
    const c = socket(SOCK_STREAM)
    expect([send(c, 'x'), recv(c), poll(c)]).toEqual([-EPIPE, -EAGAIN, 0])
    expect([connect(c), error(c), error(c)]).toEqual([-ECONNREFUSED, ECONNREFUSED, 0])
    const n = socket(SOCK_STREAM, O_NONBLOCK)
    expect([connect(n), error(n)]).toEqual([-EINPROGRESS, ECONNREFUSED])
  })

  test('a listener that has enough refuses more', () => {
    const { socket, server, connect, accept } = world()
    const s = server(SOCK_STREAM, 1)
    expect([1, 2, 3].map(() => connect(socket(SOCK_STREAM)))).toEqual([0, 0, -ECONNREFUSED])
    accept(s)
    expect(connect(socket(SOCK_STREAM))).toBe(0)
  })

  test('the end of either side', () => {
    const { sys, init, socket, server, connect, accept, send, recv, poll, close } = world()
    const s = server(SOCK_STREAM)
    const [c, e] = [socket(SOCK_STREAM), socket(SOCK_STREAM)]
    connect(c)
    connect(e)
    const d = accept(s)
    send(c, 'last')
    close(c)
    expect([recv(d), recv(d), send(d, 'x'), poll(d) & POLLIN]).toEqual([['last', true], ['', false], -EPIPE, POLLIN])
    expect(sys.shutdown(init, e, SHUT_WR)).toBe(0)
    const f = accept(s)
    expect([recv(f), poll(f) & (POLLIN | POLLHUP)]).toEqual([['', false], POLLIN])
    expect([sys.shutdown(init, s, SHUT_RD), sys.shutdown(init, socket(SOCK_STREAM), SHUT_WR)]).toEqual(
      [-EOPNOTSUPP, -ENOTCONN])
  })
})

test('a queue of messages is full however small they are', () => {
  const { sys, init, socket, server, connect, accept, recv } = world()
  const s = server(SOCK_STREAM)
  const c = socket(SOCK_STREAM)
  connect(c)
  const d = accept(s)
  const send = () => sys.sendto(init, c, Uint8Array.of(1), 1, MSG_DONTWAIT, null, 0)
  let sent = 0
  while (send() === 1) sent++
  expect([sent, send()]).toEqual([278, -EAGAIN])
  recv(d)
  expect(send()).toBe(1)
})

describe('one to many', () => {
  test('associations are opened by messages, and each message says whose it is', () => {
    const { sys, init, at, socket, server, send, recv, ids, accept } = world()
    const s = server(SOCK_SEQPACKET)
    const [a, b] = [socket(SOCK_SEQPACKET), socket(SOCK_SEQPACKET)]
    sys.bind(init, a, at(7001), 16)
    expect([send(a, 'nobody'), send(a, 'one', PORT), send(b, 'two', PORT)]).toEqual([-EPIPE, 3, 3])
    expect([ids(s).length, ids(a).length, accept(s)]).toEqual([2, 1, -EOPNOTSUPP])
    const msg = { msg_name: new Uint8Array(), msg_iov: [new Uint8Array(8)], msg_control: null, msg_flags: 0 }
    expect([sys.recvmsg(init, s, msg, 0), [...msg.msg_name]]).toEqual([3, [...at(7001)]])
    expect([send(s, 'back', 7001), recv(a), recv(b)]).toEqual([4, ['back', true], -EAGAIN])
  })

  test('one is peeled off, with what has come of it', () => {
    const { socket, server, send, recv, ids, peelOff, close } = world()
    const s = server(SOCK_SEQPACKET)
    const [a, b] = [socket(SOCK_SEQPACKET), socket(SOCK_SEQPACKET)]
    send(a, 'one', PORT)
    send(b, 'two', PORT)
    const [first] = ids(s) as [number]
    const p = peelOff(s, first)
    expect([recv(p), recv(s), recv(s)]).toEqual([['one', true], ['two', true], -EAGAIN])
    expect([send(p, 'back'), recv(a), ids(s).length]).toEqual([4, ['back', true], 1])
    expect([peelOff(s, first), peelOff(p, first), peelOff(s, 99)]).toEqual([-EINVAL, -EINVAL, -EINVAL])
    close(p)
    expect(send(a, 'again')).toBe(-EPIPE)
  })
})

test('options that name addresses', () => {
  const { at, socket, server, set, connect } = world()
  const [fd, other] = [socket(SOCK_STREAM), socket(SOCK_STREAM)]
  const both = Uint8Array.from([...at(7002), ...sockaddrIn('127.0.0.2', 7002)])
  expect([set(fd, SCTP_SOCKOPT_BINDX_ADD, both), set(fd, SCTP_SOCKOPT_BINDX_ADD, at(7003))]).toEqual([0, -EINVAL])
  expect(set(fd, SCTP_SOCKOPT_BINDX_ADD, sockaddrIn('10.0.0.1', 7002))).toBe(-EADDRNOTAVAIL)
  expect([set(fd, SCTP_SOCKOPT_BINDX_REM, at(7002)), set(fd, SCTP_SOCKOPT_BINDX_ADD, at(7002).slice(0, 9))]).toEqual(
    [-EBUSY, -EINVAL])
  server(SOCK_STREAM)
  expect(set(other, SCTP_SOCKOPT_CONNECTX, at(PORT))).toBeGreaterThan(2)
  expect(connect(other)).toBe(-EISCONN)
})

describe('LSMs', () => {
  test('who is asked what, in order', () => {
    const { socket, server, connect, accept, send, trace } = world()
    const s = server(SOCK_STREAM)
    const c = socket(SOCK_STREAM)
    const RCV = 'socket_sock_rcv_skb'
    expect(trace(() => connect(c))).toEqual([
      'socket_connect', RCV, 'sctp_assoc_request', RCV, RCV, 'sctp_assoc_request', RCV, 'sctp_assoc_established',
    ])
    expect(trace(() => accept(s)).slice(-4)).toEqual(
      ['socket_accept', 'sk_alloc_security', 'sctp_sk_clone', 'sock_graft'])
    expect(trace(() => send(c, 'x'))).toEqual(['socket_sendmsg', RCV, RCV])
  })

  test.each<readonly [string, Parameters<typeof defineLsm>[0]['hooks'], number]>([
    ['the first packet', { socket_sock_rcv_skb: (_sk, { dport }) => (dport === PORT ? -EACCES : 0) }, -ETIMEDOUT],
    ['the answer', { socket_sock_rcv_skb: (_sk, { sport }) => (sport === PORT ? -EACCES : 0) }, -ETIMEDOUT],
    ['the association', { sctp_assoc_request: () => -EACCES }, -ETIMEDOUT],
    ['it in the end', { sctp_assoc_established: () => -EACCES }, -ETIMEDOUT],
  ])('refusing %s', (_what, hooks, rc) => {
    const { socket, server, connect, recv, error } = world([defineLsm({ name: 'no', abi: '1.0', hooks })])
    server(SOCK_STREAM)
    const c = socket(SOCK_STREAM)
    expect([connect(c), error(c), recv(c)]).toEqual([rc, -rc, -EAGAIN])
  })

  test('addresses are asked about by the option that has them, and by a message', () => {
    const asked: number[] = []
    const { at, socket, server, set, send } = world([defineLsm({
      name: 'asked',
      abi: '1.0', hooks: { sctp_bind_connect: (_sk, option, { port }) => (asked.push(option, port), -EPERM) },
    })])
    server(SOCK_SEQPACKET)
    const fd = socket(SOCK_SEQPACKET)
    expect([set(fd, SCTP_SOCKOPT_BINDX_ADD, at(7002)), set(fd, SCTP_SOCKOPT_CONNECTX, at(PORT)), send(fd, 'x', PORT)])
      .toEqual([-EPERM, -EPERM, -EPERM])
    expect(asked).toEqual([SCTP_SOCKOPT_BINDX_ADD, 7002, SCTP_SOCKOPT_CONNECTX, PORT, SCTP_SENDMSG_CONNECT, PORT])
  })

  test('every sock that is made goes', () => {
    let left = 0
    const { socket, server, connect, accept, send, ids, peelOff, close } = world([defineLsm({
      name: 'count',
      abi: '1.0', hooks: { sk_alloc_security: () => (left++, 0), sk_free_security: () => void left-- },
    })])
    left = 0
    const s = server(SOCK_STREAM)
    const c = socket(SOCK_STREAM)
    connect(c)
    connect(socket(SOCK_STREAM))
    for (const fd of [accept(s), c, s]) close(fd)
    const m = server(SOCK_SEQPACKET)
    const n = socket(SOCK_SEQPACKET)
    send(n, 'x', PORT)
    for (const fd of [peelOff(m, ids(m)[0]!), m, n]) close(fd)
    // the socket that was never closed
    expect(left).toBe(1)
  })
})
