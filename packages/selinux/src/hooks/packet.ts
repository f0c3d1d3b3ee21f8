/** Packets that arrive: by their mark, and by the label they carry. */
import { AF_INET, AF_INET6, EACCES } from '@lsmkit/abi'
import type { HookTable, SkBuff } from '@lsmkit/core'
import { AV, SECCLASS } from '../class-map.ts'
import type { Selinux } from '../state.ts'
import { ipBytes } from '../ip-bytes.ts'
import { familyOf, orUnlabeled, peerSid } from './socket-checks.ts'

const { packet: packetAv, peer: peerAv, netif: netifAv, node: nodeAv } = AV

const sourceOf = (family: number, skb: SkBuff) => ({
  family, saddr: skb.saddr, source: skb.sport, daddr: skb.daddr, dest: skb.dport, netif: skb.dev?.name ?? '',
})

/** As `selinux_inet_sys_rcv_skb`: in by this interface, from this address. */
const systemTakes = ({ avc, net }: Selinux, family: number, peer: number, skb: SkBuff): number => {
  const source = sourceOf(family, skb)
  const netif = net.netifSid(skb.dev?.name ?? '')
  if (netif < 0) return netif
  const rc = avc.hasPerm(peer, netif, SECCLASS.netif, netifAv.ingress, 'net', source)
  if (rc !== 0) return rc
  const address = ipBytes(skb.saddr)
  const node = address === null ? -EACCES : net.nodeSid(address.length === 4 ? AF_INET : AF_INET6, address)
  return node < 0 ? node : avc.hasPerm(peer, node, SECCLASS.node, nodeAv.recvfrom, 'net', source)
}

export const packetHooks: HookTable<Selinux> = {
  socket_sock_rcv_skb(selinux, sk, skb) {
    const { avc, server } = selinux
    if (sk.sk_family !== AF_INET && sk.sk_family !== AF_INET6) return 0
    const family = familyOf(skb) ?? sk.sk_family
    const { sid } = selinux.blobs.sock(sk)
    const always = server.policyCap('always_check_network')
    const byMark = selinux.secmarks > 0 || always
    const hasMark = (): number =>
      avc.hasPerm(sid, orUnlabeled(skb.secmark), SECCLASS.packet, packetAv.recv, 'net', sourceOf(family, skb))
    if (!server.policyCap('network_peer_controls')) return selinux.secmarks > 0 ? hasMark() : 0
    if (selinux.netlabel || always) {
      const peer = orUnlabeled(peerSid(skb))
      const rc =
        systemTakes(selinux, family, peer, skb) ||
        avc.hasPerm(sid, peer, SECCLASS.peer, peerAv.recv, 'net', sourceOf(family, skb))
      if (rc !== 0) {
        selinux.ctx.host.netlbl_skbuff_err?.(skb, family, rc)
        return rc
      }
    }
    return byMark ? hasMark() : 0
  },
}
