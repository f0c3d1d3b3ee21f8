/** Sockets: a label for what goes out, one for what comes in, and the peer's. */
import {
  AF_INET, AF_INET6, AF_UNIX, CAP_MAC_OVERRIDE, EINVAL, ERANGE, MAY_WRITE, PF_KTHREAD,
} from '@lsmkit/abi'
import type { HookTable, Sock } from '@lsmkit/core'
import { noteLabels } from '../bringup.ts'
import { errnoOf, rawCheck } from '../checks.ts'
import type { Label } from '../label.ts'
import { WEB } from '../label-table.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../packet.ts'
import { currentLabel, currentPrivileged } from '../state.ts'
import type { Smack } from '../state.ts'
import { secmarkLabel } from './net-check.ts'
import { labelSocket, packetLabel } from './netlabel.ts'

/** IPIN or IPOUT has been set: packets and the port follow. */
export const relabelSocket = (smack: Smack, sk: Sock, isOut: boolean): void => {
  if (isOut && sk.sk_family === AF_INET) {
    const rc = labelSocket(smack, sk)
    if (rc !== 0) smack.printk(`Smack: "smack_inode_setsecurity" netlbl error ${-rc}.`)
  }
  if (sk.sk_family === AF_INET6 && !smack.build.netfilter) smack.ports.relabel(sk, smack.blobs.sock(sk))
}

const isKernelThread = (smack: Smack): boolean => (smack.ctx.current.task.flags & PF_KTHREAD) !== 0

const check = (smack: Smack, subject: Label, object: Label, other: Sock, fn: string, note: string): number => {
  const decision = rawCheck(smack, subject, object, MAY_WRITE, fn, 'net', { sk: other })
  noteLabels(smack, note, subject, object, MAY_WRITE, decision)
  return errnoOf(smack, decision, subject, object, MAY_WRITE)
}

export const socketHooks: HookTable<Smack> = {
  sk_alloc_security(smack, sk) {
    const state = smack.blobs.sock(sk)
    state.in = state.out = isKernelThread(smack) ? WEB : currentLabel(smack)
    state.packet = 0
    return 0
  },

  sk_free_security(smack, sk) {
    if (sk.sk_family === AF_INET6 && !smack.build.netfilter) smack.ports.release(sk)
  },

  sk_clone_security(smack, sk, next) {
    Object.assign(smack.blobs.sock(next), smack.blobs.sock(sk))
  },

  socket_post_create(smack, { sk }, family) {
    if (sk === null) return 0
    if (isKernelThread(smack)) {
      const state = smack.blobs.sock(sk)
      state.in = state.out = WEB
    }
    return family === AF_INET ? labelSocket(smack, sk) : 0
  },

  socket_socketpair(smack, a, b) {
    smack.blobs.sock(a.sk!).packet = smack.blobs.sock(b.sk!).out
    smack.blobs.sock(b.sk!).packet = smack.blobs.sock(a.sk!).out
    return 0
  },

  /** Both ways, as data will go both ways. The accepted socket has the labels of the one that listens. */
  unix_stream_connect(smack, sk, other, next) {
    const from = smack.blobs.sock(sk)
    const to = smack.blobs.sock(other)
    const fn = 'smack_unix_stream_connect'
    if (!currentPrivileged(smack, CAP_MAC_OVERRIDE)) {
      const rc = check(smack, from.out, to.in, other, fn, 'UDS connect') ||
        check(smack, to.out, from.in, other, fn, 'UDS connect')
      if (rc !== 0) return rc
    }
    const accepted = smack.blobs.sock(next)
    accepted.packet = from.out
    from.packet = to.out
    accepted.out = to.out
    accepted.in = to.in
    return 0
  },

  unix_may_send(smack, socket, other) {
    if (currentPrivileged(smack, CAP_MAC_OVERRIDE)) return 0
    const [from, to] = [smack.blobs.sock(socket.sk!).out, smack.blobs.sock(other.sk!).in]
    return check(smack, from, to, other.sk!, 'smack_unix_may_send', 'UDS send')
  },

  /** SO_PEERSEC: the label with its NUL, '' with its NUL when there is no peer. */
  socket_getpeersec_stream(smack, { sk }, optval, optlen, len) {
    const { packet } = smack.blobs.sock(sk!)
    const value = new TextEncoder().encode(`${packet === 0 ? '' : smack.policy.labels.text(packet)}\0`)
    optlen.value = optval.length = value.length
    if (value.length > len) return -ERANGE
    optval.value = value
    return 0
  },

  socket_getpeersec_dgram(smack, socket, skb, secid) {
    const sk = socket?.sk ?? null
    secid.value = 0
    switch (familyOf(skb?.protocol) ?? sk?.sk_family) {
      case AF_UNIX:
        if (sk !== null) secid.value = smack.blobs.sock(sk).out
        break
      case AF_INET:
        if (skb !== null) {
          secid.value = secmarkLabel(smack, skb) || packetLabel(smack, skb, sk === null ? 0 : smack.blobs.sock(sk).in)
        }
        break
      case AF_INET6:
        if (skb !== null && smack.build.netfilter) secid.value = secmarkLabel(smack, skb)
        break
    }
    return secid.value === 0 ? -EINVAL : 0
  },
}

const familyOf = (protocol: number | undefined): number | null => {
  if (protocol === ETH_P_IP) return AF_INET
  return protocol === ETH_P_IPV6 ? AF_INET6 : null
}
