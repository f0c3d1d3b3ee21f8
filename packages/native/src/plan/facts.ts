/** The facts of a host that a policy is compiled for: its kernel, its user, its folders. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { SECCOMP_GET_ACTION_AVAIL, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF } from '@lsmkit/abi'
import { checkPolicy } from '@lsmkit/sandbox/policy-parts'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { landlockAbi } from '../sys/landlock.ts'
import { hostSystem } from '../sys/system.ts'
import type { System } from '../sys/system.ts'
import type { Arch } from '../sys/calls.ts'
import { cgroupParent } from './cgroup.ts'
import type { CgroupParent } from './cgroup.ts'
import { foldersToList, hostPathOf, placesOf } from './mapping.ts'

export interface Facts {
  readonly arch: Arch
  /** Version of Landlock's interface; 0 for none. */
  readonly landlock: number
  readonly seccomp: boolean
  /** A filter can ask this process (user notification): names of hosts need it. */
  readonly notifies: boolean
  /** The user that starts programs. */
  readonly uid: number
  /** Tasks that this user has now, which count to a limit of processes. */
  readonly tasks: number
  /** /proc lists the children of a task. */
  readonly hasChildrenList: boolean
  /** Where a cgroup can be made; null for nowhere. */
  readonly cgroup: CgroupParent | null
  /** Names in folders of the host that have something hidden below them, by path. */
  readonly folders: Readonly<Record<string, readonly string[]>>
  /** How many names the files have that the policy names, for those that have more than one: hard links. */
  readonly names: Readonly<Record<string, number>>
  /** Paths of the host that the policy names, and at which nothing is. */
  readonly missing: readonly string[]
}

const hasAnswer = (system: System, answer: number): boolean => {
  const action = new Uint8Array(new Uint32Array([answer]).buffer)
  return system.call('seccomp', SECCOMP_GET_ACTION_AVAIL, 0, action) === 0
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Tasks whose real user this is. */
const tasksOf = (uid: number): number => {
  let tasks = 0
  for (const pid of namesIn('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const text = readFileSync(`/proc/${pid}/status`, 'utf8')
      if (Number(/^Uid:\s+(\d+)/m.exec(text)?.[1]) === uid) tasks += Number(/^Threads:\s+(\d+)/m.exec(text)?.[1] ?? 1)
    } catch {
      // it has ended meanwhile
    }
  }
  return tasks
}

/** The paths of the host that a policy names. */
const namedPaths = (policy: Policy): string[] => {
  const { read = [], write = [], exec = [] } = policy.allow ?? {}
  const places = [...read, ...write, ...exec].flatMap((path) => placesOf(policy, path).map(({ place }) => place))
  return [...new Set(places.filter((place) => place.private === null).map(hostPathOf))]
}

const statsOf = (path: string): Stats | null => {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

/** The paths of a policy that are files with other names, and those that lead to nothing. */
const lookedAt = (policy: Policy): Pick<Facts, 'names' | 'missing'> => {
  const found = namedPaths(policy).map((path) => ({ path, stats: statsOf(path) }))
  return {
    names: Object.fromEntries(found.flatMap(({ path, stats }) =>
      (stats?.isFile() === true && stats.nlink > 1 ? [[path, stats.nlink] as const] : []))),
    missing: found.filter(({ stats }) => stats === null).map(({ path }) => path),
  }
}

/** The facts of this host for a policy. Throws NativeError `unsupported` where there are no such walls. */
export const gatherFacts = (policy: Policy): Facts => {
  checkPolicy(policy)
  const system = hostSystem()
  const uid = process.getuid?.() ?? 0
  return {
    arch: system.arch, landlock: landlockAbi(system), seccomp: hasAnswer(system, SECCOMP_RET_ERRNO),
    notifies: hasAnswer(system, SECCOMP_RET_USER_NOTIF), uid,
    tasks: policy.limits?.processes === undefined ? 0 : tasksOf(uid),
    hasChildrenList: existsSync('/proc/thread-self/children'),
    cgroup: policy.limits === undefined ? null : cgroupParent(),
    folders: Object.fromEntries(foldersToList(policy).map((folder) => [folder, namesIn(folder)])),
    ...lookedAt(policy),
  }
}
