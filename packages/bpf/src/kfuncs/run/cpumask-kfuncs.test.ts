/** Sets of processors: one processor is there, other bits are kept and count for nothing. */
import { expect, test } from 'vitest'
import { helperBench } from '../../testing/helper-bench.ts'

const sets = () => {
  const { kfunc, memory } = helperBench()
  const call = (name: string, ...words: number[]) => kfunc(`bpf_cpumask_${name}`, ...words)
  return { call, make: () => call('create'), memory }
}

test.each([
  ['empty', [], [1, 0, 0, 0, 1, 0]],
  ['full', [0], [0, 1, 1, 1, 0, 1]],
  ['of one that there is not', [5], [1, 0, 0, 0, 1, 0]],
])('%s', (_name, cpus, expected) => {
  const { call, make } = sets()
  const mask = make()
  for (const cpu of cpus) call('set_cpu', cpu, mask)
  expect([
    call('empty', mask), call('full', mask), call('weight', mask), call('test_cpu', 0, mask), call('first', mask),
    call('first_zero', mask),
  ]).toEqual(expected)
})

test('two together', () => {
  const { call, make } = sets()
  const [none, all, into] = [make(), make(), make()]
  call('setall', all)
  expect([call('and', into, all, none), call('and', into, all, all), call('weight', into)]).toEqual([0, 1, 1])
  call('xor', into, all, all)
  expect([call('empty', into), call('equal', into, none), call('equal', all, none)]).toEqual([1, 1, 0])
  call('or', into, none, all)
  expect([call('equal', into, all), call('intersects', all, none), call('intersects', all, into)]).toEqual([1, 0, 1])
  expect([call('subset', none, all), call('subset', all, none), call('first_and', all, none)]).toEqual([1, 0, 1])
  call('copy', into, none)
  expect([call('empty', into), call('any_distribute', all), call('any_and_distribute', all, none)]).toEqual([1, 0, 1])
})

test('set and clear tell what was', () => {
  const { call, make } = sets()
  const mask = make()
  expect([call('test_and_set_cpu', 0, mask), call('test_and_set_cpu', 0, mask)]).toEqual([0, 1])
  expect([call('test_and_clear_cpu', 0, mask), call('test_and_clear_cpu', 0, mask)]).toEqual([1, 0])
  expect([call('test_and_set_cpu', 7, mask), call('test_cpu', 7, mask), call('test_cpu', -1, mask)]).toEqual([0, 0, 0])
})

test('a set lives as long as somebody holds it', () => {
  const { call, make } = sets()
  const mask = make()
  expect(call('acquire', mask)).toBe(mask)
  call('release', mask)
  call('set_cpu', 0, mask)
  call('release', mask)
  expect(() => call('release', mask)).toThrow(/not a set/)
  expect(() => call('acquire', 4096)).toThrow(/not a set/)
  // its place is taken anew, empty
  const next = make()
  expect([next, call('empty', next)]).toEqual([mask, 1])
})
