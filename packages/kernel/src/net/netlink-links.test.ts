/** RTM_GETLINK: what of devices is told, alone and in a dump, and which requests are refused. */
import { EINVAL, ENODEV, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, RTM_GETLINK, RTM_NEWLINK } from '@lsmkit/abi'
import type { UserNamespace } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { plainNamespace } from '../state/task/namespaces.ts'
import { addDevice, addLoopback, devicesIn, TAP } from '../state/net/devices.ts'
import { linksAsked } from './netlink-links.ts'

const request = (flags: number, index: number, name = ''): Uint8Array => {
  const bytes = new Uint8Array(32 + (name === '' ? 0 : 8))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length, true)
  view.setUint16(4, RTM_GETLINK, true)
  view.setUint16(6, NLM_F_REQUEST | flags, true)
  view.setUint32(8, 77, true)
  view.setInt32(20, index, true)
  if (name === '') return bytes
  view.setUint16(32, 4 + name.length + 1, true)
  view.setUint16(34, 3, true)
  bytes.set(new TextEncoder().encode(name), 36)
  return bytes
}

/** Type, sequence number, asker and, of a link, its index and flags; of every message. */
const messages = (bytes: Uint8Array): number[][] => {
  const view = new DataView(bytes.buffer)
  const found: number[][] = []
  for (let at = 0; at < bytes.length; at += view.getUint32(at, true)) {
    const type = view.getUint16(at + 4, true)
    const head = [type, view.getUint32(at + 8, true), view.getUint32(at + 12, true)]
    found.push(type === RTM_NEWLINK ? [...head, view.getInt32(at + 20, true), view.getUint32(at + 24, true)] : head)
  }
  return found
}

const UP = [RTM_NEWLINK, 77, 5, 1, 0x10049]
const MADE = [RTM_NEWLINK, 77, 5, 2, 0x1002]

test.each<readonly [what: string, asked: Uint8Array, isUp: boolean, answer: number[][] | number]>([
  ['by its index', request(0, 1), true, [UP]],
  ['by its name', request(0, 0, 'lo'), true, [UP]],
  ['down', request(0, 1), false, [[RTM_NEWLINK, 77, 5, 1, 8]]],
  ['all there are, and the end', request(NLM_F_DUMP, 0), true, [UP, MADE, [NLMSG_DONE, 77, 5]]],
  ['one that was made', request(0, 0, 't0'), true, [MADE]],
  ['another index', request(0, 3), true, -ENODEV],
  ['another name', request(0, 0, 'e0'), true, -ENODEV],
  ['nothing named', request(0, 0), true, -EINVAL],
  ['too short', request(0, 1).subarray(0, 24), true, -EINVAL],
])('%s', (_what, asked, isUp, answer) => {
  const net = plainNamespace('net', {} as UserNamespace, 1)
  addLoopback(net, isUp)
  addDevice(net, 't0', TAP)
  const got = linksAsked(asked, 5, devicesIn(net))
  expect(typeof got === 'number' ? got : messages(got)).toEqual(answer)
})
