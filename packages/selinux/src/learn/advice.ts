/** Advice on a rule before it is taken: its breadth, and alternatives to it. */
import { ownValue } from '@lsmkit/abi'
import type { TeRules } from '../query/te-rules.ts'
import { groupsOf } from './permission-groups.ts'

/** Types that stand for whatever has no better one; a rule on them is a rule on all of that. */
const SHARED_TYPES: ReadonlySet<string> = new Set([
  'unlabeled_t', 'default_t', 'file_t', 'root_t', 'etc_t', 'usr_t', 'var_t', 'var_lib_t', 'tmp_t', 'tmpfs_t', 'bin_t',
  'lib_t', 'device_t', 'user_home_t', 'mnt_t', 'port_t', 'unreserved_port_t', 'node_t',
])

const CHANGES: ReadonlySet<string> = new Set([
  'write', 'append', 'create', 'unlink', 'rename', 'link', 'setattr', 'relabelfrom', 'relabelto', 'add_name',
  'remove_name', 'rmdir', 'mounton', 'name_bind',
])

/** By class, `*` for any: permissions that give more than they seem to. */
const STRONG: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '*': {
    relabelto: 'it gives files this label', relabelfrom: 'it takes this label from files',
    execmod: 'it executes what it has changed in memory', mounton: 'it mounts over them',
  },
  process: {
    ptrace: 'it runs code in the other process', dyntransition: 'it changes its domain without an execve',
    setcurrent: 'it changes its own context', setexec: 'it chooses the domain of what it executes',
    execmem: 'it makes code at run time', execheap: 'it executes its heap', execstack: 'it executes its stack',
  },
  capability: {
    sys_admin: 'it is next to all capabilities', sys_ptrace: 'it traces every process', sys_module: 'it loads modules',
    sys_rawio: 'it writes devices', dac_override: 'mode bits do not hold it', dac_read_search: 'mode bits let it read',
    setuid: 'it becomes any user', setgid: 'it becomes any group', chown: 'it takes files of others',
    mknod: 'it makes devices',
    fowner: 'it acts as the owner of every file', setfcap: 'it gives capabilities to programs',
  },
  capability2: {
    mac_admin: 'it changes labels', mac_override: 'policy does not hold it', bpf: 'it loads BPF programs',
  },
  security: {
    load_policy: 'it replaces the policy', setenforce: 'it switches SELinux off', setbool: 'it sets booleans',
  },
  system: { module_load: 'it loads kernel modules', module_request: 'it has kernel modules loaded' },
  file: { entrypoint: 'it is entered through these files' },
}

/** Why a rule should not be taken unread; empty for most. */
export const broadBecause = (target: string, tclass: string, permissions: readonly string[]): string[] => {
  const words = permissions.flatMap((name) => {
    const why = ownValue(ownValue(STRONG, tclass), name) ?? ownValue(STRONG['*']!, name)
    return why === undefined ? [] : [`${name}: ${why}`]
  })
  if (SHARED_TYPES.has(target) && permissions.some((name) => CHANGES.has(name))) {
    words.push(`${target} is the type of all that has no better one`)
  }
  if (permissions.includes('execute') && permissions.includes('write')) words.push('it executes what it has written')
  return words
}

const MOST_TYPES = 3
const LABELLED: ReadonlySet<string> = new Set([
  'file', 'dir', 'lnk_file', 'chr_file', 'blk_file', 'sock_file', 'fifo_file', 'tcp_socket', 'udp_socket',
])

/** A type is a port's for these permissions alone; a socket has the type of its program for all others. */
const OF_PORTS: ReadonlySet<string> = new Set(['name_bind', 'name_connect'])

/** The access that a rule is to give. */
export interface WantedAccess {
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly permissions: readonly string[]
}

/**
 * Types that the source may use in this way by now: to label the object so is not a change of rules. Only those that
 * give the object to no one else, and to the source for nothing else.
 */
export const labelsThatWouldDo = (rules: TeRules, wanted: WantedAccess): string[] => {
  const { source, target, tclass, permissions } = wanted
  if (!LABELLED.has(tclass) || source === target || permissions.length === 0) return []
  if (tclass.endsWith('_socket') && !permissions.every((name) => OF_PORTS.has(name))) return []
  const given = new Map<string, Set<string>>()
  for (const rule of rules.search({ kinds: ['allow'], source, classes: [tclass] })) {
    if (rule.conditional !== null || isNoLabel(rules, rule.target)) continue
    const known = given.get(rule.target) ?? new Set<string>()
    given.set(rule.target, known)
    for (const name of rule.permissions) known.add(name)
  }
  const users = new Set([source, ...usersOf(rules, target, tclass)])
  const meant = new Set([...permissions, ...groupsOf(tclass, new Set(permissions))])
  const isEnough = (known: ReadonlySet<string>): boolean => permissions.every((name) => known.has(name))
  const isNoWider = (name: string, known: ReadonlySet<string>): boolean =>
    [...known].every((permission) => meant.has(permission)) &&
      usersOf(rules, name, tclass).every((user) => users.has(user))
  return [...given]
    .filter(([name, known]) => name !== target && name !== source && isEnough(known) && isNoWider(name, known))
    .map(([name]) => name)
    .sort()
    .slice(0, MOST_TYPES)
}

const isNoLabel = ({ view }: TeRules, name: string): boolean =>
  name === 'self' || SHARED_TYPES.has(name) || view.isAttribute(view.type(name))

const usersOf = (rules: TeRules, target: string, tclass: string): string[] =>
  [...rules.search({ kinds: ['allow'], target, classes: [tclass] })].map(({ source }) => source)

/** Rules that come with these booleans and allow what is not wanted, but those of the branch that is switched off. */
export const rulesBeyond = (
  rules: TeRules, booleans: readonly string[], branch: boolean, wanted: WantedAccess,
): number => {
  const isWanted = (rule: WantedAccess): boolean =>
    rule.source === wanted.source && rule.target === wanted.target && rule.tclass === wanted.tclass &&
      rule.permissions.every((name) => wanted.permissions.includes(name))
  return [...rules.search({ kinds: ['allow'], booleans })]
    .filter((rule) => rule.conditional?.branch === branch && !isWanted(rule)).length
}
