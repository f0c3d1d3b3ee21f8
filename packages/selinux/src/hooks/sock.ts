/** Socks: their life from allocation to a finished connection. */
import { AF_INET, AF_INET6, AF_UNIX } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { currentHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECINITSID_ANY_SOCKET } from '../initial-sids.ts'
import type { Selinux } from '../state.ts'
import { connectionSid, labelPackets, PacketLabel, peerSid } from './socket-checks.ts'

export const sockHooks: HookTable<Selinux> = {
  /** The blob starts unlabelled, and of the class that has no name. */
  sk_alloc_security: () => 0,
  sk_free_security() {},

  sk_clone_security(selinux, sk, next) {
    const { sid, peer_sid, sclass, labeled } = selinux.blobs.sock(sk)
    Object.assign(selinux.blobs.sock(next), { sid, peer_sid, sclass, labeled })
  },

  sk_getsecid(selinux, sk, secid) {
    secid.value = sk === null ? SECINITSID_ANY_SOCKET : selinux.blobs.sock(sk).sid
  },

  /** The inode of a socket gets the label of what was accepted, the sock the class. */
  sock_graft(selinux, sk, parent) {
    const state = selinux.blobs.sock(sk)
    const inode = selinux.blobs.inode(parent.inode)
    if (sk.sk_family === AF_INET || sk.sk_family === AF_INET6 || sk.sk_family === AF_UNIX) inode.sid = state.sid
    state.sclass = inode.sclass
  },

  inet_conn_request(selinux, sk, skb, req) {
    const peer = peerSid(skb)
    const sid = connectionSid(selinux, selinux.blobs.sock(sk).sid, peer)
    if (sid < 0) return sid
    req.secid = sid
    req.peer_secid = peer
    return selinux.netlabel ? (selinux.ctx.host.netlbl_req_setattr?.(req, new PacketLabel(sid)) ?? 0) : 0
  },

  inet_csk_clone(selinux, next, { secid, peer_secid }) {
    const state = selinux.blobs.sock(next)
    state.sid = secid
    state.peer_sid = peer_secid
    labelPackets(selinux, next)
  },

  inet_conn_established(selinux, sk, skb) {
    selinux.blobs.sock(sk).peer_sid = peerSid(skb)
  },

  secmark_relabel_packet: (selinux, secid) => currentHas(selinux, secid, SECCLASS.packet, AV.packet.relabelto),
  secmark_refcount_inc(selinux) {
    selinux.secmarks++
  },
  secmark_refcount_dec(selinux) {
    selinux.secmarks--
  },

  req_classify_flow(_selinux, { secid }, flow) {
    flow.flowic_secid = secid
  },

  mptcp_add_subflow(selinux, sk, subflow) {
    const { sid, sclass } = selinux.blobs.sock(sk)
    Object.assign(selinux.blobs.sock(subflow), { sid, sclass })
    return labelPackets(selinux, subflow)
  },
}
