/** From what a program needed to a policy that grants that and little more. */
import {
  LANDLOCK_ACCESS_FS_EXECUTE, LANDLOCK_ACCESS_FS_MAKE_DIR, LANDLOCK_ACCESS_FS_MAKE_REG, LANDLOCK_ACCESS_FS_READ_DIR,
  LANDLOCK_ACCESS_FS_READ_FILE,
} from '@lsmkit/abi'
import { checkPolicy, isBeneath } from '@lsmkit/sandbox/policy-parts'
import type { Allow, Policy } from '@lsmkit/sandbox/policy-parts'
import { systemPrograms } from '../presets/system-paths.ts'
import { isDifferent, isRefusedByModel } from '../watch/watched-call.ts'
import type { WatchedCall } from '../watch/watched-call.ts'

type List = 'read' | 'write' | 'exec'

const READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR

const MAKES = LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR

/** Lists that a right stands for; all others change something. */
const listsOf = (rights: number): List[] => [
  ...(rights & READ) !== 0 && (rights & LANDLOCK_ACCESS_FS_EXECUTE) === 0 ? ['read' as const] : [],
  ...(rights & LANDLOCK_ACCESS_FS_EXECUTE) === 0 ? [] : ['exec' as const],
  ...(rights & ~READ & ~LANDLOCK_ACCESS_FS_EXECUTE) === 0 ? [] : ['write' as const],
]

/** A private folder of a run, which stands for a memory mount of the policy. */
const PRIVATE = /^.*\/lsmkit-\w{6}(?=\/|$)/
/** Processes have other numbers the next time. */
const PROCESS = /^\/proc\/\d+(?=\/|$)/

/** Where a path is looked for in the policy. */
const placeOf = (path: string, memory: string | null, system: readonly string[]): string => {
  if (memory !== null && PRIVATE.test(path)) return memory
  if (PROCESS.test(path)) return '/proc'
  return system.find((top) => isBeneath(path, top)) ?? path
}

/** Paths of one folder beyond which the folder itself is named. */
const MOST_NAMES = 12

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))

/** Without paths that lie beneath another one. */
const outermost = (paths: ReadonlySet<string>): string[] =>
  [...paths].filter((path) => ![...paths].some((top) => top !== path && isBeneath(path, top))).toSorted()

/** Many names of one folder become the folder, unless that reaches beyond what was granted before. */
const gathered = (paths: readonly string[], before: readonly string[]): string[] => {
  const found = new Set<string>()
  for (const [parent, names] of grouped(paths)) {
    const isGranted = before.some((top) => isBeneath(parent, top))
    if (names.length > MOST_NAMES && isGranted) found.add(parent)
    else for (const name of names) found.add(name)
  }
  return outermost(found)
}

const grouped = (paths: readonly string[]): Map<string, string[]> => {
  const groups = new Map<string, string[]>()
  for (const path of paths) groups.set(parentOf(path), [...groups.get(parentOf(path)) ?? [], path])
  return groups
}

export interface LearnedPolicy {
  readonly policy: Policy
  /** Things that the program needed and was refused: they are not in the policy. */
  readonly refused: readonly WatchedCall[]
}

/**
 * The base policy with an `allow` that grants what was needed. Folders of the system's programs stay whole where they
 * were used. Throws OptionError for a base that is wrong.
 */
export const learnPolicy = (base: Policy, needs: readonly WatchedCall[]): LearnedPolicy => {
  const { allow = {} } = checkPolicy(base)
  // the kernel's answer counts
  const isRefused = (of: WatchedCall): boolean => isRefusedByModel(of) !== isDifferent(of)
  const system = systemPrograms()
  const memory = Object.entries(base.mounts ?? {}).find(([, { kind }]) => kind === 'memory')?.[0] ?? null
  const seen: Record<List, Set<string>> = { read: new Set(), write: new Set(), exec: new Set() }
  const ports = { connect: new Set<number>(), listen: new Set<number>() }
  for (const need of needs.filter((one) => !isRefused(one))) {
    if (need.port !== null) ports[need.act === 'listen' ? 'listen' : 'connect'].add(need.port)
    // what it makes it may read the next time
    if (need.path !== null && need.files.some(({ rights }) => (rights & MAKES) !== 0)) {
      seen.read.add(placeOf(need.path, memory, system))
    }
    for (const { path, rights } of need.files) {
      const place = placeOf(path, memory, system)
      for (const list of listsOf(rights)) seen[list].add(place)
    }
  }
  // what executes needs its loader, and libraries are read
  if (seen.exec.size > 0) for (const top of system) seen.exec.add(top)
  const learned: Allow = {
    read: gathered(outermost(seen.read), allow.read ?? []), write: gathered(outermost(seen.write), allow.write ?? []),
    exec: outermost(seen.exec), connect: [...ports.connect].toSorted((a, b) => a - b),
    listen: [...ports.listen].toSorted((a, b) => a - b),
  }
  const filled = Object.fromEntries(Object.entries(learned).filter(([, list]) => list.length > 0))
  return { policy: { ...base, allow: filled }, refused: needs.filter(isRefused) }
}
