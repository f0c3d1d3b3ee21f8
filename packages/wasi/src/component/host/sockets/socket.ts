/** Sockets of a component, TCP or UDP: their descriptor, their addresses and their options. */
import {
  AF_INET, IPPROTO_IP, IPPROTO_IPV6, IPV6_UNICAST_HOPS, IP_TTL, O_NONBLOCK, SOCK_CLOEXEC, SOL_SOCKET, SO_RCVBUF,
  SO_SNDBUF, WASI_RIGHTS_ALL,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import type { Process } from '../../../process.ts'
import { INHERITING } from '../../../rights.ts'
import type { Callee } from '../../callee.ts'
import { Resource } from '../../handles.ts'
import { Opened } from '../descriptors.ts'
import { fileOf } from '../file-streams.ts'
import { FAMILIES, putAddress } from './addresses.ts'
import { putSocketResult, socketError } from './errors.ts'
import type { SocketError } from './errors.ts'

/** Bytes of an option that is a number. */
const INT = 4
/** The hop limit until a program sets one. */
const HOPS = 64
const MOST_INT = 0x7fffffff

/** wasi:sockets/network: the network of the machine; hooks decide what it leads to. */
export class Network extends Resource {}

export abstract class ComponentSocket extends Resource {
  readonly opened: Opened
  /** AF_INET or AF_INET6. */
  readonly family: number
  readonly process: Process

  constructor(process: Process, opened: Opened, family: number) {
    super()
    this.process = process
    this.opened = opened
    this.family = family
  }

  abstract get isBound(): boolean
  abstract get isConnected(): boolean

  get file(): File | null {
    return fileOf(this.process, this.opened)
  }

  override drop(): void {
    this.opened.drop()
  }
}

/** Registers a descriptor of a socket. */
export const socketOpened = (process: Process, fd: number): Opened => {
  process.descriptors.open(fd, WASI_RIGHTS_ALL, INHERITING)
  return new Opened(process, fd)
}

/** The answer of `create-tcp-socket` and of `create-udp-socket`. */
export const create = (
  callee: Callee, type: number, family: number, ret: number,
  make: (opened: Opened, family: number) => ComponentSocket,
): number => {
  const { process } = callee
  const af = FAMILIES[family] ?? callee.trap(`no such family of addresses: ${family}`)
  const fd = process.sys.socket(process.task, af, type | SOCK_CLOEXEC, 0)
  if (putSocketResult(callee, ret, socketError(fd), 4))
    callee.put32(ret + 4, callee.hand(make(socketOpened(process, fd), af)))
  return 0
}

/** A call that would wait is -EAGAIN, -EALREADY or -EINPROGRESS. */
export const withoutWaiting = <T>(file: File | null, call: () => T): T => {
  if (file === null) return call()
  file.f_flags |= O_NONBLOCK
  try {
    return call()
  } finally {
    file.f_flags &= ~O_NONBLOCK
  }
}

export const done = (callee: Callee, ret: number, error: SocketError | null): number => {
  putSocketResult(callee, ret, error)
  return 0
}

/** `result<ip-socket-address, error-code>`: its own address, or that of the peer. */
export const addressOf = (callee: Callee, socket: ComponentSocket, ret: number, isPeer: boolean): number => {
  const { process: { sys, task } } = callee
  const { opened: { fd } } = socket
  const raw = new Uint8Array(28)
  const length = ref(raw.length)
  const isKnown = isPeer ? socket.isConnected : socket.isBound
  const rc = !isKnown ? 0
    : isPeer ? sys.getpeername(task, fd, raw, length) : sys.getsockname(task, fd, raw, length)
  if (putSocketResult(callee, ret, isKnown ? socketError(rc) : 'invalid-state', 4)) putAddress(callee, ret + 4, raw)
  return 0
}

const get = ({ process: { sys, task }, opened }: ComponentSocket, level: number, name: number): number => {
  const out = { value: 0 as unknown }
  const rc = sys.getsockopt(task, opened.fd, level, name, out as never, ref(INT))
  return rc < 0 ? rc : Number(out.value)
}

/** Where the option is a number above 0, and `usual` what it is until one is set. */
export interface NumberOption {
  readonly level: number
  readonly name: number
  readonly usual: number
  /** Units of the interface in one of the kernel's. */
  readonly unit: number
}

/** The number, in units of the interface; -errno. */
export const getNumber = (socket: ComponentSocket, { level, name, usual, unit }: NumberOption): number => {
  const value = get(socket, level, name)
  return value < 0 ? value : Math.ceil((value === 0 ? usual : value) * unit)
}

/** 0 is `invalid-argument`. A number above `most` is `most`. */
export const setNumber = (
  { process: { sys, task }, opened }: ComponentSocket, { level, name, unit }: NumberOption, value: number, most: number,
): SocketError | null => {
  if (value === 0) return 'invalid-argument'
  const own = Math.min(Math.max(1, Math.round(value / unit)), most)
  return socketError(sys.setsockopt(task, opened.fd, level, name, own, INT))
}

export const setFlag = (
  { process: { sys, task }, opened }: ComponentSocket, level: number, name: number, isOn: boolean,
): SocketError | null => socketError(sys.setsockopt(task, opened.fd, level, name, isOn ? 1 : 0, INT))

export const getFlag = (socket: ComponentSocket, level: number, name: number): number => get(socket, level, name)

const hops = ({ family }: ComponentSocket): NumberOption => family === AF_INET
  ? { level: IPPROTO_IP, name: IP_TTL, usual: HOPS, unit: 1 }
  : { level: IPPROTO_IPV6, name: IPV6_UNICAST_HOPS, usual: HOPS, unit: 1 }

/** The kernel keeps twice what was asked for. */
const buffer = (name: number): NumberOption => ({ level: SOL_SOCKET, name, usual: 1, unit: 1 / 2 })
const RECEIVE = buffer(SO_RCVBUF)
const SEND = buffer(SO_SNDBUF)

/** `result<u8, error-code>`. */
const putU8 = (callee: Callee, ret: number, value: number): number => {
  if (putSocketResult(callee, ret, socketError(value))) callee.put8(ret + 1, value)
  return 0
}

/** `result<u64, error-code>`. */
export const putU64 = (callee: Callee, ret: number, value: number): number => {
  if (putSocketResult(callee, ret, socketError(value), 8)) callee.put64(ret + 8, value)
  return 0
}

type Of = abstract new (...args: never[]) => ComponentSocket

const setBuffer = (callee: Callee, socket: ComponentSocket, option: NumberOption, size: bigint, ret: number): number =>
  done(callee, ret, setNumber(socket, { ...option, unit: 1 }, Number(BigInt.asUintN(64, size)), MOST_INT >> 1))

/** Methods that both kinds have, by the name of their resource and of its hop limit. */
export const socketMethods = (callee: Callee, of: Of, kind: string, limit: string) => {
  const socket = (self: number): ComponentSocket => callee.resource(self, of)
  return {
    [`[method]${kind}.local-address`]: (self: number, ret: number) => addressOf(callee, socket(self), ret, false),
    [`[method]${kind}.remote-address`]: (self: number, ret: number) => addressOf(callee, socket(self), ret, true),
    [`[method]${kind}.address-family`]: (self: number) => FAMILIES.indexOf(socket(self).family as typeof AF_INET),
    [`[method]${kind}.${limit}`]: (self: number, ret: number) =>
      putU8(callee, ret, getNumber(socket(self), hops(socket(self)))),
    [`[method]${kind}.set-${limit}`]: (self: number, value: number, ret: number) =>
      done(callee, ret, setNumber(socket(self), hops(socket(self)), value & 0xff, 255)),
    [`[method]${kind}.receive-buffer-size`]: (self: number, ret: number) =>
      putU64(callee, ret, getNumber(socket(self), RECEIVE)),
    [`[method]${kind}.set-receive-buffer-size`]: (self: number, size: bigint, ret: number) =>
      setBuffer(callee, socket(self), RECEIVE, size, ret),
    [`[method]${kind}.send-buffer-size`]: (self: number, ret: number) =>
      putU64(callee, ret, getNumber(socket(self), SEND)),
    [`[method]${kind}.set-send-buffer-size`]: (self: number, size: bigint, ret: number) =>
      setBuffer(callee, socket(self), SEND, size, ret),
  }
}
