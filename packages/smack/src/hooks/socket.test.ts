/** Sockets of every family: labels in and out, hosts, marks, options and ports. */
import {
  AF_INET, AF_INET6, AF_UNIX, CAP_MAC_OVERRIDE, EACCES, EINVAL, ERANGE, SOCK_DGRAM, SOCK_STREAM,
} from '@lsmkit/abi'
import { noHost, ref } from '@lsmkit/core'
import type { PeersecBuffer, Socket, Sock } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { ETH_P_IPV6 } from '../packet.ts'
import { Machine, bytes, latin1 } from '../testing/machine.ts'

const label = (m: Machine, socket: Socket, name: string): string =>
  latin1(m.getSecurity(socket.inode, name) as Uint8Array)
const relabel = (m: Machine, socket: Socket, name: string, text: string): number =>
  m.lsm.inode_setsecurity.ask(socket.inode, name, bytes(text), text.length, 0)
const peer = (m: Machine, socket: Socket): string => {
  const value: PeersecBuffer = { value: null, length: 0 }
  m.lsm.socket_getpeersec_stream.ask(socket, value, ref(0), 256)
  return latin1(value.value!).replace('\0', '')
}

describe('a new socket', () => {
  test('has the label of its maker, both ways', () => {
    const m = new Machine()
    const socket = m.by('A', () => m.socket())
    expect([label(m, socket, 'SMACK64IPIN'), label(m, socket, 'SMACK64IPOUT'), peer(m, socket)]).toEqual([
      'A',
      'A',
      '',
    ])
  })

  test('of a kernel thread is `@`', () => {
    const m = new Machine()
    const socket = m.as(m.task('A', { kernelThread: true }), () => m.socket(AF_INET))
    expect([label(m, socket, 'SMACK64IPIN'), label(m, socket, 'SMACK64IPOUT')]).toEqual(['@', '@'])
  })

  test('can be relabelled each way, and other names are not its own', () => {
    const m = new Machine()
    const socket = m.by('A', () => m.socket(AF_INET))
    expect([relabel(m, socket, 'SMACK64IPIN', 'I'), relabel(m, socket, 'SMACK64IPOUT', 'O')]).toEqual([0, 0])
    expect([label(m, socket, 'SMACK64IPIN'), label(m, socket, 'SMACK64IPOUT')]).toEqual(['I', 'O'])
    expect(relabel(m, socket, 'SMACK64EXEC', 'X')).toBe(-95)
    expect(relabel(m, socket, 'SMACK64IPIN', '-x')).toBe(-EINVAL)
  })

  test('without a sock has no labels', () => {
    const m = new Machine()
    const socket = m.socket()
    ;(socket as Socket).sk = null
    expect([m.getSecurity(socket.inode, 'SMACK64IPIN'), relabel(m, socket, 'SMACK64IPIN', 'A')]).toEqual([-95, -95])
    expect(m.lsm.socket_post_create.ask(socket, AF_INET, SOCK_STREAM, 0, 0)).toBe(0)
    expect(m.lsm.socket_connect.ask(socket, m.address(AF_INET, '10.0.0.1', 1, 16), 16)).toBe(0)
  })

  test('clones take all of it', () => {
    const m = new Machine()
    const [from, to] = [m.by('A', () => m.socket()), m.by('B', () => m.socket())]
    m.lsm.sk_clone_security.tell(from.sk, to.sk)
    expect(label(m, to, 'SMACK64IPIN')).toBe('A')
    relabel(m, to, 'SMACK64IPIN', 'C')
    expect(label(m, from, 'SMACK64IPIN')).toBe('A')
  })
})

describe('UNIX', () => {
  const connect = (rules: string) => {
    const m = new Machine().rules(rules)
    const [client, listener, accepted] = [
      m.by('A', () => m.socket()),
      m.by('B', () => m.socket()),
      m.by('B', () => m.socket()),
    ]
    const rc = m.as(m.task('A'), () => m.lsm.unix_stream_connect.ask(client.sk, listener.sk, accepted.sk))
    return { rc, peers: [peer(m, client), peer(m, accepted)], accepted: label(m, accepted, 'SMACK64IPIN') }
  }

  test("a stream needs `w` both ways, and tells each end the other's label", () => {
    expect(connect('A B w;B A w')).toEqual({ rc: 0, peers: ['B', 'A'], accepted: 'B' })
    expect(connect('B A w').rc).toBe(-EACCES)
    expect(connect('A B w')).toMatchObject({ rc: -EACCES, peers: ['', ''] })
  })

  test('a pair knows each other', () => {
    const m = new Machine()
    const [a, b] = [m.by('A', () => m.socket()), m.by('B', () => m.socket())]
    expect(m.lsm.socket_socketpair.ask(a, b)).toBe(0)
    expect([peer(m, a), peer(m, b)]).toEqual(['B', 'A'])
  })

  test('a datagram needs `w` from out to in; CAP_MAC_OVERRIDE skips it', () => {
    const send = (rules: string, caps: readonly number[] = []): number => {
      const m = new Machine().rules(rules)
      const [from, to] = [m.by('A', () => m.socket()), m.by('B', () => m.socket())]
      return m.as(m.task('A', { caps }), () => m.lsm.unix_may_send.ask(from, to))
    }
    expect([send('A B w'), send('A B a'), send('', [CAP_MAC_OVERRIDE])]).toEqual([0, -EACCES, 0])
  })

  test('SO_PEERSEC with too little room says how much is needed', () => {
    const m = new Machine()
    const [a, b] = [m.by('A', () => m.socket()), m.by('Bob', () => m.socket())]
    m.lsm.socket_socketpair.ask(a, b)
    const [value, length] = [{ value: null, length: 0 } as PeersecBuffer, ref(0)]
    expect(m.lsm.socket_getpeersec_stream.ask(a, value, length, 3)).toBe(-ERANGE)
    expect([value.value, length.value]).toEqual([null, 4])
    expect(m.lsm.socket_getpeersec_stream.ask(a, value, length, 4)).toBe(0)
    expect(latin1(value.value!)).toBe('Bob\0')
  })
})

describe('labels of datagrams', () => {
  const secid = (m: Machine, socket: Socket | null, packet: Parameters<Machine['packet']>[0] | null): string => {
    const out = ref(0)
    const rc = m.lsm.socket_getpeersec_dgram.ask(socket, packet === null ? null : m.packet(packet), out)
    return rc === 0 ? m.text(out.value) : String(rc)
  }

  test('by family', () => {
    const m = new Machine()
    const [unix, inet, inet6] = [AF_UNIX, AF_INET, AF_INET6].map((family) => m.by('A', () => m.socket(family))) as [
      Socket,
      Socket,
      Socket,
    ]
    m.write('netlabel', '10.0.0.9 Host')
    expect(secid(m, unix, null)).toBe('A')
    expect(secid(m, inet, {})).toBe('Host')
    expect(secid(m, inet, { secmark: m.label('Mark') })).toBe('Mark')
    expect(secid(m, inet, { saddr: '11.0.0.1' })).toBe('_')
    expect(secid(m, null, { saddr: '11.0.0.1', netlabel: { doi: 3, level: 250, categories: [2, 8] } })).toBe('A')
    expect(secid(m, inet, null)).toBe(String(-EINVAL))
    expect(secid(m, inet6, { protocol: ETH_P_IPV6 })).toBe(String(-EINVAL))
    expect(secid(m, null, null)).toBe(String(-EINVAL))
  })
})

describe('IPv4', () => {
  const out = (
    hosts: readonly string[],
    to: string,
    act: (m: Machine, socket: Socket & { sk: Sock }, to: string) => number,
  ) => {
    const m = new Machine().rules('A H w')
    for (const host of hosts) m.write('netlabel', host)
    const socket = m.by('A', () => m.socket(AF_INET, SOCK_DGRAM))
    return { rc: m.as(m.task('A'), () => act(m, socket, to)), option: m.options.get(socket.sk) }
  }
  const connect = (m: Machine, socket: Socket, to: string): number =>
    m.lsm.socket_connect.ask(socket, m.address(AF_INET, to, 80, 16), 16)
  const send = (m: Machine, socket: Socket, to: string): number =>
    m.lsm.socket_sendmsg.ask(socket, { msg_name: m.address(AF_INET, to, 80, 16), msg_flags: 0, control: [] }, 1)
  const labelled = { doi: 3, level: 250, categories: [2, 8] }

  test.each([
    ['connect', connect],
    ['send', send],
  ] as const)('%s: a host with a label is asked about, and packets to it carry none', (_name, act) => {
    expect(out([], '10.1.1.1', act)).toEqual({ rc: 0, option: labelled })
    expect(out(['10.0.0.0/8 H'], '10.1.1.1', act)).toEqual({ rc: 0, option: null })
    expect(out(['10.0.0.0/8 X'], '10.1.1.1', act)).toEqual({ rc: -EACCES, option: labelled })
    expect(out(['10.0.0.0/8 X', '10.1.1.1 -CIPSO'], '10.1.1.1', act)).toEqual({ rc: 0, option: labelled })
  })

  test('addresses that are short, or of another family', () => {
    const m = new Machine()
    m.write('netlabel', '10.0.0.0/8 X')
    const socket = m.by('A', () => m.socket(AF_INET))
    const to = (family: number, length: number) => m.address(family, '10.1.1.1', 80, length)
    const connects = [to(AF_INET, 15), to(AF_UNIX, 16), to(AF_INET, 1)].map((name) =>
      m.lsm.socket_connect.ask(socket, name, name.raw.length),
    )
    const sends = [to(AF_INET, 15), to(AF_UNIX, 16)].map((name) =>
      m.lsm.socket_sendmsg.ask(socket, { msg_name: name, msg_flags: 0, control: [] }, 1),
    )
    expect([connects, sends]).toEqual([
      [0, 0, 0],
      [-EINVAL, -EINVAL],
    ])
  })

  test('a socket of the ambient label sends packets without one', () => {
    const m = new Machine()
    const socket = m.by('_', () => m.socket(AF_INET))
    expect(m.options.has(socket.sk)).toBe(false)
  })

  test('IPOUT labels the packets anew', () => {
    const m = new Machine()
    const socket = m.by('A', () => m.socket(AF_INET))
    relabel(m, socket, 'SMACK64IPOUT', 'ab')
    expect(m.options.get(socket.sk)).toEqual({ doi: 3, level: 250, categories: [2, 3, 8, 10, 11, 15] })
  })

  test.each([
    { packet: {}, rules: '_ A w', rc: 0, refused: 0 },
    { packet: {}, rules: '', rc: -EACCES, refused: 1 },
    { packet: { netlabel: { doi: 3, level: 250, categories: [2, 7] } }, rules: 'B A w', rc: 0, refused: 0 },
    { packet: { netlabel: { doi: 4, level: 250, categories: [2, 7] } }, rules: 'B A w', rc: -EACCES, refused: 1 },
    { packet: { netlabel: { doi: 3, level: 9, categories: [2, 7] } }, rules: 'B A w', rc: -EACCES, refused: 1 },
    { packet: { netlabel: 'no option' }, rules: '_ A w', rc: 0, refused: 0 },
    { packet: { saddr: '10.9.9.9' }, hosts: '10.0.0.0/8 B', rules: 'B A w', rc: 0, refused: 0 },
    { packet: { secmark: 999 }, rules: '? A w', rc: 0, refused: 0 },
  ])('a packet $packet under `$rules`: $rc', ({ packet, hosts, rules, rc, refused }) => {
    const m = new Machine().rules(`B Q r;${rules}`)
    if (hosts !== undefined) m.write('netlabel', hosts)
    const socket = m.by('A', () => m.socket(AF_INET))
    expect(m.lsm.socket_sock_rcv_skb.ask(socket.sk, m.packet(packet))).toBe(rc)
    expect(m.refused).toHaveLength(refused)
  })

  test("a connection remembers who asked, and answers with the listener's label", () => {
    const m = new Machine().rules('B A w')
    const [listener, child] = [m.by('A', () => m.socket(AF_INET)), m.by('A', () => m.socket(AF_INET))]
    m.label('B')
    const request = m.request()
    expect(
      m.lsm.inet_conn_request.ask(
        listener.sk,
        m.packet({ netlabel: { doi: 3, level: 250, categories: [2, 7] } }),
        request,
      ),
    ).toBe(0)
    m.lsm.inet_csk_clone.tell(child.sk, request)
    expect([peer(m, child), m.options.get(request)]).toEqual(['B', labelled])
    m.lsm.inet_csk_clone.tell(child.sk, m.request())
    expect(peer(m, child)).toBe('')
  })

  test('to a host with a label it answers without one', () => {
    const m = new Machine().rules('H A w')
    m.write('netlabel', '10.0.0.9 H')
    const listener = m.by('A', () => m.socket(AF_INET))
    const request = m.request()
    expect([m.lsm.inet_conn_request.ask(listener.sk, m.packet({}), request), m.options.get(request)]).toEqual([
      0,
      null,
    ])
  })

  test('a machine without IP options labels nothing and refuses nothing for it', () => {
    const m = new Machine()
    m.stack.host = noHost
    const sk = m.by('A', () => m.sock(AF_INET))
    const socket = m.stack.objects.socket(SOCK_STREAM, m.newInode())
    socket.sk = sk
    expect(m.lsm.socket_post_create.ask(socket, AF_INET, SOCK_STREAM, 0, 0)).toBe(0)
  })
})

describe('IPv6', () => {
  const V6 = 28
  const udp = { protocol: ETH_P_IPV6, ip_protocol: 17 }

  test('a port of this machine has the label of who bound it first, until that socket goes', () => {
    const m = new Machine().rules('A B w')
    const [server, second, client] = [
      m.by('B', () => m.socket(AF_INET6)),
      m.by('C', () => m.socket(AF_INET6)),
      m.by('A', () => m.socket(AF_INET6)),
    ]
    const bind = (socket: Socket): number => m.lsm.socket_bind.ask(socket, m.address(AF_INET6, '::', 80, V6), V6)
    const connect = (): number => m.lsm.socket_connect.ask(client, m.address(AF_INET6, '::1', 80, V6), V6)
    expect([bind(server), bind(second), connect(), peer(m, client)]).toEqual([0, 0, 0, 'B'])
    relabel(m, server, 'SMACK64IPIN', 'D')
    expect(connect()).toBe(-EACCES)
    m.lsm.sk_free_security.tell(server.sk)
    bind(second)
    relabel(m, second, 'SMACK64IPIN', 'B')
    expect([connect(), peer(m, client)]).toEqual([0, 'C'])
  })

  test('types of sockets have ports of their own, and port 0 is none', () => {
    const m = new Machine().rules('A B w')
    const [server, client] = [
      m.by('B', () => m.socket(AF_INET6, SOCK_DGRAM)),
      m.by('A', () => m.socket(AF_INET6, SOCK_STREAM)),
    ]
    for (const port of [0, 80]) m.lsm.socket_bind.ask(server, m.address(AF_INET6, '::', port, V6), V6)
    const to = (port: number): number => m.lsm.socket_connect.ask(client, m.address(AF_INET6, '::1', port, V6), V6)
    expect([to(80), to(0)]).toEqual([-EACCES, -EACCES])
  })

  test.each([
    { to: 'fe80::1', rules: 'A H w', rc: 0 },
    { to: 'fe80::1', rules: 'A _ w', rc: -EACCES },
    { to: '2001::1', rules: 'A _ w', rc: 0 },
    { to: '2001::1', rules: 'A H w', rc: -EACCES },
    { to: '::1', rules: 'A _ w', rc: 0 },
    { to: 'nonsense', rules: 'A _ w', rc: 0 },
  ])('connecting and sending to $to under `$rules`: $rc', ({ to, rules, rc }) => {
    const m = new Machine().rules(rules)
    m.write('ipv6host', 'fe80:0:0:0:0:0:0:0/16 H')
    const socket = m.by('A', () => m.socket(AF_INET6))
    const name = m.address(AF_INET6, to, 80, V6)
    expect(m.lsm.socket_connect.ask(socket, name, V6)).toBe(rc)
    expect(m.lsm.socket_sendmsg.ask(socket, { msg_name: name, msg_flags: 0, control: [] }, 1)).toBe(rc)
  })

  test.each([
    { from: '::1', rules: '', rc: 0 },
    { from: '2001::1', rules: '_ A w', rc: 0 },
    { from: '2001::1', rules: '', rc: -EACCES },
    { from: 'fe80::1', rules: 'H A w', rc: 0 },
    { from: 'fe80::1', rules: '_ A w', rc: -EACCES },
  ])('a packet from $from under `$rules`: $rc', ({ from, rules, rc }) => {
    const m = new Machine().rules(rules)
    m.write('ipv6host', 'fe80:0:0:0:0:0:0:0/16 H')
    const socket = m.by('A', () => m.socket(AF_INET6))
    expect(m.lsm.socket_sock_rcv_skb.ask(socket.sk, m.packet({ ...udp, saddr: from }))).toBe(rc)
    expect(m.refused).toHaveLength(rc === 0 ? 0 : 1)
  })

  test("packets that are no transport's pass, and IPv4 in IPv6 sockets is judged as IPv4", () => {
    const m = new Machine()
    const socket = m.by('A', () => m.socket(AF_INET6))
    expect(
      m.lsm.socket_sock_rcv_skb.ask(socket.sk, m.packet({ protocol: ETH_P_IPV6, ip_protocol: 58, saddr: '2001::1' })),
    ).toBe(0)
    expect(m.lsm.socket_sock_rcv_skb.ask(socket.sk, m.packet({}))).toBe(-EACCES)
    expect(m.lsm.inet_conn_request.ask(socket.sk, m.packet({ ...udp }), m.request())).toBe(0)
    expect(m.lsm.inet_conn_request.ask(socket.sk, m.packet({}), m.request())).toBe(-EACCES)
  })

  test('addresses that are short', () => {
    const m = new Machine()
    const socket = m.by('A', () => m.socket(AF_INET6))
    const name = m.address(AF_INET6, '2001::1', 80, 23)
    expect(m.lsm.socket_connect.ask(socket, name, 23)).toBe(0)
    expect(m.lsm.socket_sendmsg.ask(socket, { msg_name: name, msg_flags: 0, control: [] }, 1)).toBe(-EINVAL)
    expect(m.lsm.socket_bind.ask(socket, name, 23)).toBe(-EINVAL)
  })

  describe('with marks of netfilter', () => {
    const marked = (rules: string): Machine => new Machine({ netfilter: true }).rules(rules)

    test('only listed hosts are asked about, and ports have no labels', () => {
      const m = marked('')
      m.write('ipv6host', 'fe80:0:0:0:0:0:0:0/16 H')
      const socket = m.by('A', () => m.socket(AF_INET6))
      const to = (addr: string): number => m.lsm.socket_connect.ask(socket, m.address(AF_INET6, addr, 80, V6), V6)
      expect([to('2001::1'), to('::1'), to('fe80::1')]).toEqual([0, 0, -EACCES])
      expect(m.lsm.socket_bind.ask(socket, m.address(AF_INET6, '::', 80, 16), 16)).toBe(0)
      m.lsm.sk_free_security.tell(socket.sk)
    })

    test.each([
      { packet: { secmark: 10, saddr: '::1' }, rules: 'M A w', rc: 0 },
      { packet: { secmark: 10, saddr: '::1' }, rules: '', rc: -EACCES },
      { packet: { saddr: '::1' }, rules: '', rc: 0 },
      { packet: { saddr: '2001::1' }, rules: '_ A w', rc: 0 },
      { packet: { saddr: 'fe80::1' }, rules: 'H A w', rc: 0 },
    ])('a packet $packet under `$rules`: $rc', ({ packet, rules, rc }) => {
      const m = new Machine({ netfilter: true })
      m.label('M')
      m.rules(rules)
      m.write('ipv6host', 'fe80:0:0:0:0:0:0:0/16 H')
      const socket = m.by('A', () => m.socket(AF_INET6))
      expect(m.lsm.socket_sock_rcv_skb.ask(socket.sk, m.packet({ ...udp, ...packet }))).toBe(rc)
    })

    test('datagrams have the label of their mark', () => {
      const m = marked('')
      const [socket, out] = [m.by('A', () => m.socket(AF_INET6)), ref(0)]
      expect(m.lsm.socket_getpeersec_dgram.ask(socket, m.packet({ ...udp, secmark: m.label('M') }), out)).toBe(0)
      expect(m.text(out.value)).toBe('M')
    })
  })
})

test('a socket that is handed over and cannot be found is refused', () => {
  const m = new Machine()
  const socket = m.by('A', () => m.socket())
  const file = m.file(socket.inode)
  m.stack.host = noHost
  expect(m.as(m.task('A'), () => m.lsm.file_receive.ask(file))).toBe(-EACCES)
})
