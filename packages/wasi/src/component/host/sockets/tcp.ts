/** `wasi:sockets/tcp`: connections and listeners, each a socket of the task. */
import {
  EALREADY, EINPROGRESS, IPPROTO_TCP, MSG_NOSIGNAL, SHUT_RD, SHUT_RDWR, SHUT_WR, SOCK_CLOEXEC, SOCK_STREAM,
  SOL_SOCKET, SO_ACCEPTCONN, SO_KEEPALIVE, TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL,
} from '@lsmkit/abi'
import { bound } from '@lsmkit/kernel/boot'
import type { Process } from '../../../process.ts'
import type { Callee } from '../../callee.ts'
import { FileInput, FileOutput } from '../file-streams.ts'
import { fileQueues, isFileReady, Pollable } from '../pollable.ts'
import { ADDRESS_WORDS, isBindable, isConnectable, ofWords } from './addresses.ts'
import { putSocketResult, socketError } from './errors.ts'
import type { SocketError } from './errors.ts'
import {
  ComponentSocket, create, done, getFlag, getNumber, Network, putU64, setFlag, setNumber, socketMethods, socketOpened,
  withoutWaiting,
} from './socket.ts'
import type { NumberOption } from './socket.ts'

/** Keep-alive options, with Linux's defaults. */
const IDLE: NumberOption = { level: IPPROTO_TCP, name: TCP_KEEPIDLE, usual: 7200, unit: 1e9 }
const INTERVAL: NumberOption = { level: IPPROTO_TCP, name: TCP_KEEPINTVL, usual: 75, unit: 1e9 }
const COUNT: NumberOption = { level: IPPROTO_TCP, name: TCP_KEEPCNT, usual: 9, unit: 1 }
const MOST_SECONDS = 32767
const MOST_PROBES = 127
const BACKLOG = 128
const MOST_BACKLOG = 2 ** 31 - 1
/** The bytes that a writer may give at a time. A socket that is ready has room for some of it; the rest waits. */
const WRITES = 2 ** 16

type State =
  | 'unbound' | 'binding' | 'bound' | 'starting to listen' | 'listening' | 'connecting' | 'connected' | 'closed'

export class TcpSocket extends ComponentSocket {
  state: State = 'unbound'
  backlog = BACKLOG

  get isBound(): boolean {
    return this.state !== 'unbound' && this.state !== 'binding' && this.state !== 'closed'
  }

  get isConnected(): boolean {
    return this.state === 'connected'
  }

  /** It looks at the state of the socket each time: a connection, a listener, or neither. */
  poll(): Pollable {
    return new Pollable({
      isReady: () => {
        if (this.state === 'connecting') return isFileReady(this.file, true)
        return this.state !== 'listening' || isFileReady(this.file, false)
      },
      queues: () => fileQueues(this.file),
    })
  }
}

/** A write to a connection that is over is an error, and no signal. */
export class SocketOutput extends FileOutput {
  override write({ sys, task }: Process, bytes: Uint8Array): number {
    return sys.sendto(task, this.opened.fd, bytes, bytes.length, MSG_NOSIGNAL, null, 0)
  }

  override room(process: Process): number {
    return process.machine.as(process.task, () => this.poll(process).isReady(process)) ? WRITES : 0
  }
}

const putStreams = (callee: Callee, at: number, { opened }: TcpSocket): void =>
  callee.put32(at, callee.hand(new FileInput(opened, null)), callee.hand(new SocketOutput(opened, null)))

const tcp = (callee: Callee, self: number): TcpSocket => callee.resource(self, TcpSocket)

/** The step that began is over: `result<_, error-code>`. */
const finish = (from: State, to: State) => (callee: Callee, self: number, ret: number): number => {
  const socket = tcp(callee, self)
  if (socket.state !== from) return done(callee, ret, 'not-in-progress')
  socket.state = to
  return done(callee, ret, null)
}

/** The network and an address, behind the socket itself; what is answered lies at the last word. */
type AddressCall = readonly [callee: Callee, self: number, network: number, ...words: number[]]

const withAddress = (
  [callee, self, network, ...words]: AddressCall,
  call: (socket: TcpSocket, raw: Uint8Array | null) => SocketError | null,
): number => {
  callee.resource(network, Network)
  return done(callee, words[ADDRESS_WORDS]!, call(tcp(callee, self), ofWords(words)))
}

export const startBind = (socket: TcpSocket, raw: Uint8Array | null): SocketError | null => {
  const { process: { sys, task }, opened, family } = socket
  if (socket.state !== 'unbound') return 'invalid-state'
  if (!isBindable(raw, family)) return 'invalid-argument'
  const error = socketError(sys.bind(task, opened.fd, raw, raw.length))
  if (error === null) socket.state = 'binding'
  return error
}

/** Under way, and not over yet. */
const isUnderWay = (rc: number): boolean => rc === -EINPROGRESS || rc === -EALREADY

/** The first call of a connection, and each one that asks what has become of it, are connect(2). */
const connect = (socket: TcpSocket, raw: Uint8Array): number => {
  const { process: { sys, task }, opened } = socket
  return withoutWaiting(socket.file, () => sys.connect(task, opened.fd, raw, raw.length))
}

export const startConnect = (socket: TcpSocket, raw: Uint8Array | null): SocketError | null => {
  if (socket.state !== 'unbound' && socket.state !== 'bound') return 'invalid-state'
  if (!isConnectable(raw, socket.family)) return 'invalid-argument'
  const rc = connect(socket, raw)
  if (rc < 0 && !isUnderWay(rc)) {
    socket.state = 'closed'
    return socketError(rc)
  }
  socket.state = 'connecting'
  remotes.set(socket, raw)
  return null
}

/** Where sockets are being connected to. */
const remotes = new WeakMap<TcpSocket, Uint8Array>()

/** The state of a connection that was begun: `would-block` while it is under way. */
export const finishConnect = (socket: TcpSocket): SocketError | null => {
  if (socket.state !== 'connecting') return 'not-in-progress'
  const rc = connect(socket, remotes.get(socket)!)
  if (isUnderWay(rc)) return 'would-block'
  socket.state = rc < 0 ? 'closed' : 'connected'
  return socketError(rc)
}

export const startListen = (socket: TcpSocket): SocketError | null => {
  if (socket.state !== 'bound') return 'invalid-state'
  const { process: { sys, task }, opened } = socket
  const error = socketError(sys.listen(task, opened.fd, socket.backlog))
  if (error === null) socket.state = 'starting to listen'
  return error
}

/** A connection that waits for a listener; -errno, which is -EAGAIN where none does. */
export const accepted = (listener: TcpSocket): TcpSocket | number => {
  const { process } = listener
  const { sys, task } = process
  const fd = withoutWaiting(listener.file, () => sys.accept4(task, listener.opened.fd, null, null, SOCK_CLOEXEC))
  if (fd < 0) return fd
  const socket = new TcpSocket(process, socketOpened(process, fd), listener.family)
  socket.state = 'connected'
  return socket
}

const onTcp = {
  '[method]tcp-socket.start-bind': (...call: AddressCall) => withAddress(call, startBind),
  '[method]tcp-socket.finish-bind': finish('binding', 'bound'),
  '[method]tcp-socket.start-connect': (...call: AddressCall) => withAddress(call, startConnect),
  /** `result<tuple<input-stream, output-stream>, error-code>`. */
  '[method]tcp-socket.finish-connect'(callee: Callee, self: number, ret: number) {
    const socket = tcp(callee, self)
    const error = finishConnect(socket)
    if (putSocketResult(callee, ret, error, 4)) putStreams(callee, ret + 4, socket)
    return 0
  },
  '[method]tcp-socket.start-listen': (callee: Callee, self: number, ret: number) =>
    done(callee, ret, startListen(tcp(callee, self))),
  '[method]tcp-socket.finish-listen': finish('starting to listen', 'listening'),
  /** `result<tuple<tcp-socket, input-stream, output-stream>, error-code>`. */
  '[method]tcp-socket.accept'(callee: Callee, self: number, ret: number) {
    const listener = tcp(callee, self)
    const socket = listener.state === 'listening' ? accepted(listener) : null
    const error = socket === null ? 'invalid-state' : typeof socket === 'number' ? socketError(socket) : null
    if (!putSocketResult(callee, ret, error, 4)) return 0
    callee.put32(ret + 4, callee.hand(socket as TcpSocket))
    putStreams(callee, ret + 8, socket as TcpSocket)
    return 0
  },
  '[method]tcp-socket.is-listening': (callee: Callee, self: number) =>
    Number(getFlag(tcp(callee, self), SOL_SOCKET, SO_ACCEPTCONN) === 1),
  '[method]tcp-socket.set-listen-backlog-size'(callee: Callee, self: number, size: bigint, ret: number) {
    const socket = tcp(callee, self)
    if (BigInt.asUintN(64, size) === 0n) return done(callee, ret, 'invalid-argument')
    if (socket.state === 'connecting' || socket.state === 'connected') return done(callee, ret, 'invalid-state')
    socket.backlog = Math.min(Number(BigInt.asUintN(64, size)), MOST_BACKLOG)
    const { process: { sys, task }, opened } = socket
    return done(callee, ret, socket.state === 'listening'
      ? socketError(sys.listen(task, opened.fd, socket.backlog)) : null)
  },
  '[method]tcp-socket.keep-alive-enabled'(callee: Callee, self: number, ret: number) {
    const rc = getFlag(tcp(callee, self), SOL_SOCKET, SO_KEEPALIVE)
    if (putSocketResult(callee, ret, socketError(rc))) callee.put8(ret + 1, rc)
    return 0
  },
  '[method]tcp-socket.set-keep-alive-enabled': (callee: Callee, self: number, isOn: number, ret: number) =>
    done(callee, ret, setFlag(tcp(callee, self), SOL_SOCKET, SO_KEEPALIVE, isOn !== 0)),
  '[method]tcp-socket.keep-alive-idle-time': (callee: Callee, self: number, ret: number) =>
    putU64(callee, ret, getNumber(tcp(callee, self), IDLE)),
  '[method]tcp-socket.set-keep-alive-idle-time': (callee: Callee, self: number, time: bigint, ret: number) =>
    done(callee, ret, setNumber(tcp(callee, self), IDLE, Number(BigInt.asUintN(64, time)), MOST_SECONDS)),
  '[method]tcp-socket.keep-alive-interval': (callee: Callee, self: number, ret: number) =>
    putU64(callee, ret, getNumber(tcp(callee, self), INTERVAL)),
  '[method]tcp-socket.set-keep-alive-interval': (callee: Callee, self: number, time: bigint, ret: number) =>
    done(callee, ret, setNumber(tcp(callee, self), INTERVAL, Number(BigInt.asUintN(64, time)), MOST_SECONDS)),
  /** `result<u32, error-code>`. */
  '[method]tcp-socket.keep-alive-count'(callee: Callee, self: number, ret: number) {
    const count = getNumber(tcp(callee, self), COUNT)
    if (putSocketResult(callee, ret, socketError(count), 4)) callee.put32(ret + 4, count)
    return 0
  },
  '[method]tcp-socket.set-keep-alive-count': (callee: Callee, self: number, count: number, ret: number) =>
    done(callee, ret, setNumber(tcp(callee, self), COUNT, count >>> 0, MOST_PROBES)),
  '[method]tcp-socket.subscribe': (callee: Callee, self: number) => callee.hand(tcp(callee, self).poll()),
  '[method]tcp-socket.shutdown'(callee: Callee, self: number, type: number, ret: number) {
    const socket = tcp(callee, self)
    const how = [SHUT_RD, SHUT_WR, SHUT_RDWR][type] ?? callee.trap(`no such way to shut down: ${type}`)
    if (socket.state !== 'connected') return done(callee, ret, 'invalid-state')
    const { process: { sys, task }, opened } = socket
    return done(callee, ret, socketError(sys.shutdown(task, opened.fd, how)))
  },
}

export const tcpFunctions = (callee: Callee) =>
  ({ ...bound(callee, onTcp), ...socketMethods(callee, TcpSocket, 'tcp-socket', 'hop-limit') })

export const tcpCreateFunctions = (callee: Callee) => ({
  'create-tcp-socket': (family: number, ret: number) =>
    create(callee, SOCK_STREAM, family, ret, (opened, af) => new TcpSocket(callee.process, opened, af)),
})
