/** Iterators over tasks, areas of memory and control groups: each walks what there was when it was made. */
import { EINVAL, ENOENT, ENOMEM } from '@lsmkit/abi'
import { wanted } from '../../helpers/run/helper-env.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'

/** Iterators at once; a program that is stopped leaves its own behind. */
const MOST = 4096

/** The iterator's first word is a number of ours, 0 for one that has nothing. */
const begin = (env: KfuncEnv, at: number, size: number, objects: readonly number[]): number => {
  wanted(env, at, size).fill(0)
  if (env.walks.size >= MOST) return -ENOMEM
  env.walks.set(++env.lastWalk.number, { objects, next: 0 })
  env.machine.memory.view.setUint32(at >>> 0, env.lastWalk.number, true)
  return 0
}

const refuse = (env: KfuncEnv, at: number, size: number, errno: number): number => {
  wanted(env, at, size).fill(0)
  return -errno
}

/** Address of the next object, 0 at the end. */
const next = (env: KfuncEnv, at = 0): number => {
  wanted(env, at, 8)
  const walk = env.walks.get(env.machine.memory.view.getUint32(at >>> 0, true))
  return walk?.objects[walk.next++] ?? 0
}

const end = (size: number) => (env: KfuncEnv, at = 0): number => {
  const bytes = wanted(env, at, size)
  env.walks.delete(env.machine.memory.view.getUint32(at >>> 0, true))
  bytes.fill(0)
  return 0
}

const SIZES = { task: 24, vma: 8, css: 24, cssTask: 8 } as const

const ALL_PROCESSES = 0
const ALL_THREADS = 1
const THREADS_OF = 2

const threadsOf = ({ host }: KfuncEnv, task: number): readonly number[] => host.threads?.(task) ?? [task]

const newTasks = (env: KfuncEnv, at = 0, task = 0, flags = 0): number => {
  const processes = (): readonly number[] => env.host.processes?.() ?? []
  switch (flags) {
    case ALL_PROCESSES: return begin(env, at, SIZES.task, processes())
    case ALL_THREADS: return begin(env, at, SIZES.task, processes().flatMap((leader) => threadsOf(env, leader)))
    case THREADS_OF: {
      if (task === 0) return refuse(env, at, SIZES.task, EINVAL)
      // from the thread that is given on
      const threads = threadsOf(env, task >>> 0)
      return begin(env, at, SIZES.task, threads.slice(Math.max(0, threads.indexOf(task >>> 0))))
    }
    default: return refuse(env, at, SIZES.task, EINVAL)
  }
}

const newAreas = (env: KfuncEnv, at = 0, task = 0, low = 0, high = 0): number => {
  const areas = env.host.areas?.(task >>> 0) ?? null
  if (areas === null) return refuse(env, at, SIZES.vma, ENOENT)
  const from = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  return begin(env, at, SIZES.vma, areas.filter((area) => area.end > from).map((area) => area.address()))
}

const DESCENDANTS_FIRST_SELF = 2
const DESCENDANTS_LAST_SELF = 3
const ANCESTORS = 4

/** The state of a group lies at its beginning: both have one address. */
const newGroups = (env: KfuncEnv, at = 0, start = 0, flags = 0): number => {
  const { groups } = env.host
  const group = start >>> 0
  const below = (one: number): number[] => (groups?.children(one) ?? []).flatMap((child) => [child, ...below(child)])
  const belowFirst = (one: number): number[] => (groups?.children(one) ?? []).flatMap(belowFirst).concat(one)
  switch (flags) {
    case DESCENDANTS_FIRST_SELF: return begin(env, at, SIZES.css, [group, ...below(group)])
    case DESCENDANTS_LAST_SELF: return begin(env, at, SIZES.css, belowFirst(group))
    case ANCESTORS: {
      const found: number[] = []
      for (let one = group; one !== 0; one = groups?.parent(one) ?? 0) found.push(one)
      return begin(env, at, SIZES.css, found)
    }
    default: return refuse(env, at, SIZES.css, EINVAL)
  }
}

const PROCESSES_ONLY = 1
const THREADED = 2

const newGroupTasks = (env: KfuncEnv, at = 0, group = 0, flags = 0): number => {
  if (flags !== 0 && flags !== PROCESSES_ONLY && flags !== (PROCESSES_ONLY | THREADED)) {
    return refuse(env, at, SIZES.cssTask, EINVAL)
  }
  const leaders = (env.host.processes?.() ?? []).filter((task) => env.host.groups?.ofTask(task) === group >>> 0)
  return begin(env, at, SIZES.cssTask, flags === 0 ? leaders.flatMap((leader) => threadsOf(env, leader)) : leaders)
}

export const listIterators: readonly KfuncLine[] = [
  ['bpf_iter_task_new', 'iii', 's', newTasks],
  ['bpf_iter_task_next', 'i', 'u', next],
  ['bpf_iter_task_destroy', 'i', 'v', end(SIZES.task)],
  ['bpf_iter_task_vma_new', 'iil', 's', newAreas],
  ['bpf_iter_task_vma_next', 'i', 'u', next],
  ['bpf_iter_task_vma_destroy', 'i', 'v', end(SIZES.vma)],
  ['bpf_iter_css_new', 'iii', 's', newGroups],
  ['bpf_iter_css_next', 'i', 'u', next],
  ['bpf_iter_css_destroy', 'i', 'v', end(SIZES.css)],
  ['bpf_iter_css_task_new', 'iii', 's', newGroupTasks],
  ['bpf_iter_css_task_next', 'i', 'u', next],
  ['bpf_iter_css_task_destroy', 'i', 'v', end(SIZES.cssTask)],
]
