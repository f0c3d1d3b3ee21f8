/** The interface files of a group, in the order of its directory (cgroup_base_files, memory_files, pids_files). */
import { EINVAL, EOPNOTSUPP, ERANGE, PAGE_SIZE, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { KernfsOpenFile } from '../state/kernfs/node.ts'
import { parseSize } from '../fs/tmpfs/sizes.ts'
import type { Machine } from '../machine.ts'
import { signalOf } from '../state/task/thread.ts'
import { CONTROLLERS } from '../state/cgroup/cgroup.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { CgroupControl } from './control.ts'
import type { CgroupFlags } from '../state/cgroup/flags.ts'
import type { CgroupFreezer } from './freezer.ts'
import type { CgroupMigration } from './migrate.ts'
import { kstrtoint, kstrtoll, strstrip } from './number.ts'
import type { Parsed } from './number.ts'
import { PIDS_MAX } from '../state/cgroup/pids.ts'
import type { Pids } from '../state/cgroup/pids.ts'

export interface CgroupFile {
  readonly name: string
  /** Of the group itself; otherwise there while the controller is on. */
  readonly controller: string | null
  readonly notOnRoot?: boolean
  /** May be written in the root of a namespace from inside, even where namespaces are a border. */
  readonly delegatable?: boolean
  readonly read?: (cgrp: Cgroup, of: KernfsOpenFile) => string | number
  readonly write?: (cgrp: Cgroup, text: string, of: KernfsOpenFile) => number
}

/** What the files act on. */
export interface CgroupParts {
  readonly machine: Machine
  readonly control: CgroupControl
  readonly migration: CgroupMigration
  readonly freezer: CgroupFreezer
  readonly flags: CgroupFlags
}

const maxText = (value: number, most: number): string => (value === most ? 'max\n' : `${value}\n`)

/** A limit that is `max` or a number of its own. */
const parseLimit = (text: string, parse: (text: string) => Parsed, most: number): Parsed =>
  strstrip(text) === 'max' ? { value: most } : parse(strstrip(text))

const wordList = (names: Iterable<string>): string => {
  const text = [...names].join(' ')
  return text === '' ? '' : `${text}\n`
}

/** Tasks that use the resources of `cgrp`: its own, and those of threaded groups below it. */
function* domainTasks(cgrp: Cgroup): Generator<Task> {
  for (const at of cgrp.subtree()) if (at.dom_cgrp === cgrp.dom_cgrp) yield* [...at.tasks, ...at.dyingLeaders]
}

/** What is switched on for `cgrp` and how many below it, or how many zombies still hold of it. */
const statText = (cgrp: Cgroup): string => {
  const all = [...cgrp.subtree()]
  const having = (controller: 'memory' | 'pids'): number =>
    cgrp[controller] === null ? 0 : all.filter((one) => one[controller] !== null).length
  return `nr_descendants ${cgrp.nr_descendants}\n` +
    `nr_subsys_memory ${having('memory')}\nnr_subsys_pids ${having('pids')}\n` +
    `nr_dying_descendants ${cgrp.nr_dying_descendants}\nnr_dying_subsys_memory 0\nnr_dying_subsys_pids 0\n`
}

export const cgroupFiles = ({ machine, control, migration, freezer, flags }: CgroupParts): readonly CgroupFile[] => {
  const pidText = (tasks: Iterable<Task>): string =>
    [...tasks].map((task) => `${machine.tasks.pidNr(task)}\n`).join('')

  /** Leaders, a dead one as long as a thread of its process lives. */
  const procsText = (cgrp: Cgroup): string | number => {
    if (cgrp.isThreaded) return -EOPNOTSUPP
    const leaders = [...domainTasks(cgrp)].filter((task) => task.group_leader === task)
    return pidText(leaders.filter((task) => signalOf(task).threads.size > 0))
  }

  const typeText = (cgrp: Cgroup): string =>
    cgrp.isThreaded ? 'threaded\n'
      : !cgrp.isValidDomain ? 'domain invalid\n'
        : cgrp.isThreadRoot ? 'domain threaded\n' : 'domain\n'

  const writeHierarchyLimit = (field: 'max_depth' | 'max_descendants') => (cgrp: Cgroup, text: string): number => {
    const limit = parseLimit(text, kstrtoint, Infinity)
    if (typeof limit === 'number') return limit
    if (limit.value < 0) return -ERANGE
    cgrp[field] = limit.value
    return 0
  }

  const writeFreeze = (cgrp: Cgroup, text: string): number => {
    const on = kstrtoint(strstrip(text))
    if (typeof on === 'number') return on
    if (on.value !== 0 && on.value !== 1) return -ERANGE
    freezer.freeze(cgrp, on.value === 1)
    return 0
  }

  /** Everything below ends; who may write here is not asked what it may send. */
  const writeKill = (cgrp: Cgroup, text: string): number => {
    const kill = kstrtoint(strstrip(text))
    if (typeof kill === 'number') return kill
    if (kill.value !== 1) return -ERANGE
    if (cgrp.isThreaded) return -EOPNOTSUPP
    const { send, userSiginfo } = machine.signals
    for (const at of cgrp.subtree()) for (const task of at.tasks) send(SIGKILL, userSiginfo(SIGKILL), task, 'thread')
    return 0
  }

  const writePidsMax = (cgrp: Cgroup, text: string): number => {
    const limit = parseLimit(text, kstrtoll, PIDS_MAX)
    if (typeof limit === 'number') return limit
    if (strstrip(text) !== 'max' && (limit.value < 0 || limit.value >= PIDS_MAX)) return -EINVAL
    cgrp.pids!.limit = limit.value
    return 0
  }

  /** Nothing measures time here. */
  const cpuStatText = (): string => 'usage_usec 0\nuser_usec 0\nsystem_usec 0\nnice_usec 0\n'

  const eventsText = ({ forkfail }: Pids, max: number): string => `max ${flags.pids_localevents ? forkfail : max}\n`

  /** As `memory_max_write`, in whole pages; what is there is not taken away from anybody. */
  const writeMemoryMax = (cgrp: Cgroup, text: string): number => {
    const word = strstrip(text)
    const bytes = word === 'max' ? Infinity : parseSize(word)
    if (bytes === null) return -EINVAL
    cgrp.memory!.max = Math.floor(bytes / PAGE_SIZE) * PAGE_SIZE
    return 0
  }

  /** Nobody is killed for want of memory: calls fail. */
  const memoryEventsText = (refused: number): string =>
    `low 0\nhigh 0\nmax ${refused}\noom ${refused}\noom_kill 0\noom_group_kill 0\n`

  const base: readonly Omit<CgroupFile, 'controller'>[] = [
    {
      name: 'cgroup.type',
      notOnRoot: true,
      read: typeText,
      write: (cgrp, text) => (strstrip(text) === 'threaded' ? control.enable_threaded(cgrp) : -EINVAL),
    },
    {
      name: 'cgroup.procs',
      delegatable: true,
      read: procsText,
      write: (cgrp, text, of) => migration.procs_write(cgrp, of, text, true),
    },
    {
      name: 'cgroup.threads',
      delegatable: true,
      read: ({ tasks }) => pidText(tasks),
      write: (cgrp, text, of) => migration.procs_write(cgrp, of, text, false),
    },
    { name: 'cgroup.controllers', read: (cgrp) => wordList(cgrp.control) },
    {
      name: 'cgroup.subtree_control',
      delegatable: true,
      read: (cgrp) => wordList(CONTROLLERS.filter((name) => cgrp.subtree_control.has(name))),
      write: control.subtree_control_write,
    },
    {
      name: 'cgroup.events',
      notOnRoot: true,
      read: (cgrp) => `populated ${Number(cgrp.isPopulated)}\nfrozen ${Number(cgrp.frozen)}\n`,
    },
    {
      name: 'cgroup.max.descendants',
      read: (cgrp) => maxText(cgrp.max_descendants, Infinity),
      write: writeHierarchyLimit('max_descendants'),
    },
    {
      name: 'cgroup.max.depth',
      read: (cgrp) => maxText(cgrp.max_depth, Infinity),
      write: writeHierarchyLimit('max_depth'),
    },
    { name: 'cgroup.stat', read: statText },
    { name: 'cgroup.freeze', notOnRoot: true, read: ({ freeze }) => `${Number(freeze)}\n`, write: writeFreeze },
    { name: 'cgroup.kill', notOnRoot: true, write: writeKill },
    { name: 'cpu.stat', read: cpuStatText },
    { name: 'cpu.stat.local', read: () => '' },
  ]

  const pids: readonly Omit<CgroupFile, 'controller'>[] = [
    { name: 'pids.max', read: ({ pids: own }) => maxText(own!.limit, PIDS_MAX), write: writePidsMax },
    { name: 'pids.current', read: ({ pids: own }) => `${own!.counter}\n` },
    { name: 'pids.peak', read: ({ pids: own }) => `${own!.watermark}\n` },
    { name: 'pids.events', read: ({ pids: own }) => eventsText(own!, own!.max) },
    { name: 'pids.events.local', read: ({ pids: own }) => eventsText(own!, own!.max_local) },
  ]

  const memory: readonly Omit<CgroupFile, 'controller'>[] = [
    { name: 'memory.current', read: ({ memory: own }) => `${Math.ceil(own!.used / PAGE_SIZE) * PAGE_SIZE}\n` },
    { name: 'memory.max', read: ({ memory: own }) => maxText(own!.max, Infinity), write: writeMemoryMax },
    {
      name: 'memory.events',
      read: ({ memory: own }) => memoryEventsText(flags.memory_localevents ? own!.refusedLocal : own!.refused),
    },
    { name: 'memory.events.local', read: ({ memory: own }) => memoryEventsText(own!.refusedLocal) },
  ]

  return [
    ...base.map((file) => ({ ...file, controller: null })),
    ...memory.map((file) => ({ ...file, controller: 'memory', notOnRoot: true })),
    ...pids.map((file) => ({ ...file, controller: 'pids', notOnRoot: true })),
  ]
}
