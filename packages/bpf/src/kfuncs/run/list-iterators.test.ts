/** Iterators over tasks, memory and control groups, and kfuncs on groups: on a host that tells of a few. */
import * as abi from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import type { ProgramHost } from '../../helpers/run/index.ts'
import { helperBench, mapSpec } from '../../testing/helper-bench.ts'
import type { ObjectArray } from '../../maps/object-array.ts'

/** Groups 100 (the root), 110 and 120 below it, 111 below 110; tasks by their group. */
const PARENTS = new Map([[100, 0], [110, 100], [120, 100], [111, 110]])
const TASKS = new Map([[1, 100], [2, 111], [3, 120]])
const THREADS = new Map([[2, [2, 22, 23]]])

const parent = (group: number) => PARENTS.get(group) ?? 0
const level = (group: number): number => (parent(group) === 0 ? 0 : 1 + level(parent(group)))

const host: ProgramHost = {
  task: () => 2,
  processes: () => [...TASKS.keys()],
  threads: (task) => [...THREADS.values()].find((threads) => threads.includes(task)) ?? [task],
  taskOf: (pid) => (TASKS.has(pid) ? pid : 0),
  areas: (task) => task === 3 ? null
    : [[0x1000n, 0x2000n, 501], [0x5000n, 0x8000n, 502], [0x7000_0000_0000n, 0x7000_0000_1000n, 503]].map(
      ([start, end, address]) => ({ start: start as bigint, end: end as bigint, address: () => Number(address) })),
  groups: {
    ofTask: (task) => TASKS.get(task) ?? 100,
    id: (group) => group * 10,
    fromId: (id) => (PARENTS.has(id / 10) ? id / 10 : 0),
    level,
    parent,
    children: (group) => [...PARENTS.keys()].filter((child) => parent(child) === group),
    isUnder: (group, above) => {
      for (let at = group; at !== 0; at = parent(at)) if (at === above) return true
      return false
    },
    of: (held) => (held as { group: number }).group,
  },
}

/** What an iterator answers when it is made, and all it gives. */
const walk = (name: string, size: number, ...words: number[]): [number, number[]] => {
  const { kfunc, memory } = helperBench(host)
  const at = memory.alloc(size)
  const rc = kfunc(`bpf_iter_${name}_new`, at, ...words)
  const found: number[] = []
  for (let next = 0; (next = kfunc(`bpf_iter_${name}_next`, at)) !== 0 && found.length < 50;) found.push(next)
  kfunc(`bpf_iter_${name}_destroy`, at)
  expect(kfunc(`bpf_iter_${name}_next`, at)).toBe(0)
  return [rc, found]
}

const { EINVAL, ENOENT } = abi

describe('tasks', () => {
  test.each([
    ['all processes', 0, 0, 0, [1, 2, 3]],
    ['all threads', 0, 1, 0, [1, 2, 22, 23, 3]],
    ['threads of a process', 2, 2, 0, [2, 22, 23]],
    ['threads from one on', 22, 2, 0, [22, 23]],
    ['threads of nobody', 0, 2, -EINVAL, []],
    ['what there is not', 0, 3, -EINVAL, []],
  ])('%s', (_name, task, flags, rc, found) => {
    expect(walk('task', 24, task, flags)).toEqual([rc, found])
  })

  test.each([
    ['all processes of a group', 111, 1, 0, [2]],
    ['its threads', 111, 0, 0, [2, 22, 23]],
    ['of a group without any', 110, 0, 0, []],
    ['what there is not', 100, 2, -EINVAL, []],
  ])('%s', (_name, group, flags, rc, found) => {
    expect(walk('css_task', 8, group, flags)).toEqual([rc, found])
  })

  test('by number', () => {
    const { kfunc } = helperBench(host)
    expect([kfunc('bpf_task_from_pid', 3), kfunc('bpf_task_from_pid', 4)]).toEqual([3, 0])
  })
})

describe('memory', () => {
  test.each([
    ['from its beginning', 2, 0, 0, 0, [501, 502, 503]],
    ['from an address in an area', 2, 0x5fff, 0, 0, [502, 503]],
    ['from one past 4 GiB', 2, 0, 0x7000, 0, [503]],
    ['past the end', 2, 0x1000, 0x7000, 0, []],
    ['of a thread of the kernel', 3, 0, 0, -ENOENT, []],
  ])('%s', (_name, task, low, high, rc, found) => {
    expect(walk('task_vma', 8, task, low, high)).toEqual([rc, found])
  })

  test.each([
    ['in an area', 2, 0x5000, 0, 0, [2, 502, 77]],
    ['behind its end', 2, 0x8000, 0, -ENOENT, null],
    ['with a flag', 2, 0x5000, 1, -EINVAL, null],
    ['of nobody', 0, 0x5000, 0, -ENOENT, null],
  ])('find_vma %s', (_name, task, address, flags, rc, told) => {
    const { helper, machine } = helperBench(host)
    let called: number[] | null = null
    const program = { callback: (_subprogram: number, ...words: number[]) => {
      called = words
      return 0
    } }
    const callback = machine.functionAddress(() => program as never, 0)
    expect(helper(abi.BPF_FUNC_find_vma, task, address, 0, callback, 77, flags, 0)).toBe(rc)
    expect(called).toEqual(told)
  })
})

describe('control groups', () => {
  test.each([
    ['down, itself first', 100, 2, 0, [100, 110, 111, 120]],
    ['down, itself last', 100, 3, 0, [111, 110, 120, 100]],
    ['down from a leaf', 120, 2, 0, [120]],
    ['up', 111, 4, 0, [111, 110, 100]],
    ['what there is not', 100, 1, -EINVAL, []],
  ])('%s', (_name, group, flags, rc, found) => {
    expect(walk('css', 24, group, flags)).toEqual([rc, found])
  })

  test.each([
    ['itself', 111, 2, 111], ['the root', 111, 0, 100], ['between', 111, 1, 110], ['deeper', 110, 2, 0],
    ['above the root', 110, -1, 0],
  ])('ancestor: %s', (_name, group, level_, found) => {
    expect(helperBench(host).kfunc('bpf_cgroup_ancestor', group, level_)).toBe(found)
  })

  test('by id, and who is below', () => {
    const { kfunc } = helperBench(host)
    expect([kfunc('bpf_cgroup_from_id', 1110, 0), kfunc('bpf_cgroup_from_id', 1110, 1)]).toEqual([111, 0])
    const under = (task: number, group: number) => kfunc('bpf_task_under_cgroup', task, group)
    expect([under(2, 110), under(2, 100), under(2, 120), under(3, 110)]).toEqual([1, 1, 0, 0])
    expect(kfunc('bpf_task_get_cgroup1', 2, 1)).toBe(0)
  })

  test('of the running task, and of what an array holds', () => {
    const { helper, machine, map } = helperBench(host)
    const ancestor = (at: number) => helper(abi.BPF_FUNC_get_current_ancestor_cgroup_id, at)
    expect([helper(abi.BPF_FUNC_get_current_cgroup_id), ancestor(1), ancestor(0), ancestor(3)])
      .toEqual([1110, 1100, 1000, 0])
    expect(machine.high).toBe(0)
    const groups = map(mapSpec(abi.BPF_MAP_TYPE_CGROUP_ARRAY, { valueSize: 4 }))
    ;(groups as ObjectArray).put(0, { group: 110 })
    ;(groups as ObjectArray).put(1, { group: 120 })
    const under = (index: number) => helper(abi.BPF_FUNC_current_task_under_cgroup, groups.address, index)
    expect([under(0), under(1), under(2), under(4)]).toEqual([1, 0, -abi.EAGAIN, -abi.E2BIG])
  })
})

test('a program that was stopped leaves its iterators behind; at some number no more are made', () => {
  const { kfunc, memory } = helperBench(host)
  const at = memory.alloc(24)
  for (let n = 0; n < 4096; n++) expect(kfunc('bpf_iter_task_new', at, 0, 0)).toBe(0)
  expect(kfunc('bpf_iter_task_new', at, 0, 0)).toBe(-abi.ENOMEM)
})
