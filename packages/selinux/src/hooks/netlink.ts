/** Netlink: each message by its type. */
import { EINVAL } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { className } from '../class-map.ts'
import { nlmsgPerm, nlmsgXperm } from '../nlmsg-perms.ts'
import type { Selinux } from '../state.ts'
import { sockHas, sockHasMessage } from './socket-checks.ts'

/** `struct nlmsghdr`: length, type, flags, sequence, port. */
const NLMSG_HDRLEN = 16
const NLMSG_ALIGN = 4

export const netlinkHooks: HookTable<Selinux> = {
  /** A type that nobody knows is refused where the policy refuses what it does not know. */
  netlink_send(selinux, sk, { data, len }) {
    const { sclass } = selinux.blobs.sock(sk)
    const asked = selinux.server.policyCap('netlink_xperm') ? nlmsgXperm(sclass) : 0
    const view = new DataView(data.buffer, data.byteOffset, Math.min(data.byteLength, len))
    for (let at = 0; view.byteLength - at >= NLMSG_HDRLEN;) {
      const length = view.getUint32(at, true)
      const type = view.getUint16(at + 4, true)
      if (length < NLMSG_HDRLEN || length > view.byteLength - at) return 0
      const perm = asked === 0 ? nlmsgPerm(sclass, type, selinux.release) : asked
      if (perm >= 0) {
        const rc = asked === 0 ? sockHas(selinux, sk, perm) : sockHasMessage(selinux, sk, perm, type)
        if (rc !== 0) return rc
      } else if (perm === -EINVAL) {
        selinux.printk(
          `SELinux: unrecognized netlink message: protocol=${sk.sk_protocol} nlmsg_type=${type} ` +
            `sclass=${className(sclass)}`,
        )
        if (selinux.avc.enforcing && !selinux.server.allowUnknown) return perm
      }
      at += Math.ceil(length / NLMSG_ALIGN) * NLMSG_ALIGN
    }
    return 0
  },
}
