/** `wasi:sockets/udp`: sockets for datagrams, and the two streams of each. */
import { AF_UNSPEC, EAGAIN, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_DGRAM } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { bound } from '@lsmkit/kernel/boot'
import type { Callee } from '../../callee.ts'
import { Resource } from '../../handles.ts'
import { fileQueues, isFileReady, Pollable } from '../pollable.ts'
import { ADDRESS_SIZE, ADDRESS_WORDS, isBindable, isRemote, ofWords, putAddress, readWords } from './addresses.ts'
import { putSocketResult, socketError } from './errors.ts'
import type { SocketError } from './errors.ts'
import { ComponentSocket, create, done, Network, socketMethods } from './socket.ts'

/** Bytes of an `incoming-datagram`: a list, and an address. */
const INCOMING = 8 + ADDRESS_SIZE
/** Bytes of an `outgoing-datagram`: the address may be missing. */
const OUTGOING = 12 + ADDRESS_SIZE
const MOST_DATAGRAM = 65_535
/** Datagrams that one call takes or gives at most. */
const MOST_DATAGRAMS = 64
/** How many datagrams a component is told that it may send. */
const PERMITS = 16

export class UdpSocket extends ComponentSocket {
  state: 'unbound' | 'binding' | 'bound' = 'unbound'
  /** The peer, once there is one. */
  remote: Uint8Array | null = null
  /** The streams that are its own now: those from before are over. */
  generation = 0

  get isBound(): boolean {
    return this.state === 'bound'
  }

  get isConnected(): boolean {
    return this.remote !== null
  }
}

/** One direction of a socket. */
abstract class Datagrams extends Resource {
  readonly socket: UdpSocket
  readonly #generation: number

  constructor(socket: UdpSocket) {
    super()
    this.socket = socket
    this.#generation = socket.generation
  }

  get isOver(): boolean {
    return this.#generation !== this.socket.generation || this.socket.file === null
  }

  poll(forWriting: boolean): Pollable {
    const { socket } = this
    return new Pollable({
      isReady: () => this.isOver || isFileReady(socket.file, forWriting), queues: () => fileQueues(socket.file),
    })
  }
}
class Incoming extends Datagrams {}
class Outgoing extends Datagrams {
  permits = 0
}

const udp = (callee: Callee, self: number): UdpSocket => callee.resource(self, UdpSocket)

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((one, i) => one === b[i])

/** Connects it to a peer, or to nobody. */
export const connectUdp = (socket: UdpSocket, remote: Uint8Array | null): SocketError | null => {
  const { process: { sys, task }, opened, family } = socket
  if (remote === null && socket.remote === null) return null
  if (remote !== null && !isRemote(remote, family)) return 'invalid-argument'
  const raw = remote ?? Uint8Array.of(AF_UNSPEC, ...new Uint8Array(15))
  const error = socketError(sys.connect(task, opened.fd, raw, raw.length))
  if (error === null) socket.remote = remote
  return error
}

/** One datagram that is there: its bytes and who has sent it; -errno. */
export const receive = ({ process: { sys, task }, opened }: UdpSocket): readonly [Uint8Array, Uint8Array] | number => {
  const bytes = new Uint8Array(MOST_DATAGRAM)
  const from = new Uint8Array(28)
  const rc = sys.recvfrom(task, opened.fd, bytes, bytes.length, MSG_DONTWAIT, from, ref(from.length))
  return rc < 0 ? rc : [bytes.slice(0, rc), from]
}

/** Sends a datagram to `to`; null: to the peer. Why it was not sent, or null. */
export const sendTo = (socket: UdpSocket, bytes: Uint8Array, to: Uint8Array | null): SocketError | null => {
  const { process: { sys, task }, opened, family, remote } = socket
  if (to !== null && !isRemote(to, family)) return 'invalid-argument'
  if (remote === null ? to === null : to !== null && !isSame(to, remote)) return 'invalid-argument'
  const name = remote === null ? to : null
  return socketError(sys.sendto(
    task, opened.fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, name, name?.length ?? 0,
  ))
}

/** Sends the `outgoing-datagram` at `at`. */
const send = (callee: Callee, socket: UdpSocket, at: number): SocketError | null => {
  const { view } = callee.memory
  const bytes = callee.bytes(view.getUint32(at, true), view.getUint32(at + 4, true))
  const isNamed = view.getUint8(at + 8) !== 0
  const to = isNamed ? ofWords(readWords(callee, at + 12)) : null
  return isNamed && to === null ? 'invalid-argument' : sendTo(socket, bytes, to)
}

export const startBindUdp = (socket: UdpSocket, raw: Uint8Array | null): SocketError | null => {
  const { process: { sys, task }, opened } = socket
  if (socket.state !== 'unbound') return 'invalid-state'
  if (!isBindable(raw, socket.family)) return 'invalid-argument'
  const error = socketError(sys.bind(task, opened.fd, raw, raw.length))
  if (error === null) socket.state = 'binding'
  return error
}

const onUdp = {
  '[method]udp-socket.start-bind'(callee: Callee, self: number, network: number, ...words: number[]) {
    callee.resource(network, Network)
    return done(callee, words[ADDRESS_WORDS]!, startBindUdp(udp(callee, self), ofWords(words)))
  },
  '[method]udp-socket.finish-bind'(callee: Callee, self: number, ret: number) {
    const socket = udp(callee, self)
    if (socket.state !== 'binding') return done(callee, ret, 'not-in-progress')
    socket.state = 'bound'
    return done(callee, ret, null)
  },
  /** `result<tuple<incoming-datagram-stream, outgoing-datagram-stream>, error-code>`. */
  '[method]udp-socket.stream'(callee: Callee, self: number, isNamed: number, ...words: number[]) {
    const socket = udp(callee, self)
    const ret = words[ADDRESS_WORDS]!
    const to = isNamed === 0 ? null : ofWords(words)
    const error = socket.state !== 'bound' ? 'invalid-state'
      : isNamed !== 0 && to === null ? 'invalid-argument' : connectUdp(socket, to)
    if (!putSocketResult(callee, ret, error, 4)) return 0
    socket.generation++
    callee.put32(ret + 4, callee.hand(new Incoming(socket)), callee.hand(new Outgoing(socket)))
    return 0
  },
  /** A socket by itself does nothing that takes time. */
  '[method]udp-socket.subscribe'(callee: Callee, self: number) {
    udp(callee, self)
    return callee.hand(new Pollable({ isReady: () => true, queues: () => [] }))
  },
  /** `result<list<incoming-datagram>, error-code>`: those that are there, and none is none. */
  '[method]incoming-datagram-stream.receive'(callee: Callee, self: number, most: bigint, ret: number) {
    const stream = callee.resource(self, Incoming)
    const wanted = Math.min(Number(BigInt.asUintN(64, most)), MOST_DATAGRAMS)
    const got: (readonly [Uint8Array, Uint8Array])[] = []
    let rc = 0
    while (got.length < wanted && !stream.isOver) {
      const one = receive(stream.socket)
      if (typeof one === 'number') {
        rc = one
        break
      }
      got.push(one)
      callee.process.budget.spendBytes(one[0].length)
      callee.process.looksAgain()
    }
    const isFailed = got.length === 0 && rc !== -EAGAIN
    const error = stream.isOver ? 'invalid-state' : isFailed ? socketError(rc) : null
    if (!putSocketResult(callee, ret, error, 4)) return 0
    const place = got.length === 0 ? 4 : callee.allocate(got.length * INCOMING, 4)
    for (const [i, [bytes, from]] of got.entries()) {
      callee.putBytes(place + i * INCOMING, bytes)
      putAddress(callee, place + i * INCOMING + 8, from)
    }
    callee.put32(ret + 4, place, got.length)
    return 0
  },
  '[method]incoming-datagram-stream.subscribe': (callee: Callee, self: number) =>
    callee.hand(callee.resource(self, Incoming).poll(false)),
  /** `result<u64, error-code>`. */
  '[method]outgoing-datagram-stream.check-send'(callee: Callee, self: number, ret: number) {
    const { machine, task } = callee.process
    const stream = callee.resource(self, Outgoing)
    if (!putSocketResult(callee, ret, stream.isOver ? 'invalid-state' : null, 8)) return 0
    stream.permits = machine.as(task, () => stream.poll(true).isReady(callee.process)) ? PERMITS : 0
    callee.put64(ret + 8, stream.permits)
    return 0
  },
  /** `result<u64, error-code>`: how many of them were sent. It fails if none was. */
  '[method]outgoing-datagram-stream.send'(callee: Callee, self: number, list: number, length: number, ret: number) {
    const stream = callee.resource(self, Outgoing)
    const count = length >>> 0
    if (count > stream.permits) return callee.trap('more datagrams than were permitted')
    const at = callee.range(list, count * OUTGOING)
    let error: SocketError | null = stream.isOver ? 'invalid-state' : null
    let sent = 0
    for (; sent < count && error === null; sent++) {
      error = send(callee, stream.socket, at + sent * OUTGOING)
      callee.process.looksAgain()
      if (error !== null) break
    }
    stream.permits -= sent
    if (putSocketResult(callee, ret, sent > 0 || error === 'would-block' ? null : error, 8)) callee.put64(ret + 8, sent)
    return 0
  },
  '[method]outgoing-datagram-stream.subscribe': (callee: Callee, self: number) =>
    callee.hand(callee.resource(self, Outgoing).poll(true)),
}

export const udpFunctions = (callee: Callee) =>
  ({ ...bound(callee, onUdp), ...socketMethods(callee, UdpSocket, 'udp-socket', 'unicast-hop-limit') })

export const udpCreateFunctions = (callee: Callee) => ({
  'create-udp-socket': (family: number, ret: number) =>
    create(callee, SOCK_DGRAM, family, ret, (opened, af) => new UdpSocket(callee.process, opened, af)),
})
