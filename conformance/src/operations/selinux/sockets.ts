/** Operations of selinux-ops.tsv on sockets, and descriptors that come through them. */
import { each } from '../operation.ts'
import type { Operations } from '../operation.ts'

const socket = (family: string, type: string, protocol = '0'): string => `s = socket(${family}, ${type}, ${protocol})`
const TCP = socket('AF_INET', 'SOCK_STREAM')
const TCP6 = socket('AF_INET6', 'SOCK_STREAM')
const UDP = socket('AF_INET', 'SOCK_DGRAM')
const STREAM = socket('AF_UNIX', 'SOCK_STREAM')
const DGRAM = socket('AF_UNIX', 'SOCK_DGRAM')
const PAIR = 'socketpair(AF_UNIX, SOCK_STREAM, 0, sp)'

const netlink = (protocol: string, type: string, flags = 'NLM_F_REQUEST'): string =>
  `${socket('AF_NETLINK', 'SOCK_RAW', protocol)}; netlink_send(s, ${type}, ${flags}, 16)`
const matrix = (protocol: string, from: number, to: number) => ({
  act: `${socket('AF_NETLINK', 'SOCK_RAW', protocol)}; netlink_matrix(s, ${from}, ${to})`,
  tells: ['text', `types${from}-${to}=`] as const,
})
/** A descriptor of `f` waits in a socket of kernel_t. */
const sent = (flags: string): string =>
  `socketpair(AF_UNIX, SOCK_DGRAM, 0, sp); fd = open("f", ${flags}); send_fd(sp[0], fd); close(fd)`

/** The other task has a server there. */
const TCP_SERVER = `${TCP}; bind(s, i4(5555), 16); listen(s, 5)`
const served = (other: string, acts: Readonly<Record<string, string>>): Operations => each({ other }, acts)

export const socketOperations: Operations = {
  ...each({}, {
    sock_unix_stream: STREAM,
    sock_unix_dgram: DGRAM,
    sock_unix_seqpacket: socket('AF_UNIX', 'SOCK_SEQPACKET'),
    sock_tcp4: TCP,
    sock_tcp6: TCP6,
    sock_udp4: UDP,
    sock_raw4: socket('AF_INET', 'SOCK_RAW', 'IPPROTO_ICMP'),
    sock_packet: socket('AF_PACKET', 'SOCK_RAW'),
    sock_packet_bind: `${socket('AF_PACKET', 'SOCK_DGRAM')}; struct sockaddr_ll a = { AF_PACKET, htons(3), 1 };
      bind(s, &a, sizeof a)`,
    socketpair_unix: PAIR,
    unix_pair_rw: `${PAIR}; write(sp[0], "x", 1); read(sp[1], buf, 1)`,
    unix_pair_sendrecv: `${PAIR}; send(sp[0], "x", 1, 0); recv(sp[1], buf, 1, 0)`,
    unix_bind_abstract: `${STREAM}; bind(s, ab("own"), 6)`,
    unix_listen_accept: `${STREAM}; bind(s, ab("own"), 6); listen(s, 1);
      t = socket(AF_UNIX, SOCK_STREAM, 0); connect(t, ab("own"), 6); accept4(s, NULL, NULL, SOCK_NONBLOCK)`,
    sock_shutdown: `${PAIR}; shutdown(sp[0], 2)`,
    sock_getsockopt: `${TCP}; len = 4; getsockopt(s, SOL_SOCKET, SO_TYPE, &one, &len)`,
    sock_setsockopt: `${TCP}; setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 4)`,
    sock_mark: `${UDP}; int m = 5; setsockopt(s, SOL_SOCKET, SO_MARK, &m, 4)`,
    cap_net_raw: `${UDP}; setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3)`,
    sock_getsockname: `${TCP}; len = 16; getsockname(s, buf, &len)`,
    sock_ioctl: `${UDP}; struct ifreq r = { "lo" }; ioctl(s, SIOCGIFADDR, &r)`,
    sock_ioctl_setflags: `${UDP}; struct ifreq r = { "lo", 1 }; ioctl(s, SIOCSIFFLAGS, &r)`,
    sock_fstat: `${TCP}; fstat(s, buf)`,
    tcp4_bind_high: `${TCP}; bind(s, i4(5558), 16)`,
    tcp4_bind_any: `${TCP}; bind(s, any4(5558), 16)`,
    tcp4_bind_zero: `${TCP}; bind(s, i4(0), 16)`,
    tcp4_bind_ephemeral: `${TCP}; bind(s, i4(40000), 16)`,
    tcp4_bind_low: `${TCP}; bind(s, i4(80), 16)`,
    tcp6_bind: `${TCP6}; bind(s, i6(5558), 28)`,
    udp4_bind: `${UDP}; bind(s, i4(5558), 16)`,
    tcp4_listen: `${TCP}; bind(s, i4(5558), 16); listen(s, 1)`,
    tcp4_connect_refused: `${TCP}; connect(s, i4(81), 16)`,
    udp4_self: `${UDP}; bind(s, i4(5559), 16); sendto(s, "x", 1, 0, i4(5559), 16);
      struct pollfd p = { s, POLLIN }; poll(&p, 1, 1000); recv(s, buf, 1, 0)`,
    socket_after_relabel: `${TCP}; attr("current", dom("y_t")); len = 16; getsockname(s, buf, &len)`,

    nl_route_socket: `${socket('AF_NETLINK', 'SOCK_RAW', 'NETLINK_ROUTE')}; bind(s, netlink_group(0), 12)`,
    nl_route_getlink: netlink('NETLINK_ROUTE', '18', '0x301'),
    nl_route_newlink: netlink('NETLINK_ROUTE', '16'),
    nl_route_getneigh: netlink('NETLINK_ROUTE', '30', '0x301'),
    nl_route_delroute: netlink('NETLINK_ROUTE', '25'),
    nl_route_unknown: netlink('NETLINK_ROUTE', '250'),
    nl_diag: netlink('NETLINK_SOCK_DIAG', '20'),
    nl_audit_get: netlink('NETLINK_AUDIT', '1000'),
    nl_audit_user: netlink('NETLINK_AUDIT', '1005'),
    nl_audit_listrules: netlink('NETLINK_AUDIT', '1013'),
    nl_audit_ttyget: netlink('NETLINK_AUDIT', '1016'),
    nl_audit_ttyset: netlink('NETLINK_AUDIT', '1017'),
    nl_audit_unknown: netlink('NETLINK_AUDIT', '1099'),
    nl_generic: netlink('NETLINK_GENERIC', '16', '0x301'),
    nl_kobject: `${socket('AF_NETLINK', 'SOCK_DGRAM', 'NETLINK_KOBJECT_UEVENT')}; bind(s, netlink_group(1), 12)`,
    nl_selinux_socket: `${socket('AF_NETLINK', 'SOCK_RAW', 'NETLINK_SELINUX')}; bind(s, netlink_group(1), 12)`,
    nl_xfrm: socket('AF_NETLINK', 'SOCK_RAW', 'NETLINK_XFRM'),
  }),
  nl_route_matrix: matrix('NETLINK_ROUTE', 16, 130),
  nl_audit_matrix: matrix('NETLINK_AUDIT', 1000, 1030),
  nl_diag_matrix: matrix('NETLINK_SOCK_DIAG', 16, 30),
  sock_ping4: {
    setup: 'put("/proc/sys/net/ipv4/ping_group_range", "0 0")', act: socket('AF_INET', 'SOCK_DGRAM', 'IPPROTO_ICMP'),
  },
  sock_inherited_write: { setup: PAIR, act: 'write(sp[0], "x", 1)' },

  ...served(`${STREAM}; bind(s, ab("srv"), 6); listen(s, 5)`, {
    unix_stream_connect: `${STREAM}; connect(s, ab("srv"), 6)`,
  }),
  unix_peersec: {
    other: `${STREAM}; bind(s, ab("srv"), 6); listen(s, 5)`,
    act: `${STREAM}; connect(s, ab("srv"), 6); len = 256; getsockopt(s, SOL_SOCKET, SO_PEERSEC, note, &len)`,
    tells: ['text', 'peersec='],
  },
  // kernel_t names the label of the socket's file
  unix_stream_connect_path: {
    other: `${STREAM}; bind(s, ua("sock"), 110); listen(s, 5); label("sock", "d_t")`,
    act: `${STREAM}; connect(s, ua("sock"), 110)`,
  },
  ...served(`${DGRAM}; bind(s, ab("dgr"), 6)`, {
    unix_dgram_connect: `${DGRAM}; connect(s, ab("dgr"), 6)`,
    unix_dgram_sendto: `${DGRAM}; sendto(s, "x", 1, 0, ab("dgr"), 6)`,
    unix_dgram_connect_send: `${DGRAM}; connect(s, ab("dgr"), 6); send(s, "x", 1, 0)`,
  }),
  ...served(TCP_SERVER, {
    sock_getpeername: `${TCP}; connect(s, i4(5555), 16); len = 16; getpeername(s, buf, &len)`,
    tcp4_connect_send: `${TCP}; connect(s, i4(5555), 16); write(s, "x", 1)`,
    tcp4_disconnect: `${TCP}; connect(s, i4(5555), 16); struct sockaddr_in a = { AF_UNSPEC }; connect(s, &a, 16)`,
  }),
  ...served(`${TCP}; bind(s, i4(5556), 16); listen(s, 5)`, {
    tcp4_connect: `${TCP}; connect(s, i4(5556), 16)`,
    tcp4_fastopen: `${TCP}; sendto(s, "x", 1, MSG_FASTOPEN, i4(5556), 16)`,
  }),
  ...served(`${UDP}; bind(s, i4(5555), 16)`, {
    udp4_send: `${UDP}; sendto(s, "x", 1, 0, i4(5555), 16)`,
    udp4_connect: `${UDP}; connect(s, i4(5555), 16)`,
  }),
  tcp4_accept_read: {
    other: '',
    act: `${TCP}; bind(s, i4(5557), 16); listen(s, 5); struct pollfd p = { s, POLLIN };
      theirs((t = socket(AF_INET, SOCK_STREAM, 0), connect(t, i4(5557), 16), write(t, "hi", 2)));
      poll(&p, 1, 1000); t = accept(s, NULL, NULL); p.fd = t; poll(&p, 1, 1000); read(t, buf, 2)`,
  },
  unix_pass_fd: {
    act: 'socketpair(AF_UNIX, SOCK_DGRAM, 0, sp); fd = open("f", O_RDONLY); send_fd(sp[0], fd); recv_fd(sp[1])',
    tells: ['text', ''],
  },
  ...Object.fromEntries([['recv_fd_r', 'O_RDONLY'], ['recv_fd_w', 'O_WRONLY'], ['recv_fd_rw', 'O_RDWR']].map(
    ([name, flags]) => [name, { setup: sent(flags!), act: 'recv_fd(sp[1])', tells: ['text', ''] as const }],
  )),
}
