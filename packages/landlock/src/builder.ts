/**
 * `ruleset({ read: ['/data'], write: ['/out'], connect: [443] }).restrict(kernel, task)`: what a program would do with
 * the three system calls, on any kernel that has them. Written for one ABI, so that it means the same on a later one.
 */
import {
  AT_FDCWD, EINVAL, ENOENT, EOPNOTSUPP, errnoName, LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_NET_PORT,
  LANDLOCK_RULE_PATH_BENEATH, O_CLOEXEC, O_PATH, packLandlockNetPort, packLandlockPathBeneath, packLandlockRuleset,
  PR_SET_NO_NEW_PRIVS,
} from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core'
import type { LandlockCalls, Task } from '@lsmkit/core'
import {
  aBoolean, aString, checkOptions, instanceOf, listOf, nameOf, oneOf, recordOf, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { abis, ACCESS_FILE, bitOf, maskOf, neededAbi, rightNames, rightsOfKind } from './rights.ts'
import type { LandlockAbi, RightKind } from './rights.ts'

export interface RulesetOptions {
  /** Below these, files may be read and directories listed. */
  readonly read?: readonly string[]
  /** Below these, files may be written, cut, made, removed and moved; devices may not be made. */
  readonly write?: readonly string[]
  /** Below these, files may be executed and read. */
  readonly execute?: readonly string[]
  /** Rights by path, in Landlock's own names: `{ '/dev/tty': ['read_file', 'ioctl_dev'] }`. */
  readonly paths?: Readonly<Record<string, readonly string[]>>
  /** TCP ports that may be bound to; with it, no others. */
  readonly bind?: readonly number[]
  /** TCP ports that may be connected to; with it, no others. */
  readonly connect?: readonly number[]
  /** The operations that stay inside of the domain: `signal`, `abstract_unix_socket`. */
  readonly scope?: readonly ('signal' | 'abstract_unix_socket')[]
  /** The ABI it is written for (default 6): with any of the paths above, all its file system rights are restricted. */
  readonly abi?: LandlockAbi
  /** Do without what the kernel's ABI lacks. Off: that is an error, and nothing is restricted. */
  readonly bestEffort?: boolean
  /** Leave out paths that are not there. Off: that is an error, and nothing is restricted. */
  readonly ignoreMissing?: boolean
}

const paths = listOf(aString)
const ports = listOf(wholeNumber(0, 65535))
export const rulesetRules: OptionRules<RulesetOptions> = {
  read: paths, write: paths, execute: paths,
  paths: recordOf(listOf(nameOf(rightsOfKind('fs'), 'right of the file system'))),
  bind: ports, connect: ports,
  scope: listOf(nameOf(rightsOfKind('scope'), 'scope')),
  abi: oneOf(...abis), bestEffort: aBoolean, ignoreMissing: aBoolean,
}

/** `abi-lacks`: the kernel has not all that is asked for. `no-path`, `refused`: a call that failed. */
export class LandlockError extends LsmkitError<'abi-lacks' | 'no-path' | 'refused'> {}

export interface Restriction {
  /** The kernel's; 0 where it has no Landlock. */
  readonly abi: number
  /** `full`, `partial` where the kernel lacks some of it, `none` where it has no Landlock. */
  readonly enforced: 'full' | 'partial' | 'none'
  /** Rights that were left out: `fs.ioctl_dev`. */
  readonly missing: readonly string[]
}

const fsRights = (...names: readonly string[]): number => names.reduce((mask, name) => mask | bitOf('fs', name), 0)
const READ = fsRights('read_file', 'read_dir')
const WRITE = fsRights(
  'write_file', 'truncate', 'remove_dir', 'remove_file', 'make_dir', 'make_reg', 'make_sock', 'make_fifo', 'make_sym',
  'refer',
)
const EXECUTE = fsRights('execute', 'read_file', 'read_dir')

/** Those of the lists that are given. */
const netRights = (lists: Readonly<Record<string, readonly number[] | undefined>>): number =>
  Object.entries(lists).reduce((mask, [name, list]) => (list === undefined ? mask : mask | bitOf('net', name)), 0)

/** The rights that are handled, and where they are granted. */
export interface Plan {
  readonly fs: number
  readonly net: number
  readonly scope: number
  readonly paths: ReadonlyMap<string, number>
  readonly ports: ReadonlyMap<number, number>
}

/** The plan that the options give. They are checked by `ruleset`. */
export const planOf = (options: RulesetOptions): Plan => {
  const { abi = 6, bind, connect, scope = [] } = options
  const granted = new Map<string, number>()
  const grant = (path: string, rights: number): unknown => granted.set(path, (granted.get(path) ?? 0) | rights)
  for (const path of options.read ?? []) grant(path, READ)
  for (const path of options.write ?? []) grant(path, WRITE)
  for (const path of options.execute ?? []) grant(path, EXECUTE)
  for (const [path, names] of Object.entries(options.paths ?? {})) grant(path, fsRights(...names))
  const isAboutFiles = [options.read, options.write, options.execute, options.paths].some((one) => one !== undefined)
  const open = new Map<number, number>()
  for (const [name, list] of [['bind_tcp', bind], ['connect_tcp', connect]] as const) {
    for (const port of list ?? []) open.set(port, (open.get(port) ?? 0) | bitOf('net', name))
  }
  // a right that is named is restricted, whatever ABI it came with
  const named = fsRights(...Object.values(options.paths ?? {}).flat())
  return {
    fs: isAboutFiles ? maskOf('fs', abi) | named : 0,
    net: netRights({ bind_tcp: bind, connect_tcp: connect }),
    scope: scope.reduce((mask, name) => mask | bitOf('scope', name), 0),
    paths: granted,
    ports: open,
  }
}

const kinds: readonly RightKind[] = ['fs', 'net', 'scope']

/** By kind, what the kernel has not. */
const lacking = (plan: Plan, abi: LandlockAbi): readonly (readonly [RightKind, number])[] =>
  kinds.map((kind) => [kind, plan[kind] & ~maskOf(kind, abi)] as const).filter(([, mask]) => mask !== 0)

/** The plan as that ABI can have it. Throws LandlockError `abi-lacks` for what it lacks, but with `bestEffort`. */
export const planWithin = (options: RulesetOptions, abi: LandlockAbi): Plan => {
  const plan = planOf(options)
  checkAbi(plan, abi, abi, options.bestEffort === true)
  const within = (kind: RightKind): number => plan[kind] & maskOf(kind, abi)
  return { ...plan, fs: within('fs'), net: within('net'), scope: within('scope') }
}

export interface RestrictOptions {
  /**
   * Paths of the ruleset that the task has open already, by path: the rule is for what the descriptor leads to, and the
   * name is not looked up. Other paths are opened as the task, and their links are followed.
   */
  readonly descriptors?: ReadonlyMap<string, number>
}
const restrictRules: OptionRules<RestrictOptions> = { descriptors: instanceOf(Map) }

export interface RulesetPlan {
  /**
   * Sets no_new_privs and restricts the thread, for good. Throws LandlockError, and then nothing is restricted.
   */
  restrict(kernel: LandlockCalls, task: Task, options?: RestrictOptions): Restriction
}

/** Throws OptionError. */
export const ruleset = (options: RulesetOptions): RulesetPlan => {
  checkOptions(options, rulesetRules, 'ruleset')
  const plan = planOf(options)
  return {
    restrict: (kernel, task, given = {}) => {
      checkOptions(given, restrictRules, 'restrict')
      return enforce(plan, { ...options, ...given }, kernel, task)
    },
  }
}

const refused = (call: string, rc: number, hint: string | null = null): LandlockError =>
  new LandlockError('refused', `\`${call}\` answered ${errnoName(rc)}`, { place: 'restrict', hint })

const enforce = (
  plan: Plan, { bestEffort = false, ignoreMissing = false, descriptors }: RulesetOptions & RestrictOptions,
  kernel: LandlockCalls, task: Task,
): Restriction => {
  const { sys } = kernel
  const version = sys.landlock_create_ruleset(task, null, 0, LANDLOCK_CREATE_RULESET_VERSION)
  if (version < 0) {
    if (bestEffort) return { abi: 0, enforced: 'none', missing: kinds.flatMap((kind) => namesOf(kind, plan[kind])) }
    const hint = version === -EOPNOTSUPP ? 'boot with `landlock: lsm.engine`, and the module in the stack' : null
    throw refused('landlock_create_ruleset', version, hint)
  }
  const abi = Math.min(version, abis.length) as LandlockAbi
  const missing = checkAbi(plan, abi, version, bestEffort)
  const fd = createRuleset(plan, abi, kernel, task)
  if (fd === null) return { abi: version, enforced: 'none', missing }
  try {
    const handled = plan.fs & maskOf('fs', abi)
    for (const [path, rights] of plan.paths) {
      const open = descriptors?.get(path) ?? null
      addPath(kernel, task, { fd, path, open, rights: rights & handled, ignoreMissing })
    }
    for (const [port, rights] of plan.ports) addPort(kernel, task, { fd, port, rights: rights & maskOf('net', abi) })
    sys.prctl(task, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    const rc = sys.landlock_restrict_self(task, fd, 0)
    if (rc !== 0) throw refused('landlock_restrict_self', rc)
  } finally {
    sys.close(task, fd)
  }
  return { abi: version, enforced: missing.length === 0 ? 'full' : 'partial', missing }
}

const namesOf = (kind: RightKind, mask: number): string[] => (mask === 0 ? [] : rightNames(kind, mask).split(','))

/** The rights that the kernel lacks. */
const checkAbi = (plan: Plan, abi: LandlockAbi, version: number, bestEffort: boolean): readonly string[] => {
  const lacks = lacking(plan, abi)
  const missing = lacks.flatMap(([kind, mask]) => namesOf(kind, mask))
  if (lacks.length === 0 || bestEffort) return missing
  const needed = Math.max(...lacks.map(([kind, mask]) => neededAbi(kind, mask)))
  throw new LandlockError('abi-lacks', `Landlock ABI ${version} lacks ${missing.join(', ')}`, {
    place: 'ruleset', hint: `needs ABI ${needed}; \`bestEffort: true\` does without, \`abi: ${abi}\` asks for less`,
  })
}

/** Null where nothing is left to restrict. */
const createRuleset = (plan: Plan, abi: LandlockAbi, { sys }: LandlockCalls, task: Task): number | null => {
  const [fs = 0, net = 0, scope = 0] = kinds.map((kind) => plan[kind] & maskOf(kind, abi))
  if ((fs | net | scope) === 0) return null
  const attr = packLandlockRuleset({ handled_access_fs: fs, handled_access_net: net, scoped: scope })
  const fd = sys.landlock_create_ruleset(task, attr, attr.length, 0)
  if (fd < 0) throw refused('landlock_create_ruleset', fd)
  return fd
}

interface PathRule {
  /** Of the ruleset. */
  readonly fd: number
  readonly path: string
  /** A descriptor of what the path names, where there is one already. */
  readonly open: number | null
  readonly rights: number
  readonly ignoreMissing: boolean
}

const addPath = (
  { sys }: LandlockCalls, task: Task, { fd, path, open, rights, ignoreMissing }: PathRule,
): void => {
  if (rights === 0) return
  const at = open ?? sys.openat(task, AT_FDCWD, path, O_PATH | O_CLOEXEC, 0)
  if (at === -ENOENT && ignoreMissing) return
  if (at < 0) {
    throw new LandlockError('no-path', `\`${path}\` cannot be opened: ${errnoName(at)}`, {
      place: 'ruleset', hint: at === -ENOENT ? '`ignoreMissing: true` leaves it out' : null,
    })
  }
  const add = (access: number): number => {
    const rule = packLandlockPathBeneath(access, at)
    return access === 0 ? 0 : sys.landlock_add_rule(task, fd, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
  }
  let rc = add(rights)
  // a plain file has no rights of directories
  if (rc === -EINVAL) rc = add(rights & ACCESS_FILE)
  if (open === null) sys.close(task, at)
  if (rc !== 0) throw refused('landlock_add_rule', rc, path)
}

const addPort = (
  { sys }: LandlockCalls, task: Task, { fd, port, rights }: { fd: number; port: number; rights: number },
): void => {
  if (rights === 0) return
  const rc = sys.landlock_add_rule(task, fd, LANDLOCK_RULE_NET_PORT, packLandlockNetPort(rights, port), 0)
  if (rc !== 0) throw refused('landlock_add_rule', rc, `port ${port}`)
}
