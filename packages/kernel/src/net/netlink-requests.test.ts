/** Who may send which netlink request. */
import {
  AUDIT_GET, AUDIT_USER, CAP_AUDIT_CONTROL, CAP_AUDIT_WRITE, CAP_NET_ADMIN, ECONNREFUSED, EINVAL, EOPNOTSUPP, EPERM,
  NETLINK_AUDIT, NETLINK_GENERIC, NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_XFRM, NLM_F_REQUEST, AF_NETLINK, EAGAIN,
  ENOBUFS, MSG_DONTWAIT, NLM_F_ACK, SOCK_RAW, AF_INET, AF_UNSPEC,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { answerTo } from './netlink-requests.ts'

const NEWLINK = 16
const GETLINK = 18
const DIAG = 20
const DESTROY = 21

interface Circumstances {
  readonly caps?: readonly number[]
  readonly length?: number
  readonly flags?: number
  readonly inFirstUserNs?: boolean
  readonly inFirstPidNs?: boolean
}

const ask = (protocol: number, type: number, circumstances: Circumstances = {}): number => {
  const { caps = [], length = 16, flags = NLM_F_REQUEST, ...where } = circumstances
  const capable = (cap: number): boolean => caps.includes(cap)
  const asker = {
    newLinkAsksTarget: false, inFirstUserNs: true, inFirstPidNs: true, capable, capableEverywhere: capable, ...where,
  }
  return answerTo(protocol, { type, flags, length }, asker)
}
const all: Circumstances = { caps: [CAP_NET_ADMIN, CAP_AUDIT_CONTROL, CAP_AUDIT_WRITE] }

const cases: readonly { what: string; asks: Parameters<typeof ask>; rc: number }[] = [
  { what: 'links are asked about by all', asks: [NETLINK_ROUTE, GETLINK], rc: 0 },
  { what: 'links are changed by administrators', asks: [NETLINK_ROUTE, NEWLINK], rc: -EPERM },
  { what: 'administrators', asks: [NETLINK_ROUTE, NEWLINK, all], rc: 0 },
  { what: 'a message without a family is passed over', asks: [NETLINK_ROUTE, NEWLINK, { length: 0 }], rc: 0 },
  { what: 'a type past the last', asks: [NETLINK_ROUTE, 250, all], rc: -EOPNOTSUPP },
  { what: 'no request', asks: [NETLINK_ROUTE, NEWLINK, { flags: 0 }], rc: 0 },
  { what: 'a control message', asks: [NETLINK_XFRM, 3], rc: 0 },
  { what: 'IPsec is for administrators', asks: [NETLINK_XFRM, 19], rc: -EPERM },
  { what: 'audit status', asks: [NETLINK_AUDIT, AUDIT_GET], rc: -EPERM },
  { what: 'audit status with the capability', asks: [NETLINK_AUDIT, AUDIT_GET, all], rc: 0 },
  {
    what: 'from another user namespace',
    asks: [NETLINK_AUDIT, AUDIT_GET, { ...all, inFirstUserNs: false }],
    rc: -ECONNREFUSED,
  },
  { what: 'from another pid namespace', asks: [NETLINK_AUDIT, AUDIT_GET, { ...all, inFirstPidNs: false }], rc: -EPERM },
  { what: 'a record', asks: [NETLINK_AUDIT, AUDIT_USER, { caps: [CAP_AUDIT_CONTROL] }], rc: -EPERM },
  { what: 'a record with its capability', asks: [NETLINK_AUDIT, AUDIT_USER, { caps: [CAP_AUDIT_WRITE] }], rc: 0 },
  { what: 'rules of old', asks: [NETLINK_AUDIT, 1003, all], rc: -EOPNOTSUPP },
  { what: 'records that only the kernel writes', asks: [NETLINK_AUDIT, 1400, all], rc: -EINVAL },
  { what: 'sockets are listed for all', asks: [NETLINK_SOCK_DIAG, DIAG], rc: 0 },
  { what: 'and destroyed by administrators', asks: [NETLINK_SOCK_DIAG, DESTROY], rc: -EPERM },
  { what: 'a question that is too short', asks: [NETLINK_SOCK_DIAG, DIAG, { length: 1 }], rc: -EINVAL },
  { what: 'no such question', asks: [NETLINK_SOCK_DIAG, 30, all], rc: -EINVAL },
  { what: 'a protocol that answers nothing', asks: [NETLINK_GENERIC, 16], rc: 0 },
]

test.each(cases)('$what: $rc', ({ asks, rc }) => {
  expect(ask(...asks)).toBe(rc)
})

test('answers that nobody reads fill the queue, and the loss is told once', () => {
  const { sys, init } = bootForTest()
  const fd = sys.socket(init, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
  const request = new Uint8Array(16)
  new DataView(request.buffer).setUint32(0, request.length, true)
  new DataView(request.buffer).setUint16(6, NLM_F_ACK, true)
  const asks = new Uint8Array(16 * 1000)
  for (let at = 0; at < asks.length; at += 16) asks.set(request, at)
  expect(sys.sendto(init, fd, asks, asks.length, 0, null, 0)).toBe(asks.length)
  const receive = (): number => sys.recvfrom(init, fd, new Uint8Array(64), 64, MSG_DONTWAIT, null, null)
  expect(receive()).toBe(-ENOBUFS)
  let got = 0
  while (receive() > 0) got++
  expect([got, receive()]).toEqual([278, -EAGAIN])
})

test('an address of another family is refused', () => {
  const { sys, init } = bootForTest()
  const fd = sys.socket(init, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
  const at = (family: number): Uint8Array => Uint8Array.of(family, ...Array<number>(11).fill(0))
  const bind = (family: number): number => sys.bind(init, fd, at(family), 12)
  const connect = (family: number): number => sys.connect(init, fd, at(family), 12)
  expect([bind(AF_INET), bind(AF_NETLINK)]).toEqual([-EINVAL, 0])
  expect([connect(AF_INET), connect(AF_NETLINK), connect(AF_UNSPEC)]).toEqual([-EINVAL, 0, 0])
})
