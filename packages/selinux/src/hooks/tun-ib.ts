/** Tunnel devices and InfiniBand. */
import type { HookGroup } from '@lsmkit/core'
import { currentHas, selfHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { tun_socket: tun } = AV

export const tunHooks = (selinux: Selinux): HookGroup => {
  const { tun_dev: stateOf, sock } = selinux.blobs
  return {
    tun_dev_alloc_security(dev) {
      stateOf(dev).sid = currentSid(selinux)
      return 0
    },
    tun_dev_create: () => selfHas(selinux, SECCLASS.tun_socket, tun.create),
    tun_dev_attach_queue: (dev) => currentHas(selinux, stateOf(dev).sid, SECCLASS.tun_socket, tun.attach_queue),

    tun_dev_attach(sk, dev) {
      const state = sock(sk)
      state.sid = stateOf(dev).sid
      state.sclass = SECCLASS.tun_socket
      return 0
    },

    /** A device that stays is taken over by whoever opens it. */
    tun_dev_open(dev) {
      const state = stateOf(dev)
      const rc =
        currentHas(selinux, state.sid, SECCLASS.tun_socket, tun.relabelfrom) ||
        selfHas(selinux, SECCLASS.tun_socket, tun.relabelto)
      if (rc === 0) state.sid = currentSid(selinux)
      return rc
    },
  }
}

/** 64 bits of a subnet prefix in network order; the number loses none that a real one has. */
const prefixBytes = (prefix: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(prefix))
  return bytes
}

export const infinibandHooks = (selinux: Selinux): HookGroup => {
  const { ib: stateOf } = selinux.blobs
  const { avc, server } = selinux
  return {
    ib_alloc_security(agent) {
      stateOf(agent).sid = currentSid(selinux)
      return 0
    },

    ib_pkey_access(agent, prefix, pkey) {
      const label = server.ibPkeySid(prefixBytes(prefix), pkey)
      if (label < 0) return label
      const source = { pkey, subnet_prefix: `${prefix.toString(16)}` }
      const { access } = AV.infiniband_pkey
      return avc.hasPerm(stateOf(agent).sid, label, SECCLASS.infiniband_pkey, access, 'ibpkey', source)
    },

    ib_endport_manage_subnet(agent, dev_name, port) {
      const label = server.ibEndportSid(dev_name, port)
      if (label < 0) return label
      const { manage_subnet } = AV.infiniband_endport
      const source = { dev_name, port }
      return avc.hasPerm(stateOf(agent).sid, label, SECCLASS.infiniband_endport, manage_subnet, 'ibendport', source)
    },
  }
}
