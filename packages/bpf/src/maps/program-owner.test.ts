/** Which programs may follow each other through a map, after the first one that used it. */
import * as abi from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { BpfMemory } from '../vm/memory.ts'
import type { BpfMap } from './bpf-map.ts'
import { createMap } from './create-map.ts'
import { MapSpace } from './map-space.ts'
import { refusingMap, takesProgram } from './program-owner.ts'
import type { ProgramTraits } from './traits.ts'

const space = new MapSpace(new BpfMemory(), { release: () => {}, releaseAll: () => {} })
const mapOf = (type: number): BpfMap => createMap({
  name: 'm', symbol: 'm', type, keySize: 4, valueSize: 4, maxEntries: 2, flags: 0, extra: 0n, pinning: 0, keyTypeId: 0,
  valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(), structOpsTypeId: 0,
}, { space, types: null })

const [one, other] = [{}, {}]
const owner: ProgramTraits = {
  type: abi.BPF_PROG_TYPE_LSM, expectedAttachType: abi.BPF_LSM_MAC, attachProto: 10, isCompiled: true, hasFrags: false,
  overridesReturn: false, makesTailCalls: true, storages: [one, null],
}
const ARRAY = abi.BPF_MAP_TYPE_PROG_ARRAY
const xdp = { type: abi.BPF_PROG_TYPE_XDP }

interface Row {
  readonly what: string
  readonly first?: Partial<ProgramTraits>
  readonly next: Partial<ProgramTraits>
  readonly map?: number
  readonly takes: boolean
}

test.each<Row>([
  { what: 'the same kind', next: {}, takes: true },
  { what: 'another type', next: { type: abi.BPF_PROG_TYPE_TRACING }, takes: false },
  { what: 'another attach type', next: { expectedAttachType: abi.BPF_LSM_CGROUP }, takes: false },
  { what: 'another attach type, behind a device', map: abi.BPF_MAP_TYPE_DEVMAP, next: { expectedAttachType: 0 },
    takes: true },
  { what: 'another attach type, behind a processor', map: abi.BPF_MAP_TYPE_CPUMAP, next: { expectedAttachType: 0 },
    takes: true },
  { what: 'other arguments', next: { attachProto: 11 }, takes: false },
  { what: 'other arguments of a type that reads none', first: xdp, next: { ...xdp, attachProto: 11 }, takes: true },
  { what: 'interpreted after compiled', next: { isCompiled: false }, takes: false },
  { what: 'compiled after interpreted', first: { isCompiled: false }, next: {}, takes: false },
  { what: 'packets in pieces', next: { hasFrags: true }, takes: false },
  { what: 'a program that overrides what a function returns', next: { overridesReturn: true }, takes: false },
  { what: 'another storage of the group', next: { storages: [other, null] }, takes: false },
  { what: 'one more storage', next: { storages: [one, other] }, takes: false },
  { what: 'no storage and no tail call', next: { storages: [null, null], makesTailCalls: false }, takes: true },
  { what: 'no storage, but a tail call', next: { storages: [null, null] }, takes: false },
  { what: 'a storage after none', first: { storages: [null, null] }, next: {}, takes: false },
])('$what: $takes', ({ first = {}, next, map: type = ARRAY, takes }) => {
  const map = mapOf(type)
  expect(takesProgram(map, { ...owner, ...first })).toBe(true)
  expect(takesProgram(map, { ...owner, ...next })).toBe(takes)
  // the owner stays, whoever asked
  expect(takesProgram(map, { ...owner, ...first })).toBe(true)
})

test('a program that overrides what a function returns does not become an owner', () => {
  const map = mapOf(ARRAY)
  expect([takesProgram(map, { ...owner, overridesReturn: true }), map.owner]).toEqual([false, null])
})

test('of the maps that a program names, those that lead to programs are asked', () => {
  const foreign = { ...owner, type: abi.BPF_PROG_TYPE_XDP }
  const types = {
    [ARRAY]: true, [abi.BPF_MAP_TYPE_DEVMAP]: true, [abi.BPF_MAP_TYPE_CPUMAP]: true,
    [abi.BPF_MAP_TYPE_DEVMAP_HASH]: false, [abi.BPF_MAP_TYPE_ARRAY]: false, [abi.BPF_MAP_TYPE_CGROUP_ARRAY]: false,
  }
  for (const [type, isAsked] of Object.entries(types)) {
    const map = mapOf(Number(type))
    expect([type, refusingMap([map], owner), refusingMap([map], foreign)]).toEqual([type, null, isAsked ? map : null])
  }
})
