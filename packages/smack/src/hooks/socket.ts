/** Sockets: a label for what goes out, one for what comes in, and the peer's. */
import {
  AF_INET, AF_INET6, AF_UNIX, CAP_MAC_OVERRIDE, EINVAL, ERANGE, MAY_WRITE, PF_KTHREAD,
} from '@lsmkit/abi'
import type { HookGroup, Sock } from '@lsmkit/core'
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

export const socketHooks = (smack: Smack): HookGroup => {
  const { sock } = smack.blobs
  const { labels } = smack.policy
  const isKernelThread = (): boolean => (smack.ctx.current.task.flags & PF_KTHREAD) !== 0
  const check = (subject: Label, object: Label, other: Sock, fn: string, note: string): number => {
    const decision = rawCheck(smack, subject, object, MAY_WRITE, fn, 'net', { sk: other })
    noteLabels(smack, note, subject, object, MAY_WRITE, decision)
    return errnoOf(smack, decision, subject, object, MAY_WRITE)
  }
  return {
    sk_alloc_security(sk) {
      const state = sock(sk)
      state.in = state.out = isKernelThread() ? WEB : currentLabel(smack)
      state.packet = 0
      return 0
    },

    sk_free_security(sk) {
      if (sk.sk_family === AF_INET6 && !smack.build.netfilter) smack.ports.release(sk)
    },

    sk_clone_security(sk, next) {
      Object.assign(sock(next), sock(sk))
    },

    socket_post_create({ sk }, family) {
      if (sk === null) return 0
      if (isKernelThread()) {
        const state = sock(sk)
        state.in = state.out = WEB
      }
      return family === AF_INET ? labelSocket(smack, sk) : 0
    },

    socket_socketpair(a, b) {
      sock(a.sk!).packet = sock(b.sk!).out
      sock(b.sk!).packet = sock(a.sk!).out
      return 0
    },

    /** Both ways, as data will go both ways. The accepted socket has the labels of the one that listens. */
    unix_stream_connect(sk, other, next) {
      const from = sock(sk)
      const to = sock(other)
      const fn = 'smack_unix_stream_connect'
      if (!currentPrivileged(smack, CAP_MAC_OVERRIDE)) {
        const rc = check(from.out, to.in, other, fn, 'UDS connect') || check(to.out, from.in, other, fn, 'UDS connect')
        if (rc !== 0) return rc
      }
      const accepted = sock(next)
      accepted.packet = from.out
      from.packet = to.out
      accepted.out = to.out
      accepted.in = to.in
      return 0
    },

    unix_may_send(socket, other) {
      if (currentPrivileged(smack, CAP_MAC_OVERRIDE)) return 0
      return check(sock(socket.sk!).out, sock(other.sk!).in, other.sk!, 'smack_unix_may_send', 'UDS send')
    },

    /** SO_PEERSEC: the label with its NUL, '' with its NUL when there is no peer. */
    socket_getpeersec_stream({ sk }, optval, optlen, len) {
      const { packet } = sock(sk!)
      const value = new TextEncoder().encode(`${packet === 0 ? '' : labels.text(packet)}\0`)
      optlen.value = optval.length = value.length
      if (value.length > len) return -ERANGE
      optval.value = value
      return 0
    },

    socket_getpeersec_dgram(socket, skb, secid) {
      const sk = socket?.sk ?? null
      secid.value = 0
      switch (familyOf(skb?.protocol) ?? sk?.sk_family) {
        case AF_UNIX:
          if (sk !== null) secid.value = sock(sk).out
          break
        case AF_INET:
          if (skb !== null) {
            secid.value = secmarkLabel(smack, skb) || packetLabel(smack, skb, sk === null ? 0 : sock(sk).in)
          }
          break
        case AF_INET6:
          if (skb !== null && smack.build.netfilter) secid.value = secmarkLabel(smack, skb)
          break
      }
      return secid.value === 0 ? -EINVAL : 0
    },
  }
}

const familyOf = (protocol: number | undefined): number | null => {
  if (protocol === ETH_P_IP) return AF_INET
  return protocol === ETH_P_IPV6 ? AF_INET6 : null
}
