/** Programs that an object puts into its program arrays, and those that use the arrays of others. */
import * as abi from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { BpfMap } from '../maps/bpf-map.ts'
import { arrayOf, objectOf, program } from '../testing/text-program.ts'
import type { BpfObject, MapSpec, ProgramSpec } from '../object/bpf-object.ts'
import { ProgramBuilder } from '../run/program-builder.ts'
import { testRun } from '../run/test-run.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { bpf } from './bpf-lsm.ts'
import { BpfLoadError } from './load-error.ts'

const ALLOW = 'r0 = 0\nexit'
/** Refuses where a tail call does not go on. */
const TAIL = 'r2 = map[0]\nr3 = 0\ncall bpf_tail_call\nr0 = -1\nexit'

/** Programs of groups allow by 1. */
const allowing = (section: string): string => (section.startsWith('lsm_cgroup/') ? 'r0 = 1\nexit' : ALLOW)

const arrayWith = (slots: Readonly<Record<number, string>>, pinning = 0): MapSpec => ({
  ...arrayOf(2, 4), type: abi.BPF_MAP_TYPE_PROG_ARRAY, pinning,
  slots: new Map(Object.entries(slots).map(([index, name]) => [Number(index), name])),
})
const objectWith = (map: MapSpec, ...programs: ProgramSpec[]): BpfObject => ({ ...objectOf(...programs), maps: [map] })

const attempt = (run: () => unknown): string => {
  try {
    run()
    return 'loaded'
  } catch (error) {
    if (!(error instanceof BpfLoadError)) throw error
    return `${error.code} ${abi.errnoName(-error.errno)}: ${error.message}`
  }
}

const machine = (engine: 'jit' | 'interpreter' = 'jit') => {
  const lsm = bpf({ engine })
  const stack = createStack({ lsms: [capability(), lsm] })
  return { lsm, stack }
}

test.each(['jit', 'interpreter'] as const)('a slot of a program with other arguments, %s', (engine) => {
  const { lsm, stack } = machine(engine)
  const load = (section: string) => attempt(() => lsm.load(stack, objectWith(arrayWith({ 0: 'callee' }),
    program('caller', TAIL, 'lsm/file_open'), program('callee', allowing(section), section))))
  const before = lsm.memoryUsed
  expect(load('lsm/bprm_check_security')).toMatch(
    /^other-owner EINVAL: callee: map 'map': failed to initialize slot \[0\] to prog 'callee': -22/)
  expect(load('fmod_ret/security_file_open')).toMatch(/failed to initialize slot \[0\]/)
  expect(load('lsm_cgroup/file_open')).toMatch(/failed to initialize slot \[0\]/)
  expect(lsm.memoryUsed - before).toBeLessThan(1 << 16)
  expect(load('lsm/file_open')).toBe('loaded')
  // a hook of its own with the same arguments
  expect(load('lsm/file_alloc_security')).toBe('loaded')
})

test('slots alone: the first program is the owner', () => {
  const { lsm, stack } = machine()
  const object = objectWith(arrayWith({ 0: 'one', 1: 'two' }),
    program('one', ALLOW, 'lsm/file_open'), program('two', ALLOW, 'lsm/task_alloc'))
  expect(attempt(() => lsm.load(stack, object))).toMatch(/slot \[1\] to prog 'two': -22/)
})

test('slots by hand', () => {
  const { lsm, stack } = machine()
  const one = lsm.load(stack, objectWith(arrayWith({}), program('one', TAIL, 'lsm/file_open')))
  const other = lsm.load(stack, objectWith(arrayWith({}),
    program('same', ALLOW, 'lsm/file_open'), program('foreign', ALLOW, 'lsm/bprm_check_security')))
  const array = one.maps.get('map')!
  expect(() => array.put(1, other.program('foreign'))).toThrow('EINVAL')
  expect(() => array.put(2, other.program('same'))).toThrow('E2BIG')
  expect(() => array.put(1, other.program('same'), abi.BPF_NOEXIST)).toThrow('EINVAL')
  expect(() => array.put(1, array)).toThrow('EINVAL')
  array.put(1, other.program('same'))
  expect([array.delete(1), array.delete(1)]).toEqual([true, false])
})

test('two programs of an object that use one array', () => {
  const { lsm, stack } = machine()
  const object = objectWith(arrayWith({}),
    program('one', TAIL, 'lsm/file_open'), program('two', TAIL, 'lsm/bprm_check_security'))
  expect(attempt(() => lsm.load(stack, object))).toMatch(/^other-owner EINVAL: two: the map `map` belongs to programs of/)
  expect(attempt(() => lsm.load(stack, object, { programs: ['one'] }))).toBe('loaded')
  expect(attempt(() => lsm.load(stack, object, { programs: ['two'] }))).toBe('loaded')
})

test('the owner of a pinned array outlives the object that brought it', () => {
  const { lsm, stack } = machine()
  const pins = new Map<string, BpfMap>()
  const load = (section: string) => attempt(() => {
    lsm.load(stack, objectWith(arrayWith({}, 1), program('one', TAIL, section)), { pins }).unload()
  })
  expect(load('lsm/file_open')).toBe('loaded')
  expect(load('lsm/bprm_check_security')).toMatch(/^other-owner/)
  expect(load('lsm/file_open')).toBe('loaded')
})

test('a test run names the slots that stay empty', () => {
  const builder = new ProgramBuilder()
  const object = objectWith(arrayWith({ 0: 'other', 1: 'same', 2: 'nobody' }),
    program('caller', TAIL, 'lsm/file_open'), program('other', ALLOW, 'lsm/task_alloc'),
    program('same', ALLOW, 'lsm/file_open'))
  const opened = builder.open(object, vmlinuxBtf())
  const [caller] = object.programs
  opened.refusingMap(caller!, opened.traits(caller!))
  const { retval, fault, refusedSlots } = testRun(builder, opened, caller!)
  expect([retval, fault]).toEqual([0xffff_ffff, null])
  expect(refusedSlots).toEqual([
    { map: 'map', index: 0, program: 'other', errno: -abi.EINVAL, reason: expect.stringContaining('the same type') },
    { map: 'map', index: 2, program: 'nobody', errno: -abi.ENOENT, reason: 'the object has no such program' },
  ])
})
