/** setsockopt and getsockopt: options of any socket, and the LSMs' word on the peer (net/core/sock.c). */
import {
  AF_UNIX, BPF_PROG_TYPE_SOCKET_FILTER, CAP_NET_ADMIN, CAP_NET_RAW, EACCES, EDOM, EFAULT, EINVAL, ENODEV, ENOENT,
  ENOPROTOOPT, EPERM, ERANGE, SOL_SOCKET, SO_ACCEPTCONN, SO_ATTACH_BPF, SO_ATTACH_FILTER, SO_BINDTODEVICE,
  SO_BROADCAST, SO_DEBUG, SO_DETACH_FILTER, SO_DOMAIN, SO_DONTROUTE, SO_ERROR, SO_KEEPALIVE, SO_LINGER, SO_MARK,
  SO_OOBINLINE, SO_PASSCRED, SO_PASSSEC, SO_PEERCRED, SO_PEERSEC, SO_PRIORITY, SO_PROTOCOL, SO_RCVBUF, SO_RCVBUFFORCE,
  SO_RCVLOWAT, SO_RCVTIMEO, SO_RCVTIMEO_NEW, SO_REUSEADDR, SO_REUSEPORT, SO_SNDBUF, SO_SNDBUFFORCE, SO_SNDTIMEO,
  SO_SNDTIMEO_NEW, SO_TIMESTAMP, SO_TYPE,
} from '@lsmkit/abi'
import { from_kgid_munged, from_kuid_munged, ns_capable, ref } from '@lsmkit/core'
import type { KeyMap, PeersecBuffer, Sock, Socket } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { opsOf, takeError, TCP_LISTEN } from '../net/proto.ts'
import type { SocketFilter, SockState } from '../net/proto.ts'
import { stateOf } from '../net/socks.ts'
import { isTimeval, timeoOf, timevalOf } from '../net/waits.ts'
import type { Timeval } from '../net/waits.ts'
import { classicFilter } from './classic-filter.ts'
import type { SockFprog } from './classic-filter.ts'
import { socketOf } from './sockets.ts'

/** Numbers that are kept and given back. */
const PLAIN = new Set([
  SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY,
  SO_LINGER, SO_REUSEPORT, SO_PASSCRED, SO_PASSSEC, SO_RCVLOWAT, SO_TIMESTAMP, SO_MARK,
])
/** How long calls wait, in either form of the option: 64-bit programs see no difference. */
const TIMES: ReadonlyMap<number, number> = new Map([
  [SO_RCVTIMEO, SO_RCVTIMEO], [SO_RCVTIMEO_NEW, SO_RCVTIMEO], [SO_SNDTIMEO, SO_SNDTIMEO],
  [SO_SNDTIMEO_NEW, SO_SNDTIMEO],
])
/** Bytes of `struct timeval`. */
const TIMEVAL_SIZE = 16
const DEFAULT_BUFFER = 212992
const LOOPBACK = 1
const MAX_PRIORITY = 6

/** What getsockopt answers: a number, bytes, `struct ucred` or `struct timeval`. */
export interface OptionValue {
  value: number | Uint8Array | { pid: number; uid: number; gid: number } | Timeval
}

export const socketOptionSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const may = (state: SockState, cap: number): boolean => ns_capable(lsm, current, state.net.user_ns, cap)

  const setNumber = (sk: Sock, name: number, value: number): number => {
    const state = stateOf<SockState>(sk)
    if (name === SO_DEBUG && value !== 0 && !may(state, CAP_NET_ADMIN)) return -EACCES
    const isHigh = name === SO_PRIORITY && (value < 0 || value > MAX_PRIORITY)
    if (isHigh && !may(state, CAP_NET_RAW) && !may(state, CAP_NET_ADMIN)) return -EPERM
    if (name === SO_MARK) {
      if (!may(state, CAP_NET_RAW) && !may(state, CAP_NET_ADMIN)) return -EPERM
      sk.sk_mark = value
    }
    state.options.set(name, name === SO_SNDBUF || name === SO_RCVBUF ? value * 2 : value)
    return 0
  }

  const bindToDevice = (sk: Sock, name: unknown): number => {
    const text = name instanceof Uint8Array ? new TextDecoder().decode(name).replace(/\0[^]*$/, '') : String(name)
    if (text !== '' && text !== 'lo') return -ENODEV
    // changing a device that was chosen takes CAP_NET_RAW
    if (sk.sk_bound_dev_if !== 0 && !may(stateOf(sk), CAP_NET_RAW)) return -EPERM
    sk.sk_bound_dev_if = text === '' ? 0 : LOOPBACK
    return 0
  }

  const setFilter = (sk: Sock, filter: SocketFilter | null): number => {
    const state = stateOf(sk)
    state.filter?.release()
    state.filter = filter
    return 0
  }

  /** As `sk_attach_bpf`: a program of sockets, which the socket holds. */
  const attachBpf = (sk: Sock, fd: number): number => {
    const fds = machine.bpf?.fds
    const prog = fds?.progOf(fd) ?? -EINVAL
    if (typeof prog === 'number') return prog
    if (prog.type !== BPF_PROG_TYPE_SOCKET_FILTER) return -EINVAL
    prog.refs++
    return setFilter(sk, { release: () => fds!.put_prog(prog) })
  }

  const setTime = (sk: Sock, name: number, value: unknown, len: number): number => {
    if (len < TIMEVAL_SIZE || typeof value === 'number') return -EINVAL
    if (!isTimeval(value)) return -EFAULT
    const ms = timeoOf(value)
    if (ms === null) return -EDOM
    stateOf(sk).options.set(name, ms)
    return 0
  }

  const sk_setsockopt = (sk: Sock, name: number, value: unknown, len: number): number => {
    const time = TIMES.get(name)
    if (time !== undefined) return setTime(sk, time, value, len)
    if (name === SO_BINDTODEVICE) return bindToDevice(sk, value)
    if (name === SO_ATTACH_FILTER) {
      if (typeof value !== 'object' || value === null) return -EINVAL
      return classicFilter(lsm, current, value as SockFprog) || setFilter(sk, { release() {} })
    }
    if (typeof value !== 'number') return -EFAULT
    if (name === SO_ATTACH_BPF) return attachBpf(sk, value)
    if (name === SO_SNDBUFFORCE || name === SO_RCVBUFFORCE) {
      if (!may(stateOf(sk), CAP_NET_ADMIN)) return -EPERM
      return setNumber(sk, name === SO_SNDBUFFORCE ? SO_SNDBUF : SO_RCVBUF, value)
    }
    if (name === SO_DETACH_FILTER) return stateOf(sk).filter === null ? -ENOENT : setFilter(sk, null)
    if (name === SO_TYPE || name === SO_PROTOCOL || name === SO_DOMAIN || name === SO_ERROR) return -ENOPROTOOPT
    return PLAIN.has(name) ? setNumber(sk, name, value) : -ENOPROTOOPT
  }

  /** `value` is a number, bytes, or the struct of the option. */
  const setsockopt = (fd: number, level: number, name: number, value: unknown, len: number): number => {
    if (len < 0) return -EINVAL
    const found = socketOf(machine, fd)
    if (typeof found === 'number') return found
    const { sock } = found
    const rc = lsm.socket_setsockopt.ask(sock, level, name)
    if (rc !== 0) return rc
    if (level === SOL_SOCKET) return sk_setsockopt(sock.sk!, name, value, len)
    return opsOf(sock).setsockopt(sock, level, name, value)
  }

  const peerLabel = (sock: Socket, out: OptionValue, len: { value: number }): number => {
    const buffer: PeersecBuffer = { value: null, length: len.value }
    const needed = ref(len.value)
    const rc = lsm.socket_getpeersec_stream.ask(sock, buffer, needed, len.value)
    len.value = needed.value
    if (rc !== 0) return rc
    if (buffer.value === null) return -ERANGE
    out.value = buffer.value
    return 0
  }

  const peerCred = (sock: Socket, out: OptionValue): number => {
    const creds = opsOf(sock).family === AF_UNIX ? machine.net.unix.peerCreds(sock.sk!) : null
    const { user_ns } = current.task.cred
    const overflow = machine.sysctl.overflowuid
    out.value = creds === null ? { pid: 0, uid: overflow, gid: overflow } : {
      pid: creds.pid.nr(machine.tasks.activeNs), uid: from_kuid_munged(user_ns, creds.uid),
      gid: from_kgid_munged(user_ns, creds.gid),
    }
    return 0
  }

  const sk_getsockopt = (sock: Socket, name: number, out: OptionValue, len: { value: number }): number => {
    const sk = sock.sk!
    const state = stateOf<SockState>(sk)
    const give = (value: number): number => {
      out.value = value
      return 0
    }
    const time = TIMES.get(name)
    if (time !== undefined) {
      out.value = timevalOf(state.options.get(time) ?? Infinity)
      return 0
    }
    switch (name) {
      case SO_TYPE:
        return give(sk.sk_type)
      case SO_PROTOCOL:
        return give(sk.sk_protocol)
      case SO_DOMAIN:
        return give(sk.sk_family)
      case SO_ACCEPTCONN:
        return give(sk.sk_state === TCP_LISTEN ? 1 : 0)
      case SO_ERROR:
        return give(takeError(state))
      case SO_PEERSEC:
        return peerLabel(sock, out, len)
      case SO_PEERCRED:
        return peerCred(sock, out)
      case SO_SNDBUF:
      case SO_RCVBUF:
        return give(state.options.get(name) ?? DEFAULT_BUFFER)
      default:
        return PLAIN.has(name) ? give(state.options.get(name) ?? 0) : -ENOPROTOOPT
    }
  }

  const getsockopt = (
    fd: number, level: number, name: number, out: OptionValue | null, len: { value: number } | null,
  ): number => {
    const found = socketOf(machine, fd)
    if (typeof found === 'number') return found
    const { sock } = found
    const rc = lsm.socket_getsockopt.ask(sock, level, name)
    if (rc !== 0) return rc
    if (out === null || len === null) return -EFAULT
    if (len.value < 0) return -EINVAL
    if (level === SOL_SOCKET) return sk_getsockopt(sock, name, out, len)
    const answer = opsOf(sock).getsockopt(sock, level, name, out.value)
    if (typeof answer === 'object' && 'rc' in answer) return answer.rc
    out.value = answer
    return 0
  }

  return { setsockopt, getsockopt }
}
