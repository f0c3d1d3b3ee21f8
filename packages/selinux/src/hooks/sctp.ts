/** SCTP: one socket, several peers, which must all have one label. */
import {
  AF_INET, AF_INET6, AF_UNSPEC, EINVAL, SCTP_PRIMARY_ADDR, SCTP_SENDMSG_CONNECT, SCTP_SET_PEER_PRIMARY_ADDR,
  SCTP_SOCKOPT_BINDX_ADD, SCTP_SOCKOPT_CONNECTX,
} from '@lsmkit/abi'
import type { HookTable, SctpAssociation, SkBuff, Sock, Sockaddr } from '@lsmkit/core'
import { SCTP_ASSOC_SET, SCTP_ASSOC_UNSET } from '../blobs.ts'
import { AV } from '../class-map.ts'
import { SECINITSID_UNLABELED, SECSID_NULL } from '../initial-sids.ts'
import type { Selinux } from '../state.ts'
import { bindHas, connectHas } from './socket.ts'
import { connectionSid, labelPackets, peerSid, sockHas } from './socket-checks.ts'

/** What the peer may ask for (include/linux/sctp.h). */
const SCTP_PARAM_ADD_IP = 0xc001
const SCTP_PARAM_SET_PRIMARY = 0xc004
const binds = new Set([SCTP_PRIMARY_ADDR, SCTP_SET_PEER_PRIMARY_ADDR, SCTP_SOCKOPT_BINDX_ADD])
const connects = new Set([
  SCTP_SOCKOPT_CONNECTX, SCTP_PARAM_SET_PRIMARY, SCTP_PARAM_ADD_IP, SCTP_SENDMSG_CONNECT,
])

/** As `selinux_sctp_process_new_assoc`: the first peer settles the label, others must be like it. */
const noteAssociation = (selinux: Selinux, asoc: SctpAssociation, skb: SkBuff): number => {
  const { sk } = asoc.base
  const state = selinux.blobs.sock(sk)
  const peer = peerSid(skb)
  asoc.peer_secid = peer === SECSID_NULL ? SECINITSID_UNLABELED : peer
  if (state.sctp_assoc_state === SCTP_ASSOC_UNSET) {
    state.sctp_assoc_state = SCTP_ASSOC_SET
    state.peer_sid = asoc.peer_secid
    return 0
  }
  if (state.peer_sid === asoc.peer_secid) return 0
  const { association } = AV.sctp_socket
  return selinux.avc.hasPerm(state.peer_sid, asoc.peer_secid, state.sclass, association, 'net', { sk })
}

const addressLength = (family: number): number => (family === AF_INET ? 16 : 28)

/** The addresses of the list one by one: the kernel packs them end to end. */
const addresses = ({ raw, addr, port, family }: Sockaddr, length: number): Sockaddr[] | number => {
  if (length <= addressLength(family)) return [{ raw, addr, port, family }]
  const list: Sockaddr[] = []
  const view = new DataView(raw.buffer, raw.byteOffset, Math.min(length, raw.byteLength))
  for (let at = 0; at < view.byteLength;) {
    if (at + 2 > view.byteLength) return -EINVAL
    const kind = view.getUint16(at, true)
    if (kind !== AF_INET && kind !== AF_INET6 && kind !== AF_UNSPEC) return -EINVAL
    const size = addressLength(kind === AF_UNSPEC ? AF_INET : kind)
    if (at + size > view.byteLength) return -EINVAL
    list.push({ family: kind, addr: '', port: view.getUint16(at + 2), raw: raw.slice(at, at + size) })
    at += size
  }
  return list
}

const isOn = (selinux: Selinux): boolean => selinux.server.policyCap('extended_socket_class')

const each = (selinux: Selinux, sk: Sock, option: number, address: Sockaddr): number => {
  const { length } = address.raw
  if (binds.has(option)) return sockHas(selinux, sk, AV.socket.bind) || bindHas(selinux, sk, address, length)
  return connects.has(option) ? connectHas(selinux, sk, address, length) : 0
}

export const sctpHooks: HookTable<Selinux> = {
  sctp_assoc_request(selinux, asoc, skb) {
    if (!isOn(selinux)) return 0
    const rc = noteAssociation(selinux, asoc, skb)
    if (rc !== 0) return rc
    const sid = connectionSid(selinux, selinux.blobs.sock(asoc.base.sk).sid, asoc.peer_secid)
    if (sid < 0) return sid
    asoc.secid = sid
    return labelPackets(selinux, asoc.base.sk)
  },

  /** The side that connected. */
  sctp_assoc_established(selinux, asoc, skb) {
    if (!isOn(selinux)) return 0
    asoc.secid = selinux.blobs.sock(asoc.base.sk).sid
    return noteAssociation(selinux, asoc, skb)
  },

  sctp_bind_connect(selinux, sk, optname, address, addrlen) {
    if (!isOn(selinux)) return 0
    const list = addresses(address, addrlen)
    if (typeof list === 'number') return list
    for (const one of list) {
      const rc = each(selinux, sk, optname, one)
      if (rc !== 0) return rc
    }
    return 0
  },

  /** Peeled off: a socket of its own for one association. */
  sctp_sk_clone(selinux, { secid, peer_secid }, sk, next) {
    const { sclass, sid, peer_sid } = selinux.blobs.sock(sk)
    const state = selinux.blobs.sock(next)
    state.sclass = sclass
    state.sid = isOn(selinux) ? secid : sid
    state.peer_sid = isOn(selinux) ? peer_secid : peer_sid
  },
}
