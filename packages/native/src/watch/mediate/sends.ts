/**
 * Messages under mediation. A socket of datagrams may send to any address that a message names, so that the watcher
 * sends for the program. A stream goes where it is connected to, whatever a message names.
 */
import {
  AF_UNIX, EACCES, EAGAIN, EOPNOTSUPP, EPERM, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_ZEROCOPY, O_PATH, SOCK_SEQPACKET,
  SOCK_STREAM,
} from '@lsmkit/abi'
import { sockaddrUn } from '@lsmkit/kernel'
import { exchangeDescriptors } from '../messages.ts'
import type { Message } from '../messages.ts'
import { socketAddress } from '../needs.ts'
import { WRITABLE } from '../waits.ts'
import type { SendRequest } from '../requests.ts'
import { GO_ON, LATER } from './asked.ts'
import type { Answer, Asked, Mediating } from './asked.ts'
import { askAddress, askPath, atPath, mayUsePort } from './sockets.ts'

/** One message on its way, with what is held for it. */
class Sending {
  readonly fd: number
  /** Null: where the socket is connected to. */
  readonly address: Uint8Array | null
  readonly message: Message
  /** Descriptors to close when it is sent. */
  readonly held: readonly number[]

  constructor(fd: number, address: Uint8Array | null, message: Message, held: readonly number[]) {
    this.fd = fd
    this.address = address
    this.message = message
    this.held = held
  }
}

interface Destination {
  readonly address: Uint8Array | null
  /** Holds the socket's file. */
  readonly held: number
}

/** Where the message goes, if the stack and the policy permit it; or -errno. */
const destinationOf = (
  mediator: Mediating, asked: Asked, fd: number, type: number, address: Uint8Array | null,
): Destination | number => {
  if (address === null) return { address, held: -1 }
  if (!mayUsePort(mediator, fd, 'send', address)) return -EACCES
  const { path, family } = socketAddress(address)
  if (path === null) {
    const isAbstract = family === AF_UNIX && address.length > 2
    const rc = isAbstract && mediator.isScoped ? -EPERM : askAddress(mediator, asked, 'send', address, type)
    return rc < 0 ? rc : { address, held: -1 }
  }
  let found: Destination | number = -EPERM
  const rc = atPath(mediator, asked, 'send', path, (place) => {
    const asks = askPath(mediator, asked, 'send', place, type)
    if (asks < 0) return asks
    const held = mediator.hands.open(place, O_PATH, 0)
    if (held < 0) return held
    found = { address: sockaddrUn(`/proc/self/fd/${held}`), held }
    return 0
  })
  return typeof rc === 'number' && rc < 0 ? rc : found
}

/** The message with the program's descriptors copied; or -errno. */
const prepare = (
  mediator: Mediating, asked: Asked, fd: number, type: number, request: SendRequest, at: number,
): Sending | number => {
  const to = destinationOf(mediator, asked, fd, type, request.headers[at]!.address)
  if (typeof to === 'number') return to
  const message = request.read(at)
  const copies: number[] = [to.held]
  const rc = typeof message === 'number' ? message
    : exchangeDescriptors(message.control, (one) => mediator.host.copyDescriptor(asked.tid, one), copies)
  if (typeof message !== 'number' && rc === 0) return new Sending(fd, to.address, message, copies)
  for (const copy of copies) mediator.hands.close(copy)
  return rc
}

/** The answer of the host: the number of bytes, or -errno. Nothing stays held, unless there is no room yet. */
const send = ({ hands }: Mediating, { fd, address, message, held }: Sending, flags: number): number => {
  const rc = hands.send(fd, message, flags | MSG_DONTWAIT | MSG_NOSIGNAL, address)
  if (rc !== -EAGAIN) for (const one of held) hands.close(one)
  return rc
}

/** A socket that has no room: the call is answered when it has. */
const sendLater = (mediator: Mediating, asked: Asked, request: SendRequest, sending: Sending): Answer => {
  const { call } = asked
  const { id } = call
  const finish = (answer: number | null): boolean => {
    if (answer !== null) call.reply(answer, id)
    mediator.hands.close(sending.fd)
    return true
  }
  const give = (): boolean => {
    for (const one of sending.held) mediator.hands.close(one)
    return finish(null)
  }
  mediator.waits.add({
    fd: sending.fd, events: WRITABLE, close: give,
    step: () => {
      if (!call.isStillWaiting(id)) return give()
      const rc = send(mediator, sending, request.flags)
      if (rc === -EAGAIN) return false
      if (rc >= 0) request.told(0, rc)
      return finish(rc >= 0 && request.counts ? 1 : rc)
    },
  })
  return LATER
}

const sendAll = (mediator: Mediating, asked: Asked, fd: number, type: number, request: SendRequest): Answer => {
  const { headers, flags, counts } = request
  const waits = (flags & MSG_DONTWAIT) === 0 && mediator.hands.isBlocking(fd) && !mediator.waits.isFull
  let last = 0
  for (let at = 0; at < headers.length; at++) {
    const sending = prepare(mediator, asked, fd, type, request, at)
    const rc = typeof sending === 'number' ? sending : send(mediator, sending, flags)
    if (rc < 0) {
      if (rc === -EAGAIN && typeof sending !== 'number') {
        if (at === 0 && waits) return sendLater(mediator, asked, request, sending)
        for (const one of sending.held) mediator.hands.close(one)
      }
      // as sendmmsg(2): an error after the first message is told by the next call
      return at > 0 ? at : rc
    }
    request.told(at, rc)
    last = rc
  }
  return counts ? headers.length : last
}

export const mediateSend = (mediator: Mediating, asked: Asked, request: SendRequest): Answer => {
  const { host, hands } = mediator
  const fd = host.copyDescriptor(asked.tid, request.fd)
  if (fd < 0) return fd
  const type = hands.socketType(fd)
  const answer = type < 0 ? type : type === SOCK_STREAM || type === SOCK_SEQPACKET ? GO_ON
    // it would promise to say when the program's own memory is free
    : (request.flags & MSG_ZEROCOPY) !== 0 ? -EOPNOTSUPP : sendAll(mediator, asked, fd, type, request)
  if (answer !== LATER) hands.close(fd)
  return answer
}
