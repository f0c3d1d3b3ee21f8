/** Socks: their life from allocation to a finished connection. */
import { AF_INET, AF_INET6, AF_UNIX } from '@lsmkit/abi'
import type { HookGroup } from '@lsmkit/core'
import { currentHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECINITSID_ANY_SOCKET } from '../initial-sids.ts'
import type { Selinux } from '../state.ts'
import { connectionSid, labelPackets, PacketLabel, peerSid } from './socket-checks.ts'

export const sockHooks = (selinux: Selinux): HookGroup => {
  const { sock, inode: inodeOf } = selinux.blobs
  return {
    /** The blob starts unlabelled, and of the class that has no name. */
    sk_alloc_security: () => 0,
    sk_free_security() {},

    sk_clone_security(sk, next) {
      const { sid, peer_sid, sclass, labeled } = sock(sk)
      Object.assign(sock(next), { sid, peer_sid, sclass, labeled })
    },

    sk_getsecid(sk, secid) {
      secid.value = sk === null ? SECINITSID_ANY_SOCKET : sock(sk).sid
    },

    /** The inode of a socket gets the label of what was accepted, the sock the class. */
    sock_graft(sk, parent) {
      const state = sock(sk)
      const inode = inodeOf(parent.inode)
      if (sk.sk_family === AF_INET || sk.sk_family === AF_INET6 || sk.sk_family === AF_UNIX) inode.sid = state.sid
      state.sclass = inode.sclass
    },

    inet_conn_request(sk, skb, req) {
      const peer = peerSid(skb)
      const sid = connectionSid(selinux, sock(sk).sid, peer)
      if (sid < 0) return sid
      req.secid = sid
      req.peer_secid = peer
      return selinux.netlabel ? (selinux.ctx.host.netlbl_req_setattr?.(req, new PacketLabel(sid)) ?? 0) : 0
    },

    inet_csk_clone(next, { secid, peer_secid }) {
      const state = sock(next)
      state.sid = secid
      state.peer_sid = peer_secid
      labelPackets(selinux, next)
    },

    inet_conn_established(sk, skb) {
      sock(sk).peer_sid = peerSid(skb)
    },

    secmark_relabel_packet: (secid) => currentHas(selinux, secid, SECCLASS.packet, AV.packet.relabelto),
    secmark_refcount_inc() {
      selinux.secmarks++
    },
    secmark_refcount_dec() {
      selinux.secmarks--
    },

    req_classify_flow({ secid }, flow) {
      flow.flowic_secid = secid
    },

    mptcp_add_subflow(sk, subflow) {
      const { sid, sclass } = sock(sk)
      Object.assign(sock(subflow), { sid, sclass })
      return labelPackets(selinux, subflow)
    },
  }
}
