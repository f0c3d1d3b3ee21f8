/** The ends of a packet: what helpers may move them to, and what LD_ABS reads at negative offsets. */
import * as abi from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { loadFromSkb, skbContext, xdpContext } from '../../run/packet-context.ts'
import { helperBench } from '../../testing/helper-bench.ts'

const frame = Uint8Array.from({ length: 64 }, (_, at) => at)

const skb = (behind: boolean) => {
  const bench = helperBench()
  const { address } = skbContext(bench.machine, frame, behind)
  const word = (offset: number) => bench.memory.view.getUint32(address + offset, true)
  const first = () => bench.memory.u8[word(76)]
  return { ...bench, address, length: () => word(80) - word(76), first, len: () => word(0) }
}

const xdp = () => {
  const bench = helperBench()
  const { address } = xdpContext(bench.machine, frame)
  const word = (offset: number) => bench.memory.view.getUint32(address + offset, true)
  const first = () => bench.memory.u8[word(0)]
  return { ...bench, address, length: () => word(4) - word(0), about: () => word(0) - word(8), first }
}

describe('of an skb', () => {
  const { BPF_FUNC_skb_change_head: head, BPF_FUNC_skb_change_tail: tail } = abi

  test.each([
    { name: 'room in front', id: head, size: 34, rc: 0, length: 84, first: 0 },
    { name: 'more than there is', id: head, size: 5000, rc: -abi.ENOMEM, length: 50, first: 14 },
    { name: 'flags', id: head, size: 34, flags: 1, rc: -abi.EINVAL, length: 50, first: 14 },
    { name: 'shorter', id: tail, size: 20, rc: 0, length: 20, first: 14 },
    { name: 'longer', id: tail, size: 100, rc: 0, length: 100, first: 14 },
    { name: 'longer, flags', id: tail, size: 100, flags: 1, rc: -abi.EINVAL, length: 50, first: 14 },
  ])('$name', ({ id, size, flags = 0, rc, length, first }) => {
    const packet = skb(true)
    expect(packet.helper(id, packet.address, size, flags, 0)).toBe(rc)
    expect([packet.length(), packet.len(), packet.first()]).toEqual([length, length, first])
  })

  test('a frame is not cut shorter than to its network header', () => {
    const packet = skb(false)
    expect(packet.helper(abi.BPF_FUNC_skb_change_tail, packet.address, 13, 0, 0)).toBe(-abi.EINVAL)
    expect(packet.helper(abi.BPF_FUNC_skb_change_tail, packet.address, 14, 0, 0)).toBe(0)
  })

  test.each([
    [0, 14], [49, 63], [50, null], [-1, null], [-0x100000, 14], [-0x100000 - 1, null], [-0x200000, 0],
    [-0x200000 + 63, 63], [-0x200000 + 64, null], [-0x200001, null],
  ])('LD_ABS at %i', (offset, byte) => {
    const { machine, address } = skb(true)
    expect(loadFromSkb(machine, address, offset, 1)).toBe(byte)
  })
})

describe('of an xdp_buff', () => {
  const { BPF_FUNC_xdp_adjust_head: head, BPF_FUNC_xdp_adjust_tail: tail } = abi

  test.each([
    { name: 'head back', id: head, by: 10, rc: 0, length: 54, first: 10 },
    { name: 'head forth', id: head, by: -10, rc: 0, length: 74, first: 0 },
    { name: 'head beyond the room', id: head, by: -217, rc: -abi.EINVAL, length: 64, first: 0 },
    { name: 'no Ethernet header left', id: head, by: 51, rc: -abi.EINVAL, length: 64, first: 0 },
    { name: 'tail', id: tail, by: -50, rc: 0, length: 14, first: 0 },
    { name: 'tail too short', id: tail, by: -51, rc: -abi.EINVAL, length: 64, first: 0 },
    { name: 'tail beyond the room', id: tail, by: 321, rc: -abi.EINVAL, length: 64, first: 0 },
  ])('$name', ({ id, by, rc, length, first }) => {
    const packet = xdp()
    expect(packet.helper(id, packet.address, by)).toBe(rc)
    expect([packet.length(), packet.first()]).toEqual([length, first])
  })

  test('what lies in front of it moves with it', () => {
    const packet = xdp()
    const move = (by: number) => packet.helper(abi.BPF_FUNC_xdp_adjust_meta, packet.address, by)
    expect([move(-4), move(-6), move(8), packet.about()]).toEqual([0, -abi.EACCES, -abi.EINVAL, 4])
    packet.memory.u8[packet.memory.view.getUint32(packet.address + 8, true)] = 77
    expect(packet.helper(abi.BPF_FUNC_xdp_adjust_head, packet.address, 20)).toBe(0)
    const about = packet.memory.view.getUint32(packet.address + 8, true)
    expect([packet.about(), packet.memory.u8[about]]).toEqual([4, 77])
  })
})
