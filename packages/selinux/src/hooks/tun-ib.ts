/** Tunnel devices and InfiniBand. */
import type { HookTable } from '@lsmkit/core'
import { currentHas, selfHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { tun_socket: tun } = AV

export const tunHooks: HookTable<Selinux> = {
  tun_dev_alloc_security(selinux, dev) {
    selinux.blobs.tun_dev(dev).sid = currentSid(selinux)
    return 0
  },
  tun_dev_create: (selinux) => selfHas(selinux, SECCLASS.tun_socket, tun.create),
  tun_dev_attach_queue: (selinux, dev) =>
    currentHas(selinux, selinux.blobs.tun_dev(dev).sid, SECCLASS.tun_socket, tun.attach_queue),

  tun_dev_attach(selinux, sk, dev) {
    const state = selinux.blobs.sock(sk)
    state.sid = selinux.blobs.tun_dev(dev).sid
    state.sclass = SECCLASS.tun_socket
    return 0
  },

  /** A device that stays is taken over by whoever opens it. */
  tun_dev_open(selinux, dev) {
    const state = selinux.blobs.tun_dev(dev)
    const rc =
      currentHas(selinux, state.sid, SECCLASS.tun_socket, tun.relabelfrom) ||
      selfHas(selinux, SECCLASS.tun_socket, tun.relabelto)
    if (rc === 0) state.sid = currentSid(selinux)
    return rc
  },
}

/** 64 bits of a subnet prefix in network order; the number loses none that a real one has. */
const prefixBytes = (prefix: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(prefix))
  return bytes
}

export const infinibandHooks: HookTable<Selinux> = {
  ib_alloc_security(selinux, agent) {
    selinux.blobs.ib(agent).sid = currentSid(selinux)
    return 0
  },

  ib_pkey_access(selinux, agent, prefix, pkey) {
    const label = selinux.server.ibPkeySid(prefixBytes(prefix), pkey)
    if (label < 0) return label
    const source = { pkey, subnet_prefix: `${prefix.toString(16)}` }
    const { access } = AV.infiniband_pkey
    const { sid } = selinux.blobs.ib(agent)
    return selinux.avc.hasPerm(sid, label, SECCLASS.infiniband_pkey, access, 'ibpkey', source)
  },

  ib_endport_manage_subnet(selinux, agent, dev_name, port) {
    const label = selinux.server.ibEndportSid(dev_name, port)
    if (label < 0) return label
    const { manage_subnet } = AV.infiniband_endport
    const source = { dev_name, port }
    const { sid } = selinux.blobs.ib(agent)
    return selinux.avc.hasPerm(sid, label, SECCLASS.infiniband_endport, manage_subnet, 'ibendport', source)
  },
}
