/** States and policies of IPsec by messages: what is kept, and what is refused. */
import {
  AF_INET, AF_UNIX, EEXIST, EINVAL, ENOENT, ENOSYS, EPERM, ESRCH, IPPROTO_AH, IPPROTO_ESP, IPPROTO_TCP,
  XFRM_MSG_ALLOCSPI, XFRM_MSG_DELPOLICY, XFRM_MSG_DELSA, XFRM_MSG_FLUSHSA, XFRM_MSG_GETPOLICY, XFRM_MSG_NEWPOLICY,
  XFRM_MSG_NEWSA, XFRM_MSG_UPDPOLICY, XFRM_MSG_UPDSA,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { threadOf } from '../../state/task/thread.ts'
import { xfrmMessage } from './messages.ts'

/** LSMs that refuse what `refused` says. */
const world = (refused: 'delete' | 'nothing' = 'nothing') => {
  const deny = defineLsm({ name: 'deny', abi: '1.0', id: 900, hooks: {
    xfrm_state_delete_security: () => (refused === 'delete' ? -EPERM : 0),
  } })
  const { machine, init } = bootForTest({ lsms: [deny] })
  const { net_ns } = threadOf(init).nsproxy
  return (type: number, data: Uint8Array): number => {
    const answer = xfrmMessage(machine, net_ns, type, data)
    return typeof answer === 'number' ? answer : answer.type
  }
}

const CRYPT = 2

/** XFRM_MSG_NEWSA with one algorithm. */
const state = (
  { spi = 1, proto = IPPROTO_ESP, family = AF_INET, algorithm = 'cbc(aes)', type = CRYPT } = {},
): Uint8Array => {
  const bytes = new Uint8Array(224 + 4 + 68)
  const view = new DataView(bytes.buffer)
  view.setUint32(72, spi)
  bytes[76] = proto
  view.setUint16(212, family, true)
  view.setUint16(224, 4 + 68, true)
  view.setUint16(226, type, true)
  bytes.set(new TextEncoder().encode(algorithm), 228)
  return bytes
}

const stateId = (spi: number, proto = IPPROTO_ESP): Uint8Array => {
  const bytes = new Uint8Array(24)
  new DataView(bytes.buffer).setUint32(16, spi)
  bytes[22] = proto
  return bytes
}

test.each([
  { reason: 'encrypted', data: state(), rc: 0 },
  { reason: 'neither of IPv4 nor of IPv6', data: state({ family: AF_UNIX }), rc: -EINVAL },
  { reason: 'of a protocol that is none of IPsec', data: state({ proto: IPPROTO_TCP }), rc: -EINVAL },
  { reason: 'AH must authenticate', data: state({ proto: IPPROTO_AH }), rc: -EINVAL },
  { reason: 'an algorithm that nobody knows', data: state({ algorithm: 'rot13' }), rc: -ENOSYS },
  { reason: 'cut off', data: state().subarray(0, 223), rc: -EINVAL },
])('a state: $reason', ({ data, rc }) => {
  expect(world()(XFRM_MSG_NEWSA, data)).toBe(rc)
})

test.each<[reason: string, steps: readonly (readonly [type: number, data: Uint8Array, rc: number])[]]>([
  ['there is one of its index', [[XFRM_MSG_NEWSA, state(), 0], [XFRM_MSG_NEWSA, state(), -EEXIST]]],
  ['update needs one', [[XFRM_MSG_UPDSA, state(), -ESRCH], [XFRM_MSG_NEWSA, state(), 0], [XFRM_MSG_UPDSA, state(), 0]]],
  ['deleted once', [
    [XFRM_MSG_NEWSA, state(), 0], [XFRM_MSG_DELSA, stateId(1), 0], [XFRM_MSG_DELSA, stateId(1), -ESRCH],
  ]],
  ['another protocol is another state', [
    [XFRM_MSG_NEWSA, state(), 0], [XFRM_MSG_DELSA, stateId(1, IPPROTO_AH), -ESRCH],
  ]],
  ['flushed by protocol', [
    [XFRM_MSG_NEWSA, state(), 0], [XFRM_MSG_FLUSHSA, Uint8Array.of(IPPROTO_AH), 0],
    [XFRM_MSG_NEWSA, state(), -EEXIST], [XFRM_MSG_FLUSHSA, Uint8Array.of(IPPROTO_ESP), 0],
    [XFRM_MSG_NEWSA, state(), 0],
  ]],
])('states: %s', (_reason, steps) => {
  const send = world()
  expect(steps.map(([type, data]) => send(type, data))).toEqual(steps.map(([, , rc]) => rc))
})

test('an LSM keeps a state', () => {
  const send = world('delete')
  send(XFRM_MSG_NEWSA, state())
  expect([send(XFRM_MSG_DELSA, stateId(1)), send(XFRM_MSG_FLUSHSA, Uint8Array.of(IPPROTO_ESP))])
    .toEqual([-EPERM, -EPERM])
  expect(send(XFRM_MSG_NEWSA, state())).toBe(-EEXIST)
})

test('a free index: the lowest of those asked for', () => {
  const send = world()
  const ask = (low: number, high: number): number => {
    const bytes = new Uint8Array(232)
    bytes.set(state().subarray(0, 224))
    const view = new DataView(bytes.buffer)
    view.setUint32(224, low, true)
    view.setUint32(228, high, true)
    return send(XFRM_MSG_ALLOCSPI, bytes)
  }
  expect([ask(5, 6), ask(5, 6), ask(5, 6), ask(6, 5)]).toEqual([XFRM_MSG_NEWSA, XFRM_MSG_NEWSA, -ENOENT, -EINVAL])
})

/** `struct xfrm_userpolicy_info`, and the message that asks for it. */
const policy = ({ dir = 0, action = 0, share = 0, prefix = 0, family = AF_INET } = {}): Uint8Array => {
  const bytes = new Uint8Array(168)
  bytes[40] = family
  bytes[42] = prefix
  bytes.set([dir, action], 160)
  bytes[163] = share
  return bytes
}
const policyId = (info: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(64)
  bytes.set(info.subarray(0, 56))
  bytes[60] = info[160]!
  return bytes
}

test.each([
  { reason: 'of a direction', info: policy({ dir: 2 }), rc: 0 },
  { reason: 'of none', info: policy({ dir: 3 }), rc: -EINVAL },
  { reason: 'an unknown action', info: policy({ action: 2 }), rc: -EINVAL },
  { reason: 'an unknown way to share', info: policy({ share: 4 }), rc: -EINVAL },
  { reason: 'the longest prefix', info: policy({ prefix: 32 }), rc: 0 },
  { reason: 'a longer one', info: policy({ prefix: 33 }), rc: -EINVAL },
])('a policy: $reason', ({ info, rc }) => {
  expect(world()(XFRM_MSG_NEWPOLICY, info)).toBe(rc)
})

test('policies: made once, replaced, asked for and deleted', () => {
  const send = world()
  const info = policy()
  expect([send(XFRM_MSG_NEWPOLICY, info), send(XFRM_MSG_NEWPOLICY, info), send(XFRM_MSG_UPDPOLICY, info)])
    .toEqual([0, -EEXIST, 0])
  const id = policyId(info)
  expect([send(XFRM_MSG_GETPOLICY, id), send(XFRM_MSG_GETPOLICY, policyId(policy({ dir: 1 })))])
    .toEqual([XFRM_MSG_NEWPOLICY, -ENOENT])
  send(XFRM_MSG_DELPOLICY, id)
  expect(send(XFRM_MSG_GETPOLICY, id)).toBe(-ENOENT)
})

test('a message that changes nothing here', () => {
  expect(world()(0xff, new Uint8Array())).toBe(0)
})
