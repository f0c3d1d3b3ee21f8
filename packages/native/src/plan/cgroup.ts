/** The control group that a program may be given: where one can be made, and which limits it can hold. */
import { accessSync, constants, readFileSync } from 'node:fs'

/** A folder of cgroup v2 in which this process may make a group. */
export interface CgroupParent {
  readonly path: string
  readonly memory: boolean
  readonly pids: boolean
}

const ROOT = '/sys/fs/cgroup'

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Where a group can be made: the group of this process, if it may be written and hands controllers on to groups below.
 * A group that has processes hands none on, other than the root, so this is mostly a delegated one.
 */
export const cgroupParent = (root = ROOT, self = '/proc/self/cgroup'): CgroupParent | null => {
  const own = /^0::(.*)$/m.exec(textOf(self))?.[1]
  if (own === undefined) return null
  // the group itself, and the one above it: who delegates puts the first process into a leaf
  for (const name of new Set([own, own.replace(/\/[^/]*$/, '') || '/'])) {
    const path = `${root}${name === '/' ? '' : name}`
    const handed = textOf(`${path}/cgroup.subtree_control`).split(/\s+/)
    const [memory, pids] = [handed.includes('memory'), handed.includes('pids')]
    if (!memory && !pids) continue
    try {
      accessSync(path, constants.W_OK)
      accessSync(`${path}/cgroup.procs`, constants.W_OK)
      return { path, memory, pids }
    } catch {
      // not ours
    }
  }
  return null
}
