/** Timers and work queues of programs: when they run, on what, and what ends them; on both engines. */
import * as abi from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { assemble } from '../../insn/asm.ts'
import type { BpfObject, ProgramSpec } from '../../object/bpf-object.ts'
import { ProgramBuilder } from '../../run/program-builder.ts'
import { helperBench, mapSpec } from '../../testing/helper-bench.ts'
import type { ProgramHost } from './program-host.ts'

const program = (text: string): ProgramSpec => ({
  name: 'p', section: 'raw_tp', type: 17, expectedAttachType: 0, sleepable: false, flags: 0, attachTo: null,
  attachBtfId: 0, autoload: true, code: assemble(text), subprograms: [], lines: [], tags: [], poisoned: new Map(),
  broken: null,
})

/** r1: the key's address. Makes the timer in its value ready, to run a microsecond later; r0 is the last answer. */
const START = [
  'r7 = r1', 'r1 = map[0]', 'r2 = r7', 'call bpf_map_lookup_elem', 'if r0 == 0 goto none', 'r6 = r0',
  'r1 = r6', 'r2 = map[0]', 'r3 = 1', 'call bpf_timer_init',
  'r1 = r6', 'r2 = &cb', 'call bpf_timer_set_callback',
  'r1 = r6', 'r2 = 1000', 'r3 = 0', 'call bpf_timer_start', 'exit',
  'none:', 'r0 = -1', 'exit',
]
/** Counts in the value at 24, and puts the key beside it. */
const COUNT = [
  'r1 = *(u32 *)(r3 +24)', 'r1 += 1', '*(u32 *)(r3 +24) = r1', 'r2 = *(u32 *)(r2 +0)', '*(u32 *)(r3 +28) = r2',
]

const open = (type: number, callback: readonly string[], engine: 'jit' | 'interpreter', host: ProgramHost = {}) => {
  const clock = { now: 5_000_000 }
  const faults: unknown[] = []
  const programBuilder = new ProgramBuilder({
    engine, memory: { readOnly: 1 << 20, data: 1 << 20 },
    host: { now: () => clock.now, fault: (error) => faults.push(error), ...host },
  })
  const text = [...START, 'cb:', ...callback, 'r0 = 0', 'exit'].join('\n')
  const maps = [mapSpec(type, { valueSize: 32 })]
  const object: BpfObject = { name: 'o', license: 'GPL', maps, programs: [program(text)], btf: null, externs: [] }
  const opened = programBuilder.open(object, null)
  const map = opened.maps[0]!
  const { memory } = programBuilder.machine
  const [key, value] = [memory.alloc(8), memory.alloc(32)]
  const runnable = opened.load(object.programs[0]!, 8)
  return {
    map, faults, asyncs: programBuilder.asyncs, key, value,
    run: (index: number): number => {
      memory.view.setUint32(key, index, true)
      if (map.lookup(key) === 0) map.update(key, value, 0)
      return runnable.run(key)
    },
    /** What the callback left: how often, for which key. */
    seen: (index: number): number[] => {
      memory.view.setUint32(key, index, true)
      const at = map.lookup(key)
      return [memory.view.getUint32(at + 24, true), memory.view.getUint32(at + 28, true)]
    },
    pass: (nanoseconds: number): void => {
      clock.now += nanoseconds
      programBuilder.asyncs.tick()
    },
  }
}

const ENGINES = ['jit', 'interpreter'] as const
const KINDS = [abi.BPF_MAP_TYPE_ARRAY, abi.BPF_MAP_TYPE_HASH, abi.BPF_MAP_TYPE_LRU_HASH]

describe.each(ENGINES)('%s', (engine) => {
  test.each(KINDS)('a timer runs once, when its time has come, with map, key and value; type %i', (type) => {
    const timers = open(type, COUNT, engine)
    expect([timers.run(2), timers.run(3)]).toEqual([0, 0])
    timers.pass(999)
    expect(timers.seen(2)).toEqual([0, 0])
    timers.pass(1)
    expect([timers.seen(2), timers.seen(3), timers.asyncs.next]).toEqual([[1, 2], [1, 3], null])
    timers.pass(10_000)
    expect(timers.seen(2)).toEqual([1, 2])
  })

  test('one that starts itself again runs again', () => {
    const start = ['r1 = *(u64 *)(r10 -8)', 'r2 = 500', 'r3 = 0', 'call bpf_timer_start']
    const again = ['*(u64 *)(r10 -8) = r3', ...COUNT, ...start]
    const timers = open(abi.BPF_MAP_TYPE_ARRAY, again, engine)
    timers.run(1)
    timers.pass(1000)
    timers.pass(499)
    expect(timers.seen(1)).toEqual([1, 1])
    timers.pass(1)
    expect(timers.seen(1)).toEqual([2, 1])
  })

  test('its own cancel in its callback would wait for itself', () => {
    const own = ['r6 = r3', 'r1 = r3', 'call bpf_timer_cancel', '*(u32 *)(r6 +24) = r0']
    const timers = open(abi.BPF_MAP_TYPE_ARRAY, own, engine)
    timers.run(0)
    timers.pass(1000)
    expect(timers.seen(0)[0]! | 0).toBe(-abi.EDEADLK)
  })

  test('a value that goes takes its timer along', () => {
    const timers = open(abi.BPF_MAP_TYPE_HASH, COUNT, engine)
    timers.run(7)
    timers.map.free()
    expect(timers.asyncs.next).toBe(null)
    timers.pass(5000)
    expect(timers.faults).toEqual([])
  })

  test('a callback that is stopped is told, and the others run', () => {
    const faulty = [...COUNT.slice(0, 3), 'r1 = 0', 'r0 = *(u64 *)(r1 +0)']
    const timers = open(abi.BPF_MAP_TYPE_ARRAY, faulty, engine)
    expect([timers.run(0), timers.run(1)]).toEqual([0, 0])
    timers.pass(1000)
    expect([timers.faults.length, timers.seen(0)[0], timers.seen(1)[0]]).toEqual([2, 1, 1])
  })
})

describe('answers', () => {
  const timer = () => {
    const bench = helperBench({ now: () => 0 })
    const map = bench.map(mapSpec(abi.BPF_MAP_TYPE_ARRAY, { valueSize: 32 }))
    const key = bench.memory.alloc(8)
    return { ...bench, map, at: map.lookup(key) }
  }
  const { BPF_FUNC_timer_init: init, BPF_FUNC_timer_start: start, BPF_FUNC_timer_cancel: cancel } = abi

  test.each([
    ['CLOCK_REALTIME', 0, 0], ['CLOCK_MONOTONIC', 1, 0], ['CLOCK_BOOTTIME', 7, 0], ['another clock', 2, -abi.EINVAL],
    ['a flag', 17, -abi.EINVAL],
  ])('init with %s', (_name, flags, rc) => {
    const { helper, map, at } = timer()
    expect(helper(init, at, map.address, flags, 0)).toBe(rc)
  })

  test('out of order', () => {
    const { helper, map, at } = timer()
    expect([helper(start, at, 5, 0, 0, 0), helper(cancel, at)]).toEqual([-abi.EINVAL, -abi.EINVAL])
    expect([helper(init, at, map.address, 1, 0), helper(init, at, map.address, 1, 0)]).toEqual([0, -abi.EBUSY])
    expect(helper(start, at, 5, 0, 0, 0)).toBe(-abi.EINVAL)
    helper(abi.BPF_FUNC_timer_set_callback, at, 0xfb00_0000)
    expect([helper(start, at, 5, 0, 4, 0), helper(start, at, 5, 0, 0, 0)]).toEqual([-abi.EINVAL, 0])
    // a timer that was cancelled has no callback any more
    expect([helper(cancel, at), helper(cancel, at), helper(start, at, 5, 0, 0, 0)]).toEqual([1, 0, -abi.EINVAL])
  })

  test('work comes once however often it is asked for', () => {
    const { kfunc, map, at, programBuilder } = timer()
    const ready = (flags: number) => kfunc('bpf_wq_init', at, map.address, flags)
    const begin = (flags: number) => kfunc('bpf_wq_start', at, flags)
    expect([ready(1), ready(0)]).toEqual([-abi.EINVAL, 0])
    expect(begin(0)).toBe(-abi.EINVAL)
    expect(kfunc('bpf_wq_set_callback_impl', at, 0xfb00_0000, 0)).toBe(0)
    expect([begin(1), begin(0), begin(0)]).toEqual([-abi.EINVAL, 0, 0])
    expect(programBuilder.asyncs.next).toBe(0)
    programBuilder.asyncs.tick()
    expect(programBuilder.asyncs.next).toBe(null)
  })

  test('a host with a clock of its own is asked to call', () => {
    const asked: number[] = []
    const timers = open(abi.BPF_MAP_TYPE_ARRAY, COUNT, 'jit', {
      later: (nanoseconds, run) => {
        asked.push(nanoseconds)
        if (asked.length === 1) run()
        return () => {}
      },
    })
    timers.run(3)
    expect([asked, timers.seen(3)]).toEqual([[1000], [1, 3]])
  })
})
