/** setsockopt and getsockopt: options of any socket, and the LSMs' word on the peer (net/core/sock.c). */
import {
  AF_INET, AF_INET6, AF_UNIX, BPF_PROG_TYPE_SOCKET_FILTER, CAP_NET_ADMIN, CAP_NET_RAW, EACCES, EDOM, EFAULT, EINVAL,
  ENODEV, ENOENT, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, EPERM, ERANGE, IPPROTO_TCP, SOCK_STREAM, SOL_SOCKET,
  SO_ACCEPTCONN, SO_ATTACH_BPF, SO_ATTACH_FILTER, SO_BINDTODEVICE, SO_BROADCAST, SO_BSDCOMPAT, SO_DEBUG,
  SO_DETACH_FILTER, SO_DOMAIN, SO_DONTROUTE, SO_ERROR, SO_KEEPALIVE, SO_LINGER, SO_LOCK_FILTER, SO_MARK, SO_NOFCS,
  SO_NO_CHECK, SO_OOBINLINE, SO_PASSCRED, SO_PASSSEC, SO_PEERCRED, SO_PEERNAME, SO_PEERSEC, SO_PRIORITY, SO_PROTOCOL,
  SO_RCVBUF, SO_RCVBUFFORCE, SO_RCVLOWAT, SO_RCVMARK, SO_RCVTIMEO, SO_RCVTIMEO_NEW, SO_REUSEADDR, SO_REUSEPORT,
  SO_RXQ_OVFL, SO_SELECT_ERR_QUEUE, SO_SNDBUF, SO_SNDBUFFORCE, SO_SNDLOWAT, SO_SNDTIMEO, SO_SNDTIMEO_NEW,
  SO_TIMESTAMP, SO_TYPE, SO_WIFI_STATUS,
} from '@lsmkit/abi'
import { from_kgid_munged, from_kuid_munged, INVALID_GID, INVALID_UID, ns_capable, ref } from '@lsmkit/core'
import type { KeyMap, PeersecBuffer, Sock, Socket } from '@lsmkit/core'
import { copyIn, isGuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { opsOf, takeError, TCP_LISTEN } from '../state/net/proto.ts'
import type { SocketFilter, SockState } from '../state/net/proto.ts'
import { stateOf } from '../state/net/proto.ts'
import { isTimeval, timeoOf, timeoValue } from '../net/waits.ts'
import { classicFilter, copyProgram, isProgram } from './classic-filter.ts'
import type { SockFprog } from './classic-filter.ts'
import { socketOf } from './sockets.ts'
import type { Timeval } from '../state/timespec.ts'

/** What is on or off, and kept to be told. */
const SWITCHES = new Set([
  SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_NO_CHECK, SO_REUSEPORT,
  SO_PASSCRED, SO_PASSSEC, SO_TIMESTAMP, SO_RXQ_OVFL, SO_WIFI_STATUS, SO_NOFCS, SO_LOCK_FILTER, SO_SELECT_ERR_QUEUE,
  SO_RCVMARK,
])
/** Those that programs may set and read (sol_socket_sockopt), as far as there are such here. */
const PROGRAM_OPTIONS = new Set([
  SO_REUSEADDR, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_PRIORITY, SO_REUSEPORT, SO_RCVLOWAT, SO_MARK,
])
/** Least of each buffer (SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF), and what it is at first; TCP has its own. */
const BUFFERS: ReadonlyMap<number, { readonly least: number; readonly plain: number; readonly tcp: number }> = new Map([
  [SO_SNDBUF, { least: 4608, plain: 212992, tcp: 16384 }], [SO_RCVBUF, { least: 2304, plain: 212992, tcp: 131072 }],
])
/** net.core.wmem_max, rmem_max. */
const BUFFER_MAX = 212992
const INT_MAX = 0x7fffffff
/** How long calls wait, in either form of the option: 64-bit programs see no difference. */
const TIMES: ReadonlyMap<number, number> = new Map([
  [SO_RCVTIMEO, SO_RCVTIMEO], [SO_RCVTIMEO_NEW, SO_RCVTIMEO], [SO_SNDTIMEO, SO_SNDTIMEO],
  [SO_SNDTIMEO_NEW, SO_SNDTIMEO],
])
/** Bytes of `struct timeval`. */
const TIMEVAL_SIZE = 16
/** Bytes of an int, of `struct linger`, and of `struct ucred`. */
const INT_SIZE = 4
const LINGER_SIZE = 8
const UCRED_SIZE = 12
/** Where the time of SO_LINGER is kept: it is no option of its own. */
const LINGER_TIME = -SO_LINGER
const LOOPBACK = 1
const MAX_PRIORITY = 6

export interface Linger {
  readonly l_onoff: number
  readonly l_linger: number
}

/** What getsockopt answers: a number, bytes, or the option's struct. */
export interface OptionValue {
  value: number | Uint8Array | { pid: number; uid: number; gid: number } | Timeval | Linger
}

/** The longest name of a device, and its NUL. */
const IFNAMSIZ = 16
const decoder = new TextDecoder()
/** Longest option that is bytes: addresses of SCTP. */
const OPTION_MAX = 65536

/** An option's value as it is when the call is made. */
const copyOption = (value: unknown): unknown => {
  if (isGuestBytes(value)) return copyIn(value, 0, OPTION_MAX)
  if (isProgram(value)) return copyProgram(value)
  return typeof value === 'object' && value !== null ? { ...value } : value
}

const isInet = ({ sk_family }: Sock): boolean => sk_family === AF_INET || sk_family === AF_INET6
const isTcp = (sk: Sock): boolean => isInet(sk) && sk.sk_type === SOCK_STREAM && sk.sk_protocol === IPPROTO_TCP

export const socketOptionSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  /** A program sets them, which needs no capability (sockopt_ns_capable). */
  let byProgram = false
  const may = (state: SockState, cap: number): boolean =>
    byProgram || ns_capable(lsm, current, state.net.user_ns, cap)

  /** As `sock_valbool_flag` and the conditions that some switches have. */
  const setSwitch = (sk: Sock, name: number, on: boolean): number => {
    const state = stateOf<SockState>(sk)
    if (name === SO_DEBUG && on && !may(state, CAP_NET_ADMIN)) return -EACCES
    if (name === SO_REUSEPORT && on && !isInet(sk)) return -EOPNOTSUPP
    if (name === SO_LOCK_FILTER && !on && isLocked(sk)) return -EPERM
    state.options.set(name, on ? 1 : 0)
    return 0
  }

  /** Twice of what is asked for: half of it is for what the kernel keeps beside the data. */
  const setBuffer = (sk: Sock, name: number, value: number): number => {
    const state = stateOf<SockState>(sk)
    state.options.set(name, Math.max(Math.min(value, INT_MAX >> 1) * 2, BUFFERS.get(name)!.least))
    state.wait.wake()
    return 0
  }

  const isAdminOfNet = (state: SockState): boolean => may(state, CAP_NET_RAW) || may(state, CAP_NET_ADMIN)

  const setNumber = (sk: Sock, name: number, value: number): number => {
    const state = stateOf<SockState>(sk)
    switch (name) {
      case SO_PRIORITY:
        if ((value < 0 || value > MAX_PRIORITY) && !isAdminOfNet(state)) return -EPERM
        break
      case SO_MARK:
        if (!isAdminOfNet(state)) return -EPERM
        sk.sk_mark = value
        break
      case SO_RCVLOWAT:
        state.options.set(name, value < 0 ? INT_MAX : value || 1)
        return 0
      case SO_BSDCOMPAT:
        return 0
      default:
        return -ENOPROTOOPT
    }
    state.options.set(name, value)
    return 0
  }

  const setLinger = (sk: Sock, value: unknown, len: number): number => {
    if (len < LINGER_SIZE) return -EINVAL
    if (typeof value !== 'object' || value === null || !('l_onoff' in value)) return -EFAULT
    const { l_onoff, l_linger } = value as Linger
    const { options } = stateOf(sk)
    options.set(SO_LINGER, l_onoff === 0 ? 0 : 1)
    // the time is kept when it is off
    if (l_onoff !== 0) options.set(LINGER_TIME, l_linger)
    return 0
  }

  const bindToDevice = (sk: Sock, name: unknown): number => {
    const text = isGuestBytes(name) ? decoder.decode(copyIn(name, 0, IFNAMSIZ)).replace(/\0[^]*$/, '') : String(name)
    if (text !== '' && text !== 'lo') return -ENODEV
    // changing a device that was chosen takes CAP_NET_RAW
    if (sk.sk_bound_dev_if !== 0 && !may(stateOf(sk), CAP_NET_RAW)) return -EPERM
    sk.sk_bound_dev_if = text === '' ? 0 : LOOPBACK
    return 0
  }

  const isLocked = (sk: Sock): boolean => (stateOf(sk).options.get(SO_LOCK_FILTER) ?? 0) !== 0

  const setFilter = (sk: Sock, filter: SocketFilter | null): number => {
    const state = stateOf(sk)
    if (isLocked(sk)) {
      filter?.release()
      return -EPERM
    }
    state.filter?.release()
    state.filter = filter
    return 0
  }

  /** As `sk_attach_bpf`: a program of sockets, which the socket holds. */
  const attachBpf = (sk: Sock, fd: number): number => {
    const { bpf } = machine
    const prog = bpf?.progOf(fd) ?? -EINVAL
    if (typeof prog === 'number') return prog
    if (prog.type !== BPF_PROG_TYPE_SOCKET_FILTER) return -EINVAL
    prog.refs++
    return setFilter(sk, { release: () => bpf!.put_prog(prog) })
  }

  const setTime = (sk: Sock, name: number, value: unknown, len: number): number => {
    if (len < TIMEVAL_SIZE || typeof value === 'number') return -EINVAL
    if (!isTimeval(value)) return -EFAULT
    const ms = timeoOf(value)
    if (ms === null) return -EDOM
    stateOf(sk).options.set(name, ms)
    return 0
  }

  const attachClassic = (sk: Sock, value: unknown): number => {
    if (isTcp(sk) && !may(stateOf(sk), CAP_NET_ADMIN)) return -EPERM
    if (typeof value !== 'object' || value === null) return -EINVAL
    if (isLocked(sk)) return -EPERM
    return classicFilter(lsm, current, value as SockFprog) || setFilter(sk, { release() {} })
  }

  const sk_setsockopt = (sk: Sock, name: number, value: unknown, len: number): number => {
    if (name === SO_BINDTODEVICE) return bindToDevice(sk, value)
    if (len < INT_SIZE) return -EINVAL
    const time = TIMES.get(name)
    if (time !== undefined) return setTime(sk, time, value, len)
    if (name === SO_ATTACH_FILTER) return attachClassic(sk, value)
    if (name === SO_LINGER) return setLinger(sk, value, len)
    if (typeof value !== 'number') return -EFAULT
    switch (name) {
      case SO_ATTACH_BPF:
        return len === INT_SIZE ? attachBpf(sk, value) : -EINVAL
      case SO_DETACH_FILTER:
        return stateOf(sk).filter === null && !isLocked(sk) ? -ENOENT : setFilter(sk, null)
      case SO_SNDBUF:
      case SO_RCVBUF:
        // of a negative one, too, the most there is
        return setBuffer(sk, name, Math.min(value >>> 0, BUFFER_MAX))
      case SO_SNDBUFFORCE:
      case SO_RCVBUFFORCE:
        if (!may(stateOf(sk), CAP_NET_ADMIN)) return -EPERM
        return setBuffer(sk, name === SO_SNDBUFFORCE ? SO_SNDBUF : SO_RCVBUF, Math.max(value, 0))
      default:
        return SWITCHES.has(name) ? setSwitch(sk, name, value !== 0) : setNumber(sk, name, value)
    }
  }

  /** `given` is a number, bytes, or the struct of the option. */
  const setsockopt = (fd: number, level: number, name: number, given: unknown, len: number): number => {
    if (len < 0) return -EINVAL
    const found = socketOf(machine, fd)
    if (typeof found === 'number') return found
    const { sock } = found
    const value = copyOption(given)
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

  const peerCred = (sock: Socket): { pid: number; uid: number; gid: number } => {
    const creds = opsOf(sock).family === AF_UNIX ? machine.net.unix.peerCreds(sock.sk!) : null
    if (creds === null) return { pid: 0, uid: INVALID_UID, gid: INVALID_GID }
    const { user_ns } = current.task.cred
    return {
      pid: creds.pid?.nr(machine.tasks.activeNs) ?? 0, uid: from_kuid_munged(user_ns, creds.uid),
      gid: from_kgid_munged(user_ns, creds.gid),
    }
  }

  /** As much of the peer's address as was asked for, which must not be more than it has. */
  const peerName = (sock: Socket, len: number): Uint8Array | number => {
    const name = opsOf(sock).getname(sock, true)
    if (typeof name === 'number') return -ENOTCONN
    return name.length < len ? -EINVAL : name.subarray(0, len)
  }

  /** A value and how long its struct is; null where there is no such option. */
  const optionOf = (sock: Socket, name: number): readonly [value: OptionValue['value'], size: number] | null => {
    const sk = sock.sk!
    const state = stateOf<SockState>(sk)
    const { options } = state
    const time = TIMES.get(name)
    if (time !== undefined) return [timeoValue(options.get(time) ?? Infinity), TIMEVAL_SIZE]
    const buffer = BUFFERS.get(name)
    if (buffer !== undefined) return [options.get(name) ?? (isTcp(sk) ? buffer.tcp : buffer.plain), INT_SIZE]
    switch (name) {
      case SO_TYPE:
        return [sk.sk_type, INT_SIZE]
      case SO_PROTOCOL:
        return [sk.sk_protocol, INT_SIZE]
      case SO_DOMAIN:
        return [sk.sk_family, INT_SIZE]
      case SO_ACCEPTCONN:
        return [sk.sk_state === TCP_LISTEN ? 1 : 0, INT_SIZE]
      case SO_ERROR:
        return [takeError(state), INT_SIZE]
      case SO_PEERCRED:
        return [peerCred(sock), UCRED_SIZE]
      case SO_LINGER:
        return [{ l_onoff: options.get(SO_LINGER) ?? 0, l_linger: options.get(LINGER_TIME) ?? 0 }, LINGER_SIZE]
      case SO_RCVLOWAT:
      case SO_SNDLOWAT:
        return [options.get(name) ?? 1, INT_SIZE]
      case SO_BSDCOMPAT:
      case SO_PRIORITY:
      case SO_MARK:
        return [options.get(name) ?? 0, INT_SIZE]
      default:
        return SWITCHES.has(name) ? [options.get(name) ?? 0, INT_SIZE] : null
    }
  }

  /** `len` is left with how much of the value there was room for. */
  const sk_getsockopt = (sock: Socket, name: number, out: OptionValue, len: { value: number }): number => {
    if (name === SO_PEERSEC) return peerLabel(sock, out, len)
    if (name === SO_PEERNAME) {
      const address = peerName(sock, len.value)
      if (typeof address === 'number') return address
      out.value = address
      return 0
    }
    const option = optionOf(sock, name)
    if (option === null) return -ENOPROTOOPT
    out.value = option[0]
    len.value = Math.min(len.value, option[1])
    return 0
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

  machine.programOptions = {
    set: (sk, name, value) => {
      if (!PROGRAM_OPTIONS.has(name)) return -EINVAL
      byProgram = true
      try {
        return sk_setsockopt(sk, name, value, INT_SIZE)
      } finally {
        byProgram = false
      }
    },
    get: (sk, name, out) => {
      if (!PROGRAM_OPTIONS.has(name)) return -EINVAL
      const { options } = stateOf<SockState>(sk)
      const buffer = BUFFERS.get(name)
      const first = buffer === undefined ? Number(name === SO_RCVLOWAT) : isTcp(sk) ? buffer.tcp : buffer.plain
      out.value = options.get(name) ?? first
      return 0
    },
  }
  return { setsockopt, getsockopt }
}
