/** setsockopt and getsockopt: options of all sockets, and the label of the peer (net/core/sock.c). */
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
import type { PeersecBuffer, Sock, Socket } from '@lsmkit/core'
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

/** Options that are on or off, and only kept. */
const SWITCHES = new Set([
  SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_NO_CHECK, SO_REUSEPORT,
  SO_PASSCRED, SO_PASSSEC, SO_TIMESTAMP, SO_RXQ_OVFL, SO_WIFI_STATUS, SO_NOFCS, SO_LOCK_FILTER, SO_SELECT_ERR_QUEUE,
  SO_RCVMARK,
])
/** Options that programs of the kernel may set and read (sol_socket_sockopt), as far as this kernel has them. */
const PROGRAM_OPTIONS = new Set([
  SO_REUSEADDR, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_PRIORITY, SO_REUSEPORT, SO_RCVLOWAT, SO_MARK,
])
/** Least size of each buffer (SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF), and its size at first; TCP has its own. */
const BUFFERS: ReadonlyMap<number, { readonly min: number; readonly initial: number; readonly tcp: number }> = new Map([
  [SO_SNDBUF, { min: 4608, initial: 212992, tcp: 16384 }], [SO_RCVBUF, { min: 2304, initial: 212992, tcp: 131072 }],
])
/** net.core.wmem_max, rmem_max. */
const BUFFER_MAX = 212992
const INT_MAX = 0x7fffffff
/** Timeouts, by both names of each option: for 64-bit programs they are the same. */
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
/** The key of the time of SO_LINGER, which is not an option itself. */
const LINGER_TIME = -SO_LINGER
const LOOPBACK = 1
const MAX_PRIORITY = 6

export interface Linger {
  readonly l_onoff: number
  readonly l_linger: number
}

/** The value that getsockopt gives: a number, bytes, or the struct of the option. */
export interface OptionValue {
  value: number | Uint8Array | { pid: number; uid: number; gid: number } | Timeval | Linger
}

/** The longest name of a device, and its NUL. */
const IFNAMSIZ = 16
const decoder = new TextDecoder()
/** Most bytes of an option (addresses of SCTP). */
const OPTION_MAX = 65536

/** Copies the value of an option in. */
const copyOption = (value: unknown): unknown => {
  if (isGuestBytes(value)) return copyIn(value, 0, OPTION_MAX)
  if (isProgram(value)) return copyProgram(value)
  return typeof value === 'object' && value !== null ? { ...value } : value
}

const isInet = ({ sk_family }: Sock): boolean => sk_family === AF_INET || sk_family === AF_INET6
const isTcp = (sk: Sock): boolean => isInet(sk) && sk.sk_type === SOCK_STREAM && sk.sk_protocol === IPPROTO_TCP

const may = (machine: Machine, state: SockState, cap: number): boolean =>
  ns_capable(machine.lsm, machine.current, state.net.user_ns, cap)

/** As `sock_valbool_flag`, with the conditions of some switches. */
const setSwitch = (machine: Machine, sk: Sock, name: number, on: boolean): number => {
  const state = stateOf<SockState>(sk)
  if (name === SO_DEBUG && on && !may(machine, state, CAP_NET_ADMIN)) return -EACCES
  if (name === SO_REUSEPORT && on && !isInet(sk)) return -EOPNOTSUPP
  if (name === SO_LOCK_FILTER && !on && isLocked(sk)) return -EPERM
  state.options.set(name, on ? 1 : 0)
  return 0
}

/** Doubles the size: half of it is for the kernel's own data. */
const setBuffer = (sk: Sock, name: number, value: number): number => {
  const state = stateOf<SockState>(sk)
  state.options.set(name, Math.max(Math.min(value, INT_MAX >> 1) * 2, BUFFERS.get(name)!.min))
  state.wait.wake()
  return 0
}

/** CAP_NET_RAW or CAP_NET_ADMIN is needed for a mark and for a priority outside 0 to MAX_PRIORITY. */
const mayNumber = (machine: Machine, sk: Sock, name: number, value: number): boolean => {
  const isFree = name === SO_PRIORITY ? value >= 0 && value <= MAX_PRIORITY : name !== SO_MARK
  if (isFree) return true
  const state = stateOf<SockState>(sk)
  return may(machine, state, CAP_NET_RAW) || may(machine, state, CAP_NET_ADMIN)
}

const setNumber = (sk: Sock, name: number, value: number): number => {
  const { options } = stateOf<SockState>(sk)
  switch (name) {
    case SO_PRIORITY:
      options.set(name, value)
      return 0
    case SO_MARK:
      sk.sk_mark = value
      options.set(name, value)
      return 0
    case SO_RCVLOWAT:
      options.set(name, value < 0 ? INT_MAX : value || 1)
      return 0
    case SO_BSDCOMPAT:
      return 0
    default:
      return -ENOPROTOOPT
  }
}

/** Options that programs of the kernel may set as well; `mayNumber` has been asked where it must be. */
const setPlain = (machine: Machine, sk: Sock, name: number, value: number): number => {
  // a negative size means the largest one
  if (BUFFERS.has(name)) return setBuffer(sk, name, Math.min(value >>> 0, BUFFER_MAX))
  return SWITCHES.has(name) ? setSwitch(machine, sk, name, value !== 0) : setNumber(sk, name, value)
}

const setLinger = (sk: Sock, value: unknown, len: number): number => {
  if (len < LINGER_SIZE) return -EINVAL
  if (typeof value !== 'object' || value === null || !('l_onoff' in value)) return -EFAULT
  const { l_onoff, l_linger } = value as Linger
  const { options } = stateOf(sk)
  options.set(SO_LINGER, l_onoff === 0 ? 0 : 1)
  // turning it off keeps the time
  if (l_onoff !== 0) options.set(LINGER_TIME, l_linger)
  return 0
}

const bindToDevice = (machine: Machine, sk: Sock, name: unknown): number => {
  const text = isGuestBytes(name) ? decoder.decode(copyIn(name, 0, IFNAMSIZ)).replace(/\0[^]*$/, '') : String(name)
  if (text !== '' && text !== 'lo') return -ENODEV
  // only the first device can be chosen without CAP_NET_RAW
  if (sk.sk_bound_dev_if !== 0 && !may(machine, stateOf(sk), CAP_NET_RAW)) return -EPERM
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

/** As `sk_attach_bpf`: attaches a program of sockets and holds a reference. */
const attachBpf = (machine: Machine, sk: Sock, fd: number): number => {
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

const attachClassic = (machine: Machine, sk: Sock, value: unknown): number => {
  if (isTcp(sk) && !may(machine, stateOf(sk), CAP_NET_ADMIN)) return -EPERM
  if (typeof value !== 'object' || value === null) return -EINVAL
  if (isLocked(sk)) return -EPERM
  return classicFilter(machine.lsm, machine.current, value as SockFprog) || setFilter(sk, { release() {} })
}

const sk_setsockopt = (machine: Machine, sk: Sock, name: number, value: unknown, len: number): number => {
  if (name === SO_BINDTODEVICE) return bindToDevice(machine, sk, value)
  if (len < INT_SIZE) return -EINVAL
  const time = TIMES.get(name)
  if (time !== undefined) return setTime(sk, time, value, len)
  if (name === SO_ATTACH_FILTER) return attachClassic(machine, sk, value)
  if (name === SO_LINGER) return setLinger(sk, value, len)
  if (typeof value !== 'number') return -EFAULT
  switch (name) {
    case SO_ATTACH_BPF:
      return len === INT_SIZE ? attachBpf(machine, sk, value) : -EINVAL
    case SO_DETACH_FILTER:
      return stateOf(sk).filter === null && !isLocked(sk) ? -ENOENT : setFilter(sk, null)
    case SO_SNDBUFFORCE:
    case SO_RCVBUFFORCE:
      if (!may(machine, stateOf(sk), CAP_NET_ADMIN)) return -EPERM
      return setBuffer(sk, name === SO_SNDBUFFORCE ? SO_SNDBUF : SO_RCVBUF, Math.max(value, 0))
    default:
      return mayNumber(machine, sk, name, value) ? setPlain(machine, sk, name, value) : -EPERM
  }
}

/** `given` is a number, bytes, or the struct of the option. */
const setsockopt = (machine: Machine, fd: number, level: number, name: number, given: unknown, len: number): number => {
  if (len < 0) return -EINVAL
  const found = socketOf(machine, fd)
  if (typeof found === 'number') return found
  const { sock } = found
  const value = copyOption(given)
  const rc = machine.lsm.socket_setsockopt.ask(sock, level, name)
  if (rc !== 0) return rc
  if (level === SOL_SOCKET) return sk_setsockopt(machine, sock.sk!, name, value, len)
  return opsOf(sock).setsockopt(sock, level, name, value)
}

const peerLabel = (machine: Machine, sock: Socket, out: OptionValue, len: { value: number }): number => {
  const buffer: PeersecBuffer = { value: null, length: len.value }
  const needed = ref(len.value)
  const rc = machine.lsm.socket_getpeersec_stream.ask(sock, buffer, needed, len.value)
  len.value = needed.value
  if (rc !== 0) return rc
  if (buffer.value === null) return -ERANGE
  out.value = buffer.value
  return 0
}

const peerCred = (machine: Machine, sock: Socket): { pid: number; uid: number; gid: number } => {
  const creds = opsOf(sock).family === AF_UNIX ? machine.net.unix.peerCreds(sock.sk!) : null
  if (creds === null) return { pid: 0, uid: INVALID_UID, gid: INVALID_GID }
  const { user_ns } = machine.current.task.cred
  return {
    pid: creds.pid?.nr(machine.tasks.activeNs) ?? 0, uid: from_kuid_munged(user_ns, creds.uid),
    gid: from_kgid_munged(user_ns, creds.gid),
  }
}

/** `len` bytes of the peer's address, which must have as many. */
const peerName = (sock: Socket, len: number): Uint8Array | number => {
  const name = opsOf(sock).getname(sock, true)
  if (typeof name === 'number') return -ENOTCONN
  return name.length < len ? -EINVAL : name.subarray(0, len)
}

/** A value and the bytes of its struct; null for an unknown option. */
const optionOf = (
  machine: Machine, sock: Socket, name: number,
): readonly [value: OptionValue['value'], size: number] | null => {
  const sk = sock.sk!
  const state = stateOf<SockState>(sk)
  const { options } = state
  const time = TIMES.get(name)
  if (time !== undefined) return [timeoValue(options.get(time) ?? Infinity), TIMEVAL_SIZE]
  const buffer = BUFFERS.get(name)
  if (buffer !== undefined) return [options.get(name) ?? (isTcp(sk) ? buffer.tcp : buffer.initial), INT_SIZE]
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
      return [peerCred(machine, sock), UCRED_SIZE]
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

/** `len` is set to the bytes of the value that had room. */
const sk_getsockopt = (
  machine: Machine, sock: Socket, name: number, out: OptionValue, len: { value: number },
): number => {
  if (name === SO_PEERSEC) return peerLabel(machine, sock, out, len)
  if (name === SO_PEERNAME) {
    const address = peerName(sock, len.value)
    if (typeof address === 'number') return address
    out.value = address
    return 0
  }
  const option = optionOf(machine, sock, name)
  if (option === null) return -ENOPROTOOPT
  out.value = option[0]
  len.value = Math.min(len.value, option[1])
  return 0
}

const getsockopt = (
  machine: Machine, fd: number, level: number, name: number, out: OptionValue | null, len: { value: number } | null,
): number => {
  const found = socketOf(machine, fd)
  if (typeof found === 'number') return found
  const { sock } = found
  const rc = machine.lsm.socket_getsockopt.ask(sock, level, name)
  if (rc !== 0) return rc
  if (out === null || len === null) return -EFAULT
  if (len.value < 0) return -EINVAL
  if (level === SOL_SOCKET) return sk_getsockopt(machine, sock, name, out, len)
  const answer = opsOf(sock).getsockopt(sock, level, name, out.value)
  if (typeof answer === 'object' && 'rc' in answer) return answer.rc
  out.value = answer
  return 0
}

/**
 * Sets an option for a program of the kernel, which needs no capability (sockopt_ns_capable) and asks no hook: 0 or
 * -errno.
 */
export const setProgramOption = (machine: Machine, sk: Sock, name: number, value: number): number =>
  PROGRAM_OPTIONS.has(name) ? setPlain(machine, sk, name, value) : -EINVAL

/** Reads an option for a program of the kernel: 0 or -errno. */
export const getProgramOption = (sk: Sock, name: number, out: { value: number }): number => {
  if (!PROGRAM_OPTIONS.has(name)) return -EINVAL
  const { options } = stateOf<SockState>(sk)
  const buffer = BUFFERS.get(name)
  const first = buffer === undefined ? Number(name === SO_RCVLOWAT) : isTcp(sk) ? buffer.tcp : buffer.initial
  out.value = options.get(name) ?? first
  return 0
}

export const socketOptionSyscalls = { setsockopt, getsockopt }
