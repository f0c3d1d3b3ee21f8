/** `wasi:sockets` of WASI 0.3: the sockets of 0.2, whose steps are one call each, and whose bytes are streams. */
import { AF_INET, AF_INET6, EAGAIN, SHUT_WR, SOL_SOCKET, SO_ACCEPTCONN } from '@lsmkit/abi'
import { hostText, lookUp } from '../../name-lookup.ts'
import { ComponentStream } from '../async/streams.ts'
import { FileInput } from '../host/file-streams.ts'
import { Pollable } from '../host/pollable.ts'
import { ofWords, putAddress, putIp } from '../host/sockets/addresses.ts'
import { socketError } from '../host/sockets/errors.ts'
import type { SocketError } from '../host/sockets/errors.ts'
import { getFlag } from '../host/sockets/socket.ts'
import { accepted, finishConnect, SocketOutput, startBind, startConnect, startListen } from '../host/sockets/tcp.ts'
import type { TcpSocket } from '../host/sockets/tcp.ts'
import { connectUdp, receive, sendTo, startBindUdp } from '../host/sockets/udp.ts'
import type { UdpSocket } from '../host/sockets/udp.ts'
import type { ComponentValue } from '../scalars.ts'
import type { Signature, ValueType } from '../value-types.ts'
import { getters, setters, spelled } from './member.ts'
import type { Functions, Member } from './member.ts'
import { errorResult, fieldTypes, inputStream, outputStream, passedBy } from './streams.ts'
import type { EndOf, Host3 } from './streams.ts'

const TCP = ['local-address', 'remote-address', 'address-family', 'keep-alive-enabled', 'keep-alive-idle-time',
  'keep-alive-interval', 'keep-alive-count', 'hop-limit', 'receive-buffer-size', 'send-buffer-size']
const TCP_SET = ['listen-backlog-size', 'keep-alive-enabled', 'keep-alive-idle-time', 'keep-alive-interval',
  'keep-alive-count', 'hop-limit', 'receive-buffer-size', 'send-buffer-size']
const UDP_SET = ['unicast-hop-limit', 'receive-buffer-size', 'send-buffer-size']
const UDP = ['local-address', 'remote-address', 'address-family', ...UDP_SET]

const socketEnd: EndOf = (type, rc) => (rc >= 0 ? { ok: null } : errorResult(type, socketError(rc)!))

/** A `result` without a value. */
const resultOf = ({ result }: Signature, error: SocketError | null): ComponentValue =>
  (error === null ? { ok: null } : errorResult(result, error))

/** The sockaddr of an `ip-socket-address`. */
const rawOf = ({ spelling }: Host3, type: ValueType, value: ComponentValue): Uint8Array | null =>
  ofWords(spelling.words(type, value).map(Number))

/** What a `result` carries when it went well. */
const okType = (result: ValueType | null): ValueType | null =>
  (result !== null && 'cases' in result ? result.cases[0]?.[1] ?? null : null)

/** An address that a socket without one is bound to: any of its family, and a free port. */
const anyAddress = (family: number): Uint8Array => {
  const raw = new Uint8Array(family === AF_INET6 ? 28 : 16)
  raw[0] = family === AF_INET6 ? AF_INET6 : AF_INET
  return raw
}

const bindTcp = (socket: TcpSocket, raw: Uint8Array | null): SocketError | null => {
  const error = startBind(socket, raw)
  if (error === null) socket.state = 'bound'
  return error
}

const bindUdp = (socket: UdpSocket, raw: Uint8Array | null): SocketError | null => {
  const error = startBindUdp(socket, raw)
  if (error === null) socket.state = 'bound'
  return error
}

const bindAny = (socket: UdpSocket): SocketError | null =>
  (socket.state === 'unbound' ? bindUdp(socket, anyAddress(socket.family)) : null)

/** A method that takes an address. */
const withAddress = <T>(host: Host3, call: (socket: T, raw: Uint8Array | null) => SocketError | null): Member => ({
  call: ([self, address], signature) =>
    resultOf(signature, call(self as T, rawOf(host, signature.params[1]!, address!))),
})

/** `stream<tcp-socket>`: the connections to a listener. */
const connections = ({ process, scheduler }: Host3, listener: TcpSocket, of: ValueType | null): ComponentStream => {
  const stream = new ComponentStream('stream', of, null)
  stream.onReader = () => {
    const { waiting } = stream
    if (waiting === null || stream.isDropped) return
    let socket: TcpSocket | number = -EAGAIN
    const isThere = (): boolean => {
      if (stream.waiting !== waiting) return true
      socket = accepted(listener)
      return socket !== -EAGAIN
    }
    const take = (): void => {
      if (typeof socket !== 'number') stream.give([socket as never])
      else if (socket !== -EAGAIN) stream.drop()
    }
    if (isThere()) return take()
    scheduler.waitForHost(new Pollable({ isReady: isThere, queues: () => listener.poll().queues }), take)
  }
  process.looksAgain()
  return stream
}

const listen = (host: Host3): Member => ({
  call: ([self], { result }) => {
    const socket = self as never as TcpSocket
    const error = (socket.state === 'unbound' ? bindTcp(socket, anyAddress(socket.family)) : null) ??
      startListen(socket)
    if (error !== null) return errorResult(result, error)
    socket.state = 'listening'
    return { ok: connections(host, socket, passedBy(okType(result))) }
  },
})

const connect = (host: Host3): Member => ({
  later: ([self, address], answer, signature) => {
    const socket = self as never as TcpSocket
    const begun = startConnect(socket, rawOf(host, signature.params[1]!, address!))
    if (begun !== null) return answer(resultOf(signature, begun))
    const goOn = (): void => {
      const error = finishConnect(socket)
      if (error !== 'would-block') return answer(resultOf(signature, error))
      host.scheduler.waitForHost(socket.poll(), goOn)
    }
    goOn()
  },
})

/** Each direction of a connection is taken once. */
const taken = { send: new WeakSet<TcpSocket>(), receive: new WeakSet<TcpSocket>() }

const take = (direction: keyof typeof taken, socket: TcpSocket): boolean => {
  if (!socket.isConnected || taken[direction].has(socket)) return false
  taken[direction].add(socket)
  return true
}

const wrongState: EndOf = (type) => errorResult(type, 'invalid-state')

const tcp: Functions = (host) => ({
  '[static]tcp-socket.create': spelled(host, 'wasi:sockets/tcp-create-socket', 'create-tcp-socket'),
  '[method]tcp-socket.bind': withAddress(host, bindTcp),
  '[method]tcp-socket.connect': connect(host),
  '[method]tcp-socket.listen': listen(host),
  '[method]tcp-socket.send': {
    call: ([self, data], { result }) => {
      const socket = self as never as TcpSocket
      if (!take('send', socket))
        return outputStream(host, data as ComponentStream, result, { to: -1, endOf: wrongState })
      const { process: { sys, task }, opened } = socket
      return outputStream(host, data as ComponentStream, result, {
        to: new SocketOutput(opened, null), endOf: socketEnd,
        over: (rc) => (rc < 0 ? rc : sys.shutdown(task, opened.fd, SHUT_WR)),
      })
    },
  },
  '[method]tcp-socket.receive': {
    call: ([self], { result }) => {
      const socket = self as never as TcpSocket
      return take('receive', socket)
        ? inputStream(host, fieldTypes(result), { from: new FileInput(socket.opened, null), endOf: socketEnd })
        : inputStream(host, fieldTypes(result), { from: -1, endOf: wrongState })
    },
  },
  '[method]tcp-socket.get-is-listening': {
    call: ([self]) => getFlag(self as never as TcpSocket, SOL_SOCKET, SO_ACCEPTCONN) === 1,
  },
  ...getters(host, 'wasi:sockets/tcp', ['tcp-socket', 'tcp-socket'], TCP),
  ...setters(host, 'wasi:sockets/tcp', ['tcp-socket', 'tcp-socket'], TCP_SET),
})

/** Calls until it would not wait. */
const untilReady = (
  { scheduler }: Host3, socket: UdpSocket, forWriting: boolean, call: () => boolean, then: () => void,
): void => {
  if (call()) return then()
  const file = Pollable.ofFile(() => socket.file, forWriting)
  scheduler.waitForHost(new Pollable({ isReady: call, queues: () => file.queues }), then)
}

const send = (host: Host3): Member => ({
  later: ([self, data, address], answer, signature) => {
    const socket = self as never as UdpSocket
    const type = signature.params[2]
    const of = type !== undefined && 'cases' in type ? type.cases[1]?.[1] ?? null : null
    const to = address === null || of === null ? null : rawOf(host, of, address!)
    let error = address !== null && to === null ? 'invalid-argument' as const : bindAny(socket)
    if (error !== null) return answer(resultOf(signature, error))
    untilReady(host, socket, true, () => {
      error = sendTo(socket, data as Uint8Array, to)
      return error !== 'would-block'
    }, () => answer(resultOf(signature, error)))
  },
})

const receiveOne = (host: Host3): Member => ({
  later: ([self], answer, { result }) => {
    const socket = self as never as UdpSocket
    if (!socket.isBound) return answer(errorResult(result, 'invalid-state'))
    const [, address] = fieldTypes(okType(result))
    let got: ReturnType<typeof receive> = -EAGAIN
    untilReady(host, socket, false, () => {
      got = receive(socket)
      return got !== -EAGAIN
    }, () => {
      if (typeof got === 'number') return answer(errorResult(result, socketError(got)!))
      const [bytes, from] = got
      host.process.budget.spendBytes(bytes.length)
      answer({ ok: [bytes, host.spelling.placed(address!, (callee, at) => putAddress(callee, at, from))] })
    })
  },
})

const udp: Functions = (host) => ({
  '[static]udp-socket.create': spelled(host, 'wasi:sockets/udp-create-socket', 'create-udp-socket'),
  '[method]udp-socket.bind': withAddress(host, bindUdp),
  '[method]udp-socket.connect': withAddress<UdpSocket>(host, (socket, raw) =>
    bindAny(socket) ?? (raw === null ? 'invalid-argument' : connectUdp(socket, raw))),
  '[method]udp-socket.disconnect': {
    call: ([self], signature) => {
      const socket = self as never as UdpSocket
      return resultOf(signature, socket.isConnected ? connectUdp(socket, null) : 'invalid-state')
    },
  },
  '[method]udp-socket.send': send(host),
  '[method]udp-socket.receive': receiveOne(host),
  ...getters(host, 'wasi:sockets/udp', ['udp-socket', 'udp-socket'], UDP),
  ...setters(host, 'wasi:sockets/udp', ['udp-socket', 'udp-socket'], UDP_SET),
})

export const sockets: Functions = (host) => ({ ...tcp(host), ...udp(host) })

export const ipNameLookup: Functions = ({ process, spelling }) => ({
  'resolve-addresses': {
    call: ([name], { result }) => {
      const text = hostText(name as string)
      if (text === null) return errorResult(result, 'invalid-argument')
      const found = text.includes(':') ? text : lookUp(process, text)
      if (found === null) return errorResult(result, 'name-unresolvable')
      const list = okType(result)
      const of = list !== null && 'of' in list ? list.of : null
      return { ok: [spelling.placed(of!, (callee, at) => putIp(callee, at, found))] }
    },
  },
})
