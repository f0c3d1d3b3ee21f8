/** Files of the memory and pids controllers, in the order of the directory (memory_files, pids_files). */
import { EINVAL, PAGE_SIZE } from '@lsmkit/abi'
import { parseSize } from '../fs/tmpfs/sizes.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import { PIDS_MAX } from '../state/cgroup/pids.ts'
import type { Pids } from '../state/cgroup/pids.ts'
import type { CgroupFile } from './group-files.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import { maxText, parseLimit } from './limits.ts'
import { kstrtoll, strstrip } from './number.ts'

type ControllerFile = Omit<CgroupFile<CgroupHierarchy>, 'controller' | 'notOnRoot'>

const writePidsMax = (cgrp: Cgroup, text: string): number => {
  const limit = parseLimit(text, kstrtoll, PIDS_MAX)
  if (typeof limit === 'number') return limit
  if (strstrip(text) !== 'max' && (limit.value < 0 || limit.value >= PIDS_MAX)) return -EINVAL
  cgrp.pids!.limit = limit.value
  return 0
}

const pidsEvents = ({ flags }: CgroupHierarchy, { forkfail }: Pids, max: number): string =>
  `max ${flags.pids_localevents ? forkfail : max}\n`

/** As `memory_max_write`, in whole pages. Memory that is in use stays, even if it is more than the limit. */
const writeMemoryMax = (cgrp: Cgroup, text: string): number => {
  const word = strstrip(text)
  const bytes = word === 'max' ? Infinity : parseSize(word)
  if (bytes === null) return -EINVAL
  cgrp.memory!.max = Math.floor(bytes / PAGE_SIZE) * PAGE_SIZE
  return 0
}

/** No task is killed when memory runs out: calls fail instead. */
const memoryEvents = (refused: number): string =>
  `low 0\nhigh 0\nmax ${refused}\noom ${refused}\noom_kill 0\noom_group_kill 0\n`

const memory: readonly ControllerFile[] = [
  { name: 'memory.current', read: ({ memory: own }) => `${Math.ceil(own!.used / PAGE_SIZE) * PAGE_SIZE}\n` },
  { name: 'memory.max', read: ({ memory: own }) => maxText(own!.max, Infinity), write: writeMemoryMax },
  {
    name: 'memory.events',
    read: ({ memory: own }, { flags }) => memoryEvents(flags.memory_localevents ? own!.refusedLocal : own!.refused),
  },
  { name: 'memory.events.local', read: ({ memory: own }) => memoryEvents(own!.refusedLocal) },
]

const pids: readonly ControllerFile[] = [
  { name: 'pids.max', read: ({ pids: own }) => maxText(own!.limit, PIDS_MAX), write: writePidsMax },
  { name: 'pids.current', read: ({ pids: own }) => `${own!.counter}\n` },
  { name: 'pids.peak', read: ({ pids: own }) => `${own!.watermark}\n` },
  { name: 'pids.events', read: ({ pids: own }, hierarchy) => pidsEvents(hierarchy, own!, own!.max) },
  { name: 'pids.events.local', read: ({ pids: own }, hierarchy) => pidsEvents(hierarchy, own!, own!.max_local) },
]

export const controllerFiles: readonly CgroupFile<CgroupHierarchy>[] = [
  ...memory.map((file) => ({ ...file, controller: 'memory', notOnRoot: true })),
  ...pids.map((file) => ({ ...file, controller: 'pids', notOnRoot: true })),
]
