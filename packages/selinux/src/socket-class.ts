/** Classes of sockets. */
import {
  AF_ALG, AF_APPLETALK, AF_ATMPVC, AF_ATMSVC, AF_AX25, AF_BLUETOOTH, AF_CAIF, AF_CAN, AF_DECnet, AF_IEEE802154, AF_INET,
  AF_INET6, AF_IPX, AF_IRDA, AF_ISDN, AF_IUCV, AF_KCM, AF_KEY, AF_LLC, AF_MCTP, AF_NETLINK, AF_NETROM, AF_NFC,
  AF_PACKET, AF_PHONET, AF_PPPOX, AF_QIPCRTR, AF_RDS, AF_ROSE, AF_RXRPC, AF_SMC, AF_TIPC, AF_UNIX, AF_VSOCK, AF_X25,
  AF_XDP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_MPTCP, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP,
  IPPROTO_UDPLITE, NETLINK_AUDIT, NETLINK_CONNECTOR, NETLINK_CRYPTO, NETLINK_DNRTMSG, NETLINK_FIB_LOOKUP,
  NETLINK_GENERIC, NETLINK_ISCSI, NETLINK_KOBJECT_UEVENT, NETLINK_NETFILTER, NETLINK_NFLOG, NETLINK_RDMA, NETLINK_ROUTE,
  NETLINK_SCSITRANSPORT, NETLINK_SELINUX, NETLINK_SOCK_DIAG, NETLINK_XFRM, SOCK_DCCP, SOCK_DGRAM, SOCK_RAW,
  SOCK_SEQPACKET, SOCK_STREAM,
} from '@lsmkit/abi'
import { SECCLASS } from './class-map.ts'

const netlink = new Map([
  [NETLINK_ROUTE, SECCLASS.netlink_route_socket], [NETLINK_SOCK_DIAG, SECCLASS.netlink_tcpdiag_socket],
  [NETLINK_NFLOG, SECCLASS.netlink_nflog_socket], [NETLINK_XFRM, SECCLASS.netlink_xfrm_socket],
  [NETLINK_SELINUX, SECCLASS.netlink_selinux_socket], [NETLINK_ISCSI, SECCLASS.netlink_iscsi_socket],
  [NETLINK_AUDIT, SECCLASS.netlink_audit_socket], [NETLINK_FIB_LOOKUP, SECCLASS.netlink_fib_lookup_socket],
  [NETLINK_CONNECTOR, SECCLASS.netlink_connector_socket], [NETLINK_NETFILTER, SECCLASS.netlink_netfilter_socket],
  [NETLINK_DNRTMSG, SECCLASS.netlink_dnrt_socket], [NETLINK_KOBJECT_UEVENT, SECCLASS.netlink_kobject_uevent_socket],
  [NETLINK_GENERIC, SECCLASS.netlink_generic_socket], [NETLINK_SCSITRANSPORT, SECCLASS.netlink_scsitransport_socket],
  [NETLINK_RDMA, SECCLASS.netlink_rdma_socket], [NETLINK_CRYPTO, SECCLASS.netlink_crypto_socket],
])

/** Families that have had classes of their own since the policy capability extended_socket_class. */
const extended = new Map([
  [AF_AX25, SECCLASS.ax25_socket], [AF_IPX, SECCLASS.ipx_socket], [AF_NETROM, SECCLASS.netrom_socket],
  [AF_ATMPVC, SECCLASS.atmpvc_socket], [AF_X25, SECCLASS.x25_socket], [AF_ROSE, SECCLASS.rose_socket],
  [AF_DECnet, SECCLASS.decnet_socket], [AF_ATMSVC, SECCLASS.atmsvc_socket], [AF_RDS, SECCLASS.rds_socket],
  [AF_IRDA, SECCLASS.irda_socket], [AF_PPPOX, SECCLASS.pppox_socket], [AF_LLC, SECCLASS.llc_socket],
  [AF_CAN, SECCLASS.can_socket], [AF_TIPC, SECCLASS.tipc_socket], [AF_BLUETOOTH, SECCLASS.bluetooth_socket],
  [AF_IUCV, SECCLASS.iucv_socket], [AF_RXRPC, SECCLASS.rxrpc_socket], [AF_ISDN, SECCLASS.isdn_socket],
  [AF_PHONET, SECCLASS.phonet_socket], [AF_IEEE802154, SECCLASS.ieee802154_socket], [AF_CAIF, SECCLASS.caif_socket],
  [AF_ALG, SECCLASS.alg_socket], [AF_NFC, SECCLASS.nfc_socket], [AF_VSOCK, SECCLASS.vsock_socket],
  [AF_KCM, SECCLASS.kcm_socket], [AF_QIPCRTR, SECCLASS.qipcrtr_socket], [AF_SMC, SECCLASS.smc_socket],
  [AF_XDP, SECCLASS.xdp_socket], [AF_MCTP, SECCLASS.mctp_socket],
])

/** Which sockets have classes of their own. */
export interface SocketClasses {
  /** The policy capability extended_socket_class. */
  readonly isExtended: boolean
  /** The kernel release has DCCP. */
  readonly hasDccp: boolean
}

const UDP: ReadonlySet<number> = new Set([IPPROTO_IP, IPPROTO_UDP, IPPROTO_UDPLITE])

const inetClass = (type: number, protocol: number, { isExtended, hasDccp }: SocketClasses): number => {
  switch (type) {
    case SOCK_STREAM:
    case SOCK_SEQPACKET:
      if (protocol === IPPROTO_IP || protocol === IPPROTO_TCP || protocol === IPPROTO_MPTCP) return SECCLASS.tcp_socket
      return isExtended && protocol === IPPROTO_SCTP ? SECCLASS.sctp_socket : SECCLASS.rawip_socket
    case SOCK_DGRAM:
      if (UDP.has(protocol)) return SECCLASS.udp_socket
      if (isExtended && (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6)) return SECCLASS.icmp_socket
      return SECCLASS.rawip_socket
    case SOCK_DCCP:
      return hasDccp ? SECCLASS.dccp_socket : SECCLASS.rawip_socket
    default:
      return SECCLASS.rawip_socket
  }
}

/** As `socket_type_to_security_class`. */
export const socketClass = (family: number, type: number, protocol: number, classes: SocketClasses): number => {
  switch (family) {
    case AF_UNIX:
      if (type === SOCK_STREAM || type === SOCK_SEQPACKET) return SECCLASS.unix_stream_socket
      return type === SOCK_DGRAM || type === SOCK_RAW ? SECCLASS.unix_dgram_socket : SECCLASS.socket
    case AF_INET:
    case AF_INET6:
      return inetClass(type, protocol, classes)
    case AF_NETLINK:
      return netlink.get(protocol) ?? SECCLASS.netlink_socket
    case AF_PACKET:
      return SECCLASS.packet_socket
    case AF_KEY:
      return SECCLASS.key_socket
    case AF_APPLETALK:
      return SECCLASS.appletalk_socket
    default:
      return (classes.isExtended ? extended.get(family) : undefined) ?? SECCLASS.socket
  }
}
