/** Sockets, packets, netlink, SCTP, tunnels, InfiniBand and labelled IPsec: what each hook checks, on plain objects. */
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, AF_UNSPEC, EACCES, EAFNOSUPPORT, EINVAL, ENOPROTOOPT, ERANGE, ESRCH,
  IPPROTO_SCTP, IPPROTO_TCP, MSG_FASTOPEN, NETLINK_AUDIT, NETLINK_ROUTE, NETLINK_XFRM, SOCK_DGRAM, SOCK_RAW,
  SOCK_STREAM,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Sock, Sockaddr, Socket, XfrmSecCtx } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { domain, Machine, object } from '../testing/machine.ts'
import { testPolicy } from '../testing/policy.ts'

const m = new Machine()
const { lsm, build } = m
const socket = (family: number, type: number, protocol = 0, who = 'a_t'): Socket =>
  m.as(who, () => build.aSocket({ family, type, protocol }))

const inet = (port: number, address = [192, 0, 2, 1]): Sockaddr => {
  const raw = Uint8Array.of(2, 0, port >> 8, port & 255, ...address, 0, 0, 0, 0, 0, 0, 0, 0)
  return { family: AF_INET, addr: address.join('.'), port, raw }
}

describe('creation', () => {
  test.each([
    [AF_UNIX, SOCK_STREAM, 0, 'unix_stream_socket'], [AF_UNIX, SOCK_DGRAM, 0, 'unix_dgram_socket'],
    [AF_INET, SOCK_STREAM, 0, 'tcp_socket'], [AF_INET6, SOCK_DGRAM, 17, 'udp_socket'],
    [AF_INET, SOCK_DGRAM, 1, 'icmp_socket'], [AF_INET, SOCK_RAW, 1, 'rawip_socket'],
    [AF_INET, SOCK_STREAM, IPPROTO_SCTP, 'sctp_socket'], [AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, 'netlink_route_socket'],
    [AF_NETLINK, SOCK_RAW, 31, 'netlink_socket'], [17, SOCK_RAW, 3, 'packet_socket'], [38, SOCK_DGRAM, 0, 'alg_socket'],
    [100, SOCK_STREAM, 0, 'socket'],
  ])('family %i, type %i, protocol %i is a %s', (family, type, protocol, name) => {
    const found = m.checks('a_t', () => lsm.socket_create.ask(family, type, protocol, 0))
    expect(found).toEqual([`a_t a_t ${name} { create }`, 0])
    expect(m.checks('n_t', () => lsm.socket_create.ask(family, type, protocol, 0)))
      .toEqual([`DENIED n_t n_t ${name} { create }`, -EACCES])
  })

  test('a socket of the kernel is nobody\'s business', () => {
    expect(m.checks('n_t', () => lsm.socket_create.ask(AF_INET, SOCK_STREAM, 0, 1))).toEqual([0])
  })
})

describe('use', () => {
  const tcp = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
  const tcp6 = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP)
  const other = socket(AF_UNIX, SOCK_STREAM, 0, 'b_t')
  const ofNone = (address: number[]): Sockaddr => ({ ...inet(40000, address), family: AF_UNSPEC })

  test.each([
    ['bind', () => lsm.socket_bind.ask(tcp, inet(80), 16),
      ['a_t a_t tcp_socket { bind }', 'a_t http_t tcp_socket { name_bind }', 'a_t near_t tcp_socket { node_bind }', 0]],
    ['bind above the local ports', () => lsm.socket_bind.ask(tcp, inet(61000), 16),
      ['a_t a_t tcp_socket { bind }', 'a_t port_t tcp_socket { name_bind }', 'a_t near_t tcp_socket { node_bind }', 0]],
    ['bind to a local port', () => lsm.socket_bind.ask(tcp, inet(40000, [127, 0, 0, 1]), 16),
      ['a_t a_t tcp_socket { bind }', 'a_t node_t tcp_socket { node_bind }', 0]],
    ['bind with a short address', () => lsm.socket_bind.ask(tcp, inet(80), 8),
      ['a_t a_t tcp_socket { bind }', -EINVAL]],
    ['bind to another family', () => lsm.socket_bind.ask(tcp, { ...inet(80), family: 99 }, 16),
      ['a_t a_t tcp_socket { bind }', -EAFNOSUPPORT]],
    ['bind to no family, all interfaces', () => lsm.socket_bind.ask(tcp, ofNone([0, 0, 0, 0]), 16),
      ['a_t a_t tcp_socket { bind }', 'a_t node_t tcp_socket { node_bind }', 0]],
    ['bind to no family, one address', () => lsm.socket_bind.ask(tcp, ofNone([127, 0, 0, 1]), 16),
      ['a_t a_t tcp_socket { bind }', -EAFNOSUPPORT]],
    ['bind of IPv6 to no family', () => lsm.socket_bind.ask(tcp6, ofNone([0, 0, 0, 0]), 28),
      ['a_t a_t tcp_socket { bind }', -EAFNOSUPPORT]],
    ['bind of IPv6 to no family, short', () => lsm.socket_bind.ask(tcp6, ofNone([0, 0, 0, 0]), 16),
      ['a_t a_t tcp_socket { bind }', -EINVAL]],
    ['bind with less than a family', () => lsm.socket_bind.ask(tcp, { ...inet(80), family: 99 }, 1),
      ['a_t a_t tcp_socket { bind }', -EINVAL]],
    ['connect with less than a family', () => lsm.socket_connect.ask(tcp, ofNone([0, 0, 0, 0]), 1),
      ['a_t a_t tcp_socket { connect }', -EINVAL]],
    ['connect', () => lsm.socket_connect.ask(tcp, inet(80), 16),
      ['a_t a_t tcp_socket { connect }', 'a_t http_t tcp_socket { name_connect }', 0]],
    ['disconnect', () => lsm.socket_connect.ask(tcp, { ...inet(0), family: 0 }, 16),
      ['a_t a_t tcp_socket { connect }', 0]],
    ['listen', () => lsm.socket_listen.ask(tcp, 1), ['a_t a_t tcp_socket { listen }', 0]],
    ['accept', () => lsm.socket_accept.ask(tcp, tcp), ['a_t a_t tcp_socket { accept }', 0]],
    ['getsockname', () => lsm.socket_getsockname.ask(tcp), ['a_t a_t tcp_socket { getattr }', 0]],
    ['getpeername', () => lsm.socket_getpeername.ask(tcp), ['a_t a_t tcp_socket { getattr }', 0]],
    ['getsockopt', () => lsm.socket_getsockopt.ask(tcp, 1, 1), ['a_t a_t tcp_socket { getopt }', 0]],
    ['setsockopt', () => lsm.socket_setsockopt.ask(tcp, 1, 1), ['a_t a_t tcp_socket { setopt }', 0]],
    ['shutdown', () => lsm.socket_shutdown.ask(tcp, 0), ['a_t a_t tcp_socket { shutdown }', 0]],
    ['sendmsg to somebody else\'s',
      () => lsm.socket_sendmsg.ask(other, { msg_name: null, msg_flags: 0, control: [] }, 1),
      ['a_t b_t unix_stream_socket { write }', 0]],
    ['sendmsg that connects',
      () => lsm.socket_sendmsg.ask(tcp, { msg_name: inet(80), msg_flags: MSG_FASTOPEN, control: [] }, 1),
      ['a_t a_t tcp_socket { write }', 'a_t a_t tcp_socket { connect }', 'a_t http_t tcp_socket { name_connect }', 0]],
    ['recvmsg', () => lsm.socket_recvmsg.ask(other, { msg_name: null, msg_flags: 0, control: [] }, 1, 0),
      ['a_t b_t unix_stream_socket { read }', 0]],
  ])('%s', (_name, call, checks) => {
    expect(m.checks('a_t', call)).toEqual(checks)
  })

  test('each is refused to a domain without rights', () => {
    const own = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP, 'b_t')
    expect(m.checks('n_t', () => lsm.socket_listen.ask(own, 1)))
      .toEqual(['DENIED n_t b_t tcp_socket { listen }', -EACCES])
    expect(m.checks('n_t', () => lsm.socket_bind.ask(own, inet(80), 16)))
      .toEqual(['DENIED n_t b_t tcp_socket { bind }', -EACCES])
  })
})

describe('unix sockets', () => {
  const client = m.as(m.task('a_t', 's0:c1'), () => build.aSocket({ family: AF_UNIX }))
  const server = socket(AF_UNIX, SOCK_STREAM, 0, 'b_t')
  const accepted = build.aSock({ sk_family: AF_UNIX })
  const peer = ({ sk }: { sk: Sock | null }): string | number => {
    const holder = build.aSocket({ family: AF_UNIX, sk: sk! })
    // making the holder has labelled the sock anew: only the peer is looked at
    const out = { value: null as Uint8Array | null, length: 0 }
    const rc = lsm.socket_getpeersec_stream.ask(holder, out, ref(0), 100)
    return rc < 0 ? rc : new TextDecoder().decode(out.value!)
  }

  test('connect: the accepted one is the server at the client\'s level', () => {
    expect(m.checks('a_t', () => lsm.unix_stream_connect.ask(client.sk!, server.sk!, accepted)))
      .toEqual(['a_t b_t unix_stream_socket { connectto }', 0])
    const flow = { flowic_secid: 0, flowic_mark: 0, flowic_proto: 0 }
    lsm.sk_getsecid.tell(accepted, flow)
    expect(m.text(flow.flowic_secid)).toBe('u:r:b_t:s0:c1')
    expect(peer({ sk: client.sk })).toBe('u:r:b_t:s0:c1\0')
    expect(peer({ sk: accepted })).toBe('u:r:a_t:s0:c1\0')
  })

  test('a pair are each other\'s peers; nobody\'s peer is an error, and so is little room', () => {
    const [a, b] = [socket(AF_UNIX, SOCK_STREAM), socket(AF_UNIX, SOCK_STREAM, 0, 'b_t')]
    expect(lsm.socket_socketpair.ask(a, b)).toBe(0)
    const out = { value: null, length: 0 }
    expect(lsm.socket_getpeersec_stream.ask(a, out, ref(0), 3)).toBe(-ERANGE)
    expect(out.length).toBe('u:r:b_t:s0'.length + 1)
    expect(lsm.socket_getpeersec_stream.ask(socket(AF_UNIX, SOCK_DGRAM), out, ref(0), 100)).toBe(-ENOPROTOOPT)
    const secid = ref(0)
    expect(lsm.socket_getpeersec_dgram.ask(b, null, secid)).toBe(0)
    expect(m.text(secid.value)).toBe(domain('b_t'))
  })

  test('send', () => {
    const from = socket(AF_UNIX, SOCK_DGRAM)
    const to = socket(AF_UNIX, SOCK_DGRAM, 0, 'b_t')
    expect(m.checks('n_t', () => lsm.unix_may_send.ask(from, to))).toEqual(['a_t b_t unix_dgram_socket { sendto }', 0])
  })
})

describe('packets', () => {
  const receiver = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP).sk!
  const skb = () => build.anSkb({ secmark: m.sid(object('o_t')) })

  test('are not looked at unless marks or labels are in use', () => {
    expect(m.checks('a_t', () => lsm.socket_sock_rcv_skb.ask(receiver, skb()))).toEqual([0])
  })

  test('by mark, while a rule of the packet filter sets some', () => {
    expect(m.checks('a_t', () => lsm.secmark_relabel_packet.ask(m.sid(object('o_t')))))
      .toEqual(['a_t o_t packet { relabelto }', 0])
    lsm.secmark_refcount_inc.tell()
    expect(m.checks('a_t', () => lsm.socket_sock_rcv_skb.ask(receiver, skb()))).toEqual(['a_t o_t packet { recv }', 0])
    lsm.secmark_refcount_dec.tell()
    expect(m.checks('a_t', () => lsm.socket_sock_rcv_skb.ask(receiver, skb()))).toEqual([0])
  })

  test('by label: interface, address, peer; a connection gets both ends\' labels', () => {
    const options = new Map<object, object | null>()
    const carry = (who: object, option: object | null): number => {
      options.set(who, option)
      return 0
    }
    const wired = new Machine({ netlabel: true }, { netlbl_sock_setattr: carry, netlbl_req_setattr: carry })
    const { lsm: net, build: make } = wired
    const from = wired.as('b_t', () => make.aSocket({ family: AF_INET, protocol: IPPROTO_TCP })).sk!
    const to = wired.as('a_t', () => make.aSocket({ family: AF_INET, protocol: IPPROTO_TCP })).sk!
    const packet = make.anSkb({ netlabel: options.get(from) })
    expect(wired.checks('a_t', () => net.socket_sock_rcv_skb.ask(to, packet))).toEqual([
      'b_t lo_t netif { ingress }', 'b_t near_t node { recvfrom }', 'a_t b_t peer { recv }', 0,
    ])
    const request = make.aRequest()
    expect(net.inet_conn_request.ask(to, packet, request)).toBe(0)
    expect([wired.text(request.secid), wired.text(request.peer_secid)]).toEqual([domain('a_t'), domain('b_t')])
    const child = make.aSock({ sk_family: AF_INET })
    net.inet_csk_clone.tell(child, request)
    net.inet_conn_established.tell(from, make.anSkb({ netlabel: options.get(to) }))
    expect(options.get(child)).toBeDefined()
    const flow = { flowic_secid: 0, flowic_mark: 0, flowic_proto: 6 }
    net.req_classify_flow.tell(request, flow)
    expect(wired.text(flow.flowic_secid)).toBe(domain('a_t'))
  })

  test('always, where the policy says so', () => {
    const always = new Machine({ policy: testPolicy('(policycap always_check_network)') })
    const to = always.as('a_t', () => always.build.aSocket({ family: AF_INET, protocol: IPPROTO_TCP })).sk!
    expect(always.checks('a_t', () => always.lsm.socket_sock_rcv_skb.ask(to, always.build.anSkb()))).toEqual([
      'unlabeled_t lo_t netif { ingress }', 'unlabeled_t near_t node { recvfrom }', 'a_t unlabeled_t peer { recv }',
      'a_t unlabeled_t packet { recv }', 0,
    ])
  })
})

describe('netlink', () => {
  const message = (type: number, length = 16): Uint8Array => {
    const data = new Uint8Array(Math.max(length, 16))
    const view = new DataView(data.buffer)
    view.setUint32(0, length, true)
    view.setUint16(4, type, true)
    return data
  }
  const send = (protocol: number, who: string, ...types: number[]): (string | number)[] => {
    const { sk } = socket(AF_NETLINK, SOCK_RAW, protocol)
    const data = Uint8Array.from(types.flatMap((type) => [...message(type)]))
    return m.checks(who, () => lsm.netlink_send.ask(sk!, build.anSkb({ data, len: data.length })))
  }

  test.each([
    ['RTM_GETLINK', NETLINK_ROUTE, 18, 'netlink_route_socket { nlmsg_read }'],
    ['RTM_NEWLINK', NETLINK_ROUTE, 16, 'netlink_route_socket { nlmsg_write }'],
    ['RTM_GETNEXTHOP', NETLINK_ROUTE, 106, 'netlink_route_socket { nlmsg_read }'],
    ['AUDIT_GET', NETLINK_AUDIT, 1000, 'netlink_audit_socket { nlmsg_read }'],
    ['AUDIT_USER', NETLINK_AUDIT, 1005, 'netlink_audit_socket { nlmsg_relay }'],
    ['AUDIT_TTY_SET', NETLINK_AUDIT, 1017, 'netlink_audit_socket { nlmsg_tty_audit }'],
    ['AUDIT_LIST_RULES', NETLINK_AUDIT, 1013, 'netlink_audit_socket { nlmsg_readpriv }'],
    ['a user message', NETLINK_AUDIT, 1150, 'netlink_audit_socket { nlmsg_relay }'],
    ['XFRM_MSG_GETSA', NETLINK_XFRM, 18, 'netlink_xfrm_socket { nlmsg_read }'],
    ['XFRM_MSG_FLUSHSA', NETLINK_XFRM, 28, 'netlink_xfrm_socket { nlmsg_write }'],
  ])('%s', (_name, protocol, type, check) => {
    expect(send(protocol, 'a_t', type)).toEqual([`a_t a_t ${check}`, 0])
    expect(send(protocol, 'n_t', type)).toEqual([`DENIED n_t a_t ${check}`, -EACCES])
  })

  test('every message of a packet is looked at', () => {
    expect(send(NETLINK_ROUTE, 'a_t', 18, 16)).toHaveLength(3)
  })

  test('types that nobody knows are refused, other classes have none', () => {
    expect(send(NETLINK_ROUTE, 'a_t', 250)).toEqual([-EINVAL])
    expect(m.log.at(-1)).toContain('nlmsg_type=250 sclass=netlink_route_socket')
    expect(send(NETLINK_AUDIT, 'a_t', 1099)).toEqual([-EINVAL])
    expect(send(16, 'a_t', 250)).toEqual([0])
  })

  test('a message that is cut short is nobody\'s', () => {
    const { sk } = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
    const data = message(18, 400).subarray(0, 40)
    expect(m.checks('n_t', () => lsm.netlink_send.ask(sk!, build.anSkb({ data, len: 40 })))).toEqual([0])
  })
})

describe('SCTP', () => {
  const listening = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP).sk!
  const association = () => ({ base: { sk: listening }, secid: 0, peer_secid: 0 })

  test('the first association settles the peer\'s label', () => {
    const asoc = association()
    expect(m.checks('a_t', () => lsm.sctp_assoc_request.ask(asoc, build.anSkb()))).toEqual([0])
    expect([m.text(asoc.secid), m.text(asoc.peer_secid)]).toEqual(['u:r:a_t:s0', object('unlabeled_t')])
    expect(m.checks('a_t', () => lsm.sctp_assoc_established.ask(association(), build.anSkb()))).toEqual([0])
    const next = build.aSock({ sk_family: AF_INET })
    lsm.sctp_sk_clone.tell(asoc, listening, next)
    expect(m.checks('b_t', () => lsm.socket_listen.ask(build.aSocket({ family: AF_INET, protocol: IPPROTO_SCTP }), 1)))
      .toEqual(['b_t b_t sctp_socket { listen }', 0])
  })

  test('addresses of a bind or connect are checked one by one', () => {
    const raw = Uint8Array.from([...inet(80).raw, ...inet(81).raw])
    const two = { ...inet(80), raw }
    const BINDX_ADD = 100
    const CONNECTX = 110
    expect(m.checks('a_t', () => lsm.sctp_bind_connect.ask(listening, BINDX_ADD, two, 32)).slice(0, -1)).toHaveLength(6)
    expect(m.checks('a_t', () => lsm.sctp_bind_connect.ask(listening, CONNECTX, two, 32)).slice(0, -1)).toHaveLength(4)
    expect(lsm.sctp_bind_connect.ask(listening, BINDX_ADD, { ...two, raw: raw.subarray(0, 20) }, 20)).toBe(-EINVAL)
  })
})

describe('devices', () => {
  test('tunnels', () => {
    const dev = m.as('b_t', () => build.aTunDev())
    expect(m.checks('a_t', () => lsm.tun_dev_create.ask())).toEqual(['a_t a_t tun_socket { create }', 0])
    expect(m.checks('a_t', () => lsm.tun_dev_attach_queue.ask(dev))).toEqual(['a_t b_t tun_socket { attach_queue }', 0])
    expect(m.checks('a_t', () => lsm.tun_dev_open.ask(dev)))
      .toEqual(['a_t b_t tun_socket { relabelfrom }', 'a_t a_t tun_socket { relabelto }', 0])
    expect(m.checks('a_t', () => lsm.tun_dev_attach_queue.ask(dev))).toEqual(['a_t a_t tun_socket { attach_queue }', 0])
    const sk = build.aSock()
    expect(lsm.tun_dev_attach.ask(sk, dev)).toBe(0)
    expect(m.checks('n_t', () => lsm.tun_dev_create.ask())).toEqual(['DENIED n_t n_t tun_socket { create }', -EACCES])
  })

  test('InfiniBand', () => {
    const agent = m.as('a_t', () => build.anInfiniBandAgent())
    const LINK_LOCAL = Number(0xfe80000000000000n)
    expect(m.checks('n_t', () => lsm.ib_pkey_access.ask(agent, LINK_LOCAL, 5)))
      .toEqual(['a_t pkey_t infiniband_pkey { access }', 0])
    expect(m.checks('n_t', () => lsm.ib_pkey_access.ask(agent, LINK_LOCAL, 6)))
      .toEqual(['a_t unlabeled_t infiniband_pkey { access }', 0])
    expect(m.checks('n_t', () => lsm.ib_endport_manage_subnet.ask(agent, 'mlx5_0', 1)))
      .toEqual(['a_t end_t infiniband_endport { manage_subnet }', 0])
  })
})

describe('labelled IPsec', () => {
  const user = (ctx_str: string) => ({ ctx_doi: 1, ctx_alg: 1, ctx_str })
  const policyOf = (): XfrmSecCtx => {
    const out = ref<XfrmSecCtx | null>(null)
    expect(m.checks('a_t', () => lsm.xfrm_policy_alloc_security.ask(out, user(object('o_t')), 0)))
      .toEqual(['a_t o_t association { setcontext }', 0])
    return out.value!
  }

  test('policies', () => {
    const ctx = policyOf()
    const copy = ref<XfrmSecCtx | null>(null)
    expect(lsm.xfrm_policy_clone_security.ask(ctx, copy)).toBe(0)
    expect(copy.value).toEqual(ctx)
    expect(m.checks('n_t', () => lsm.xfrm_policy_delete_security.ask(ctx)))
      .toEqual(['DENIED n_t o_t association { setcontext }', -EACCES])
    const a = m.sid(domain('a_t'))
    expect(m.checks('n_t', () => lsm.xfrm_policy_lookup.ask(ctx, a))).toEqual(['a_t o_t association { polmatch }', 0])
    const n = m.sid(domain('n_t'))
    expect(m.checks('a_t', () => lsm.xfrm_policy_lookup.ask(ctx, n)).at(-1)).toBe(-ESRCH)
    expect(lsm.xfrm_policy_alloc_security.ask(copy, { ...user(object('o_t')), ctx_alg: 2 }, 0)).toBe(-EINVAL)
    expect(lsm.xfrm_policy_alloc_security.ask(copy, user('nonsense'), 0)).toBe(-EINVAL)
  })

  test('states and flows', () => {
    const state = { security: null as XfrmSecCtx | null }
    const a = m.sid(domain('a_t'))
    expect(lsm.xfrm_state_alloc_acquire.ask(state, policyOf(), a)).toBe(0)
    expect(state.security!.ctx_str).toBe(domain('a_t'))
    const flow = (sid: number) => ({ flowic_secid: sid, flowic_mark: 0, flowic_proto: 0 })
    const matched = (policy: XfrmSecCtx | null, sid: number): number =>
      lsm.xfrm_state_pol_flow_match.ask(state, { security: policy }, flow(sid))
    expect([matched(policyOf(), a), matched(policyOf(), m.sid(domain('b_t'))), matched(null, a)]).toEqual([1, 0, 0])
    expect(m.checks('a_t', () => lsm.xfrm_state_delete_security.ask(state)))
      .toEqual(['a_t a_t association { setcontext }', 0])
    lsm.xfrm_state_free_security.tell(state)
    expect([state.security, matched(null, a)]).toEqual([null, 1])
    expect(lsm.xfrm_state_alloc.ask(state, user(object('o_t')))).toBe(0)
  })
})
