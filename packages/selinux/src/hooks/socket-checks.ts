/** Code shared by the hooks of sockets: the socket itself, and labels of packets. */
import { AF_INET, AF_INET6 } from '@lsmkit/abi'
import type { SkBuff, Sock } from '@lsmkit/core'
import { SECINITSID_INIT, SECINITSID_KERNEL, SECINITSID_UNLABELED, SECSID_NULL } from '../initial-sids.ts'
import { XPERM_NLMSG } from '../server/decision.ts'
import { currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'
import { socketClass } from '../socket-class.ts'

/** ETH_P_IP, ETH_P_IPV6. */
const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd

/** As `sock_skip_has_perm`: sockets of the kernel's own, and of init before its policy knows it. */
const skips = ({ server }: Selinux, sid: number): boolean =>
  sid === SECINITSID_KERNEL || (sid === SECINITSID_INIT && !server.policyCap('userspace_initial_context'))

/** As `sock_has_perm`: what the running task may do with a socket. */
export const sockHas = (selinux: Selinux, sk: Sock, perms: number): number => {
  const { sid, sclass } = selinux.blobs.sock(sk)
  return skips(selinux, sid) ? 0 : selinux.avc.hasPerm(currentSid(selinux), sid, sclass, perms, 'net', { sk })
}

/** As `nlmsg_sock_has_extended_perms`: the same for one type of netlink message. */
export const sockHasMessage = (selinux: Selinux, sk: Sock, perms: number, type: number): number => {
  const { sid, sclass } = selinux.blobs.sock(sk)
  if (skips(selinux, sid)) return 0
  return selinux.avc.hasExtendedPerms(
    currentSid(selinux), sid, sclass, perms, type >> 8, XPERM_NLMSG, type & 0xff, 'nlmsgtype', type,
  )
}

export const classOf = ({ server, release }: Selinux, family: number, type: number, protocol: number): number =>
  socketClass(family, type, protocol, {
    isExtended: server.policyCap('extended_socket_class'), hasDccp: release.hasDccp,
  })

/** The family of a packet; null of one that is neither. */
export const familyOf = ({ protocol }: SkBuff): number | null => {
  if (protocol === ETH_P_IP) return AF_INET
  return protocol === ETH_P_IPV6 ? AF_INET6 : null
}

/** The label on a packet (netlabel on the loopback): the sender's label. */
export class PacketLabel {
  readonly sid: number

  constructor(sid: number) {
    this.sid = sid
  }
}

/** As `selinux_skb_peerlbl_sid`: the label a packet carries, SECSID_NULL of none. */
export const peerSid = (skb: SkBuff): number => (skb.netlabel instanceof PacketLabel ? skb.netlabel.sid : SECSID_NULL)

/** As `selinux_conn_sid`: of a connection, by the socket that listens and the packet that asks. SID or -errno. */
export const connectionSid = ({ server }: Selinux, sk: number, peer: number): number =>
  peer === SECSID_NULL ? sk : server.mlsCopySid(sk, peer)

/** A check may be asked about no label at all: that counts as unlabelled. */
export const orUnlabeled = (sid: number): number => (sid === SECSID_NULL ? SECINITSID_UNLABELED : sid)

/** As `selinux_netlbl_socket_post_create` and its kin: packets carry the label from now on, where they are to. */
export const labelPackets = (selinux: Selinux, sk: Sock): number => {
  if (!selinux.netlabel || (sk.sk_family !== AF_INET && sk.sk_family !== AF_INET6)) return 0
  const state = selinux.blobs.sock(sk)
  const rc = selinux.ctx.host.netlbl_sock_setattr?.(sk, new PacketLabel(state.sid)) ?? 0
  state.labeled = rc === 0
  return rc
}
