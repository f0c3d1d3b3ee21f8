/** MPTCP sockets: a subflow that LSMs see made, and a connection that is one of TCP otherwise. */
import {
  AF_INET, ECONNREFUSED, ECONNRESET, EINPROGRESS, EPERM, IPPROTO_MPTCP, IPPROTO_TCP, MSG_DONTWAIT, O_NONBLOCK, POLLIN,
  POLLOUT, SO_ACCEPTCONN, SO_ERROR, SO_PROTOCOL, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { sockaddrIn } from '../../state/net/sockaddr.ts'

const PORT = 7000
const world = (mayAdd = () => 0) => {
  const left = { socks: 0 }
  const watch = defineLsm({
    name: 'watch',
    abi: '1.0',
    hooks: {
      sk_alloc_security: () => (left.socks++, 0),
      sk_free_security: () => void left.socks--,
      mptcp_add_subflow: mayAdd,
    },
  })
  const kernel = bootForTest({ lsms: [watch] })
  const { sys, init } = kernel
  left.socks = 0
  const to = sockaddrIn('127.0.0.1', PORT)
  const socket = (protocol: number, flags = 0) => sys.socket(init, AF_INET, SOCK_STREAM | flags, protocol)
  const server = (protocol: number): number => {
    const s = socket(protocol)
    sys.bind(init, s, to, 16)
    sys.listen(init, s, 4)
    return s
  }
  const option = (fd: number, name: number): number => {
    const out = { value: 0 }
    sys.getsockopt(init, fd, SOL_SOCKET, name, out, { value: 4 })
    return out.value
  }
  const recv = (fd: number): string | number => {
    const buf = new Uint8Array(16)
    const n = sys.recvfrom(init, fd, buf, 16, MSG_DONTWAIT, null, null)
    return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n))
  }
  const send = (fd: number, text: string) =>
    sys.sendto(init, fd, new TextEncoder().encode(text), text.length, 0, null, 0)
  return { ...kernel, left, to, socket, server, option, recv, send }
}

test.each([
  [IPPROTO_MPTCP, IPPROTO_MPTCP, IPPROTO_MPTCP], [IPPROTO_TCP, IPPROTO_MPTCP, IPPROTO_TCP],
  [IPPROTO_MPTCP, IPPROTO_TCP, IPPROTO_TCP],
])('asked for by %i at a server of %i, accepted as %i', (asks, listens, accepted) => {
  const { sys, init, left, to, socket, server, option, recv, send } = world()
  const s = server(listens)
  const c = socket(asks)
  expect([option(s, SO_ACCEPTCONN), sys.connect(init, c, to, 16)]).toEqual([1, 0])
  const d = sys.accept4(init, s, null, null, 0)
  expect(option(d, SO_PROTOCOL)).toBe(accepted)
  expect([send(c, 'there'), recv(d), send(d, 'back'), recv(c)]).toEqual([5, 'there', 4, 'back'])
  for (const fd of [c, d, s]) sys.close(init, fd)
  expect(left.socks).toBe(0)
})

test('the subflow is made once, when an address is needed, and its own socket goes', () => {
  const { sys, init, to, socket, trace } = world()
  const made = ['socket_create', 'inode_alloc_security', 'sk_alloc_security', 'socket_post_create', 'mptcp_add_subflow',
    'inode_free_security']
  const fd = socket(IPPROTO_MPTCP)
  expect(trace(() => sys.setsockopt(init, fd, SOL_SOCKET, SO_REUSEADDR, 1, 4))).toEqual(['socket_setsockopt'])
  expect(trace(() => sys.bind(init, fd, to, 16))).toEqual(['socket_bind', ...made])
  expect(trace(() => sys.listen(init, fd, 1))).toEqual(['socket_listen'])
  expect(trace(() => sys.listen(init, socket(IPPROTO_MPTCP), 1)).slice(-7)).toEqual(['socket_listen', ...made])
})

test('refused its subflow, a socket has none', () => {
  const { sys, init, left, to, socket } = world(() => -EPERM)
  const fd = socket(IPPROTO_MPTCP)
  expect([sys.bind(init, fd, to, 16), sys.listen(init, fd, 1), sys.connect(init, fd, to, 16)]).toEqual(
    [-EPERM, -EPERM, -EPERM])
  sys.close(init, fd)
  expect(left.socks).toBe(0)
})

test('errors and readiness are those of the subflow', () => {
  const { sys, init, to, socket, server, option, send } = world()
  const poll = (fd: number): number => {
    const entry = { fd, events: POLLIN | POLLOUT, revents: 0 }
    sys.poll(init, [entry], 1, 0)
    return entry.revents
  }
  const fd = socket(IPPROTO_MPTCP, O_NONBLOCK)
  expect(sys.connect(init, fd, to, 16)).toBe(-EINPROGRESS)
  expect([option(fd, SO_ERROR), option(fd, SO_ERROR)]).toEqual([ECONNREFUSED, 0])
  const s = server(IPPROTO_MPTCP)
  const c = socket(IPPROTO_MPTCP)
  sys.connect(init, c, to, 16)
  const d = sys.accept4(init, s, null, null, 0)
  expect(poll(d)).toBe(POLLOUT)
  send(c, 'x')
  expect(poll(d)).toBe(POLLIN | POLLOUT)
})

test('a server that goes takes what it has not accepted along', () => {
  const { sys, init, left, to, socket, server, option } = world()
  const s = server(IPPROTO_MPTCP)
  const c = socket(IPPROTO_MPTCP)
  sys.connect(init, c, to, 16)
  sys.close(init, s)
  expect(option(c, SO_ERROR)).toBe(ECONNRESET)
  sys.close(init, c)
  expect(left.socks).toBe(0)
})
