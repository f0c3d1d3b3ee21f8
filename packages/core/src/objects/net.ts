/** Sockets and packets (include/linux/{net,skbuff,socket}.h, include/net/{sock,flow,xfrm,request_sock}.h). */
import { num, numGiven, opt, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { File, Inode } from './fs.ts'
import type { Secured, Security } from './secured.ts'

/** `struct sock`. */
export const sockFields = {
  /** Address family, `AF_*`. */
  sk_family: numGiven('u16'),
  /** SOCK_STREAM, SOCK_DGRAM and so on. */
  sk_type: numGiven('u16'),
  /** `IPPROTO_*` or 0. */
  sk_protocol: numGiven('u16'),
  /** State of the connection: TCP_ESTABLISHED 1, TCP_LISTEN 10. */
  sk_state: num('u8'),
  /** Owner of the socket, a kuid. */
  sk_uid: num('kuid_t'),
  /** SO_MARK. */
  sk_mark: num('u32'),
  /** Index of the interface it is bound to; 0 for any. */
  sk_bound_dev_if: num('int'),
  /** Local port, in host order. */
  sk_num: num('u16'),
  /** Port of the peer, in host order; 0 when there is none. */
  sk_dport: num('u16'),
  /** Process id of the peer of a Unix socket; 0 when unknown. */
  sk_peer_pid: num('pid_t'),
  /** The socket that a program holds; null for requests and after close. */
  sk_socket: opt<Socket>('struct socket *'),
  /** Address family state: `unix_sock`, `inet_sock`. */
  sk_user_data: opt<object>('void *'),
  /** State of the LSMs; read it with your accessor. */
  security: opt<Security>('void *'),
}
/** The network's half of a socket: family, state, addresses (`struct sock`). */
export interface Sock extends ObjectOf<typeof sockFields>, Secured {}

/** `struct socket`. Its LSM state sits on its inode and on its sock. */
export const socketFields = {
  /** SOCK_STREAM, SOCK_DGRAM and so on. */
  type: numGiven('short'),
  /** SS_UNCONNECTED 1, SS_CONNECTED 3 and so on. */
  state: num('int'),
  /** `SOCK_*` flags: SOCK_PASSCRED, SOCK_PASSSEC. */
  flags: num('unsigned long'),
  /** The protocol socket; null before it is made and after close. */
  sk: opt<Sock>('struct sock *'),
  /** The open file; null before a descriptor is given. */
  file: opt<File>('struct file *'),
  /** SOCK_INODE(sock). */
  inode: ptr<Inode>('struct inode *'),
}
/** The half of a socket that a file descriptor leads to (`struct socket`). */
export interface Socket extends ObjectOf<typeof socketFields> {}

/** `struct sockaddr` decoded; `raw` is what the caller passed, length included. */
export interface Sockaddr {
  /** Address family, `AF_*`. */
  family: number
  /** AF_UNIX path or abstract name (leading NUL); AF_INET/6 address text. */
  addr: string
  /** Port in host order; 0 for families without. */
  port: number
  /** The bytes that the caller passed. */
  raw: Uint8Array
}

/** A message of sendmsg(2) and recvmsg(2) (`struct msghdr`). */
export interface Msghdr {
  /** Address to send to; null when the socket is connected. */
  msg_name: Sockaddr | null
  /** `MSG_*` flags. */
  msg_flags: number
  /** The bytes that are sent, copied in. A receive has none: the caller may change its room at any time. */
  user_data?: unknown
  /** Control messages: descriptors, credentials. */
  control: unknown[]
}

/** `struct sk_buff`, as far as LSMs look into it. */
export interface SkBuff {
  /** The socket it belongs to, or null. */
  sk: Sock | null
  /** ETH_P_IP, ETH_P_IPV6. */
  protocol: number
  /** Length in bytes. */
  len: number
  /** The bytes. */
  data: Uint8Array
  /** Mark of netfilter, a security id; 0 for none. */
  secmark: number
  /** Receiving interface. */
  dev: { name: string; ifindex: number } | null
  /** Address of the sender, as text. */
  saddr: string
  /** Address of the receiver, as text. */
  daddr: string
  /** Port of the sender, in host order. */
  sport: number
  /** Port of the receiver, in host order. */
  dport: number
  /** IPPROTO_TCP, IPPROTO_UDP and so on. */
  ip_protocol: number
  /** CIPSO or CALIPSO option as labelled by netlabel, if any. */
  netlabel: unknown
  /** AF_UNIX: secid of the sender. */
  secid: number
}

/** A TCP connection that is not yet accepted (`struct request_sock`). */
export interface RequestSock extends Secured {
  /** Security id that the connection will have. */
  secid: number
  /** Security id of the peer. */
  peer_secid: number
  /** The listening socket. */
  rsk_listener: Sock | null
}

/** The fields that a packet is routed by (`struct flowi_common`). */
export interface FlowiCommon {
  /** Security id of the flow. */
  flowic_secid: number
  /** Mark of the flow. */
  flowic_mark: number
  /** `IPPROTO_*`. */
  flowic_proto: number
}

/** An SCTP association (`struct sctp_association`). */
export interface SctpAssociation {
  /** `sk` is the socket. */
  base: { sk: Sock }
  /** Security id of this end. */
  secid: number
  /** Security id of the peer. */
  peer_secid: number
}

/** The label of an IPsec policy or state (`struct xfrm_sec_ctx`). */
export interface XfrmSecCtx {
  /** Domain of interpretation, XFRM_SC_DOI_LSM. */
  ctx_doi: number
  /** XFRM_SC_ALG_SELINUX. */
  ctx_alg: number
  /** Security id. */
  ctx_sid: number
  /** The label as text. */
  ctx_str: string
}
/** That label as user space passes it (`struct xfrm_user_sec_ctx`). */
export interface XfrmUserSecCtx {
  /** Domain of interpretation, XFRM_SC_DOI_LSM. */
  ctx_doi: number
  /** XFRM_SC_ALG_SELINUX. */
  ctx_alg: number
  /** The label as text. */
  ctx_str: string
}
/** A security association of IPsec (`struct xfrm_state`). */
export interface XfrmState {
  /** Its label, or null. */
  security: XfrmSecCtx | null
}
/** A policy of IPsec (`struct xfrm_policy`). */
export interface XfrmPolicy {
  /** Its label, or null. */
  security: XfrmSecCtx | null
}
