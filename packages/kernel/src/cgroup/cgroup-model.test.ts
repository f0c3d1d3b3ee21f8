/** Whatever is written to control groups, the figures of each group are those of its tasks and of the groups below. */
import {
  AT_FDCWD, CLONE_INTO_CGROUP, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, O_PATH, O_WRONLY, PF_EXITING, S_IFDIR, S_IFMT,
  SIGCHLD, SIGCONT, SIGSTOP, WNOHANG,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { threadOf } from '../state/task/thread.ts'
import { bootForTest } from '../testing/boot.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'

const ROOT = '/sys/fs/cgroup'
const GROUPS = ['.', 'a', 'b', 'a/b', 'a/b/c']
const FILES = [
  'cgroup.procs', 'cgroup.threads', 'cgroup.type', 'cgroup.subtree_control', 'cgroup.freeze', 'cgroup.kill', 'pids.max',
  'cgroup.max.depth', 'cgroup.events',
]
const TEXTS = [
  '0', '1', '2', 'max', '+pids', '-pids', '+memory', '-memory', 'threaded', '-1', '\0', '+pids\n-pids', '9'.repeat(30),
]

type Step = readonly [kind: number, task: number, group: string, file: string, text: string]
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat(9), fc.nat(4), fc.constantFrom(...GROUPS), fc.constantFrom(...FILES),
  fc.oneof(fc.constantFrom(...TEXTS), fc.nat(12).map(String), fc.string({ maxLength: 6 })),
)

const world = () => {
  const kernel = bootForTest()
  const { sys, init, machine } = kernel
  const all: Task[] = [init]
  const born = (rc: number): void => {
    const task = rc > 0 ? machine.tasks.find(rc) : null
    if (task !== null) all.push(task)
  }
  const run = ([kind, n, group, file, text]: Step): void => {
    const task = all[n % all.length]!
    const path = `${ROOT}/${group}`
    if ((task.flags & PF_EXITING) !== 0) {
      if (task !== init) sys.wait4(task.real_parent ?? init, -1, null, WNOHANG, null)
      return
    }
    switch (kind) {
      case 0: return void sys.mkdir(init, path, 0o755)
      case 1: return void sys.rmdir(init, path)
      case 2: return born(sys.fork(task))
      case 3: return born(sys.clone(task, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0))
      case 4: {
        const cgroup = sys.openat(init, AT_FDCWD, path, O_PATH, 0)
        return born(sys.clone3(init, { flags: CLONE_INTO_CGROUP, exit_signal: SIGCHLD, cgroup }, 88))
      }
      case 5: return void (task.group_leader !== init && sys.exit_group(task, 0))
      case 6: return void sys.kill(init, task.pid, text.length % 2 === 0 ? SIGSTOP : SIGCONT)
      default: {
        const fd = sys.openat(init, AT_FDCWD, `${path}/${file}`, O_WRONLY, 0)
        if (fd < 0) return
        const words = kind === 9 ? String(task.pid) : text
        sys.write(init, fd, new TextEncoder().encode(words))
        if ((init.flags & PF_EXITING) === 0) sys.close(init, fd)
      }
    }
  }
  return { ...kernel, run }
}

const isAtRest = (task: Task): boolean => threadOf(task).frozen || threadOf(task).state !== 'running'

const check = (cgrp: Cgroup, tasks: readonly Task[], zombies: readonly Task[]): void => {
  const below = [...cgrp.subtree()]
  expect(cgrp.nr_descendants).toBe(below.length - 1)
  expect([...cgrp.tasks].every((task) => threadOf(task).cgroup === cgrp && tasks.includes(task))).toBe(true)
  expect(cgrp.isPopulated).toBe(below.some((one) => one.tasks.size > 0))
  expect(cgrp.nr_threaded_children).toBe([...cgrp.children].filter((child) => child.isThreaded).length)
  const { pids } = cgrp
  if (pids !== null && pids.parent !== null) {
    const counts = [...tasks, ...zombies].filter((task) => [...threadOf(task).pids.counting()].includes(pids))
    expect(pids.counter).toBe(counts.length)
  }
  const frozen = cgrp.e_freeze > 0 && below.every((one) => [...one.tasks].every(isAtRest))
  expect([cgrp.kn.name, cgrp.frozen]).toEqual([cgrp.kn.name, frozen])
  const dirs = [...cgrp.kn.children!.values()].filter(({ mode }) => (mode & S_IFMT) === S_IFDIR)
  expect(dirs.map(({ priv }) => priv)).toEqual([...cgrp.children])
  expect(cgrp.kn.children!.has('memory.max')).toBe(cgrp.memory !== null && cgrp.parent !== null)
  for (const task of cgrp.tasks) expect(threadOf(task).memcg).toBe(cgrp.effectiveMemory)
  expect(cgrp.kn.children!.has('pids.max')).toBe(pids !== null && pids.parent !== null)
}

test('figures add up', () => {
  fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
    const { run, machine } = world()
    for (const one of steps) run(one)
    const known = [...machine.tasks.byPid.values()]
    const tasks = known.filter(({ flags }) => (flags & PF_EXITING) === 0)
    const zombies = known.filter(({ flags }) => (flags & PF_EXITING) !== 0)
    const groups = [...machine.cgroups.root.subtree()]
    expect(groups.reduce((sum, { tasks: own }) => sum + own.size, 0)).toBe(tasks.length)
    for (const cgrp of groups) check(cgrp, tasks, zombies)
  }), { numRuns: 60 })
})
