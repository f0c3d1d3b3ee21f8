/** The kernel's end of AF_NETLINK: it answers the requests in a message (net/netlink/af_netlink.c). */
import { ENOBUFS, NETLINK_AUDIT, NETLINK_ROUTE, NETLINK_XFRM, NLM_F_ACK, RTM_GETLINK } from '@lsmkit/abi'
import type { SkBuff, Socket, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import { devicesIn } from '../state/net/devices.ts'
import { auditMessage } from './audit-messages.ts'
import { linksAsked } from './netlink-links.ts'
import { xfrmMessage } from './xfrm/messages.ts'
import { answerTo } from './netlink-requests.ts'
import type { Asker } from './netlink-requests.ts'
import type { SockState } from '../state/net/proto.ts'
import { isFullOf, READABLE, reportError, skbCost, stateOf } from '../state/net/proto.ts'

/** `struct nlmsghdr`: length, type, flags, sequence, port. */
export const HEADER = 16
const NLMSG_ERROR = 2

/** Bytes that a queue may hold. */
const BUFFER = 212992

export interface NetlinkState extends SockState {
  readonly queue: Uint8Array[]
  port: number
}

export const stateOfSocket = (socket: Socket): NetlinkState => stateOf<NetlinkState>(socket.sk!)

/**
 * As `netlink_capable`: capabilities of the caller. The task that opened the socket needs them too, unless the message
 * names its destination.
 */
export const askerOf = (machine: Machine, socket: Socket, named: boolean): Asker => {
  const { cred } = machine.current.task
  const { net } = stateOfSocket(socket)
  const opener = socket.file?.f_cred ?? cred
  const capableIn = (user_ns: UserNamespace, cap: number): boolean =>
    (named || machine.lsm.capable.ask(opener, user_ns, cap, 0) === 0) &&
      machine.lsm.capable.ask(cred, user_ns, cap, 0) === 0
  return {
    inFirstUserNs: cred.user_ns === machine.init_user_ns,
    inFirstPidNs: threadOf(machine.current.task).pid.ns.parent === null,
    newLinkAsksTarget: machine.rules.newLinkAsksTarget,
    capable: (cap) => capableIn(net.user_ns, cap),
    capableEverywhere: (cap) => capableIn(machine.init_user_ns, cap),
  }
}

/** Queues a message for the program, if the LSMs allow it. A full queue loses it; the next receive gives ENOBUFS. */
const sendToProgram = (machine: Machine, socket: Socket, data: Uint8Array): void => {
  const skb: SkBuff = {
    sk: null, protocol: 0, len: data.length, data, secmark: 0, dev: null, saddr: '', daddr: '', sport: 0, dport: 0,
    ip_protocol: 0, netlabel: null, secid: 0,
  }
  if (machine.lsm.socket_sock_rcv_skb.ask(socket.sk!, skb) !== 0) return
  const state = stateOfSocket(socket)
  if (isFullOf(state.queue.length, BUFFER) || !state.memory.charge(skbCost(data))) return reportError(state, ENOBUFS)
  state.queue.push(data)
  state.wait.wake(READABLE)
}

/** Sends NLMSG_ERROR: the result of a request, with the request's header. */
const reply = (machine: Machine, socket: Socket, request: Uint8Array, error: number): void => {
  const state = stateOfSocket(socket)
  const data = new Uint8Array(HEADER + 4 + HEADER)
  const view = new DataView(data.buffer)
  const asked = new DataView(request.buffer, request.byteOffset, request.byteLength)
  view.setUint32(0, data.length, true)
  view.setUint16(4, NLMSG_ERROR, true)
  view.setUint32(8, asked.getUint32(8, true), true)
  view.setUint32(12, state.port, true)
  view.setInt32(HEADER, error, true)
  data.set(request.subarray(0, HEADER), HEADER + 4)
  sendToProgram(machine, socket, data)
}

/** Sends an answer of one message, as the kernel's protocols make them. */
const respond = (machine: Machine, socket: Socket, request: Uint8Array, type: number, contents: Uint8Array): void => {
  const data = new Uint8Array(HEADER + contents.length)
  const view = new DataView(data.buffer)
  const asked = new DataView(request.buffer, request.byteOffset, request.byteLength)
  view.setUint32(0, data.length, true)
  view.setUint16(4, type, true)
  view.setUint32(8, asked.getUint32(8, true), true)
  view.setUint32(12, stateOfSocket(socket).port, true)
  data.set(contents, HEADER)
  sendToProgram(machine, socket, data)
}

/** A permitted message of the audit system or of IPsec: 0 or -errno, its answer sent. */
const kernelAnswer = (machine: Machine, socket: Socket, type: number, message: Uint8Array): number => {
  const { sk_protocol } = socket.sk!
  if (sk_protocol === NETLINK_AUDIT) {
    const answers = auditMessage(machine, type, message.subarray(HEADER))
    if (typeof answers === 'number') return answers
    // a thread of the kernel sends them
    const request = message.slice()
    machine.callRcu(() => {
      if (socket.sk === null) return
      for (const [kind, data] of answers) respond(machine, socket, request, kind, data)
    })
    return 0
  }
  if (sk_protocol !== NETLINK_XFRM) return 0
  const answer = xfrmMessage(machine, stateOfSocket(socket).net, type, message.subarray(HEADER))
  if (typeof answer === 'number') return answer
  respond(machine, socket, message, answer.type, answer.data)
  return 0
}

export const netlink_rcv_msg = (machine: Machine, socket: Socket, message: Uint8Array, asker: Asker): void => {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const [type, flags] = [view.getUint16(4, true), view.getUint16(6, true)]
  const { sk_protocol } = socket.sk!
  let error = answerTo(sk_protocol, { type, flags, length: message.length - HEADER }, asker)
  if (error === 0 && sk_protocol === NETLINK_ROUTE && type === RTM_GETLINK) {
    const links = linksAsked(message, stateOfSocket(socket).port, devicesIn(stateOfSocket(socket).net))
    if (typeof links === 'number') error = links
    else sendToProgram(machine, socket, links)
  } else if (error === 0) error = kernelAnswer(machine, socket, type, message)
  if (error !== 0 || (flags & NLM_F_ACK) !== 0) reply(machine, socket, message, error)
}
