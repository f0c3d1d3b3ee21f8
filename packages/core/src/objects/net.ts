/** Sockets and packets (include/linux/{net,skbuff,socket}.h, include/net/{sock,flow,xfrm,request_sock}.h). */
import { num, numGiven, opt, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { File, Inode } from './fs.ts'
import type { Secured, Security } from './secured.ts'

/** `struct sock`. */
export const sockFields = {
  sk_family: numGiven('u16'),
  sk_type: numGiven('u16'),
  sk_protocol: numGiven('u16'),
  sk_state: num('u8'),
  sk_uid: num('kuid_t'),
  sk_mark: num('u32'),
  sk_bound_dev_if: num('int'),
  sk_num: num('u16'),
  sk_dport: num('u16'),
  sk_peer_pid: num('pid_t'),
  sk_socket: opt<Socket>('struct socket *'),
  /** Address family state: `unix_sock`, `inet_sock`. */
  sk_user_data: opt<object>('void *'),
  security: opt<Security>('void *'),
}
export interface Sock extends ObjectOf<typeof sockFields>, Secured {}

/** `struct socket`. Its LSM state sits on its inode and on its sock. */
export const socketFields = {
  type: numGiven('short'),
  state: num('int'),
  flags: num('unsigned long'),
  sk: opt<Sock>('struct sock *'),
  file: opt<File>('struct file *'),
  /** SOCK_INODE(sock). */
  inode: ptr<Inode>('struct inode *'),
}
export interface Socket extends ObjectOf<typeof socketFields> {}

/** `struct sockaddr` decoded; `raw` is what the caller passed, length included. */
export interface Sockaddr {
  family: number
  /** AF_UNIX path or abstract name (leading NUL); AF_INET/6 address text. */
  addr: string
  port: number
  raw: Uint8Array
}

export interface Msghdr {
  msg_name: Sockaddr | null
  msg_flags: number
  control: unknown[]
}

/** `struct sk_buff`, as far as LSMs look into it. */
export interface SkBuff {
  sk: Sock | null
  protocol: number
  len: number
  data: Uint8Array
  secmark: number
  /** Receiving interface. */
  dev: { name: string; ifindex: number } | null
  saddr: string
  daddr: string
  sport: number
  dport: number
  ip_protocol: number
  /** CIPSO or CALIPSO option as labelled by netlabel, if any. */
  netlabel: unknown
  /** AF_UNIX: secid of the sender. */
  secid: number
}

export interface RequestSock extends Secured {
  secid: number
  peer_secid: number
  rsk_listener: Sock | null
}

export interface FlowiCommon {
  flowic_secid: number
  flowic_mark: number
  flowic_proto: number
}

export interface SctpAssociation {
  base: { sk: Sock }
  secid: number
  peer_secid: number
}

export interface XfrmSecCtx {
  ctx_doi: number
  ctx_alg: number
  ctx_sid: number
  ctx_str: string
}
export interface XfrmUserSecCtx {
  ctx_doi: number
  ctx_alg: number
  ctx_str: string
}
export interface XfrmState {
  security: XfrmSecCtx | null
}
export interface XfrmPolicy {
  security: XfrmSecCtx | null
}
