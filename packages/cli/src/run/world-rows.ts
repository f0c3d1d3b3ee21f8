/**
 * The options of every command that runs programs on a kernel: `run`, `shell`, `sandbox`, `bpf run`, `bpf trace`. One
 * table: the stack, the guest, who it is and what confines it. Limits come from a table of their own.
 */
import { LOCAL_TEXT } from '../local-text.ts'
import { KERNEL_FLAGS, KERNEL_TEXT, kernelNames, moduleNames, profileNamed } from '../module-names.ts'
import { JSON_TEXT, many, row, userId, ValueError } from '../option-row.ts'
import type { Row } from '../option-row.ts'
import { guestRows, limitRows, mountRow } from './guest-options.ts'
import { portsOfHosts } from './host-text.ts'

export const LSM_TEXT = 'modules, in this order, with commas between'
export const PERMISSIVE_TEXT = 'modules whose refusals are recorded and not obeyed; bpf for attached programs'
export const CMDLINE_TEXT = 'boot arguments: lsm=…, security=…, lockdown=…, loadpin.enforce=…'
export const OPTION_TEXT = 'an option of a module, JSON or text; @FILE is the text of a file (may be repeated)'
export const MODULE_TEXT = 'a module of your own: a file that exports it, or FILE#NAME (may be repeated)'
const HOST_TEXT = '*.NAME:PORT for all names below, NAME:PORT/udp for datagrams, NAME:PORT=ADDRESS where it leads to'
const LANDLOCK_TEXT = 'read=, write= or execute=PATH, bind= or connect=PORT, scope=signal or abstract_unix_socket'

/** Users that every tree has. */
const users: Readonly<Record<string, number>> = { root: 0, guest: 1000, nobody: 65534 }

const user = (text: string): number => {
  if (Object.hasOwn(users, text)) return users[text]!
  if (/^\d+$/.test(text)) return userId(text)
  throw new ValueError(`it is a number, or one of ${Object.keys(users).join(', ')}`)
}

/** One that means the same over a policy file. */
const common = (flags: string, help: string, more: Omit<Row, 'flags' | 'help' | 'box'> = {}): Row =>
  row(flags, help, { ...more, box: help })
/** Before those of the guest, as the help shows them. */
const stackRows: readonly Row[] = [
  row('--lsm <names>', LSM_TEXT, { values: moduleNames }),
  row('--cmdline <text>', CMDLINE_TEXT),
  row(KERNEL_FLAGS, KERNEL_TEXT, {
    values: kernelNames, read: profileNamed, box: 'the kernel release whose rules hold, where the policy does not say',
  }),
  row('--permissive-lsm <names>', PERMISSIVE_TEXT, { values: [...moduleNames, 'bpf'] }),
  row('--option <module.name=value>', OPTION_TEXT, many),
  common('--module <file>', MODULE_TEXT, many),
]
const subjectRows: readonly Row[] = [
  row('--user <user>', `the same by name: ${Object.keys(users).join(', ')}`, {
    read: user, box: 'who the program is, a name or a number, where the policy does not say',
  }),
  row('--caps <text>', 'what the program is permitted, as cap_from_text(3) reads it'),
  common('--env <name=value>', 'a variable of the environment (may be repeated)', many),
  common('--stdin <file>', 'what the program reads, instead of the input of this command'),
]
const policyRows: readonly Row[] = [
  row('--read <path>', 'what it may read, as `--landlock read=`; then nothing else (may be repeated)', {
    ...many, box: 'of what the policy lets it read only this (may be repeated)',
  }),
  row('--write <path>', 'what it may write, as `--landlock write=` (may be repeated)', {
    ...many, box: 'of what the policy lets it write only this (may be repeated)',
  }),
  row('--connect <port>', 'TCP port that it may connect to, as `--landlock connect=` (may be repeated)', {
    ...many, box: 'of the ports that the policy lets it connect to only this (may be repeated)',
  }),
  row('--allow-host <host:port>', `a host that it may connect to by name: ${HOST_TEXT} (may be repeated)`, {
    ...many, box: 'of the hosts that the policy lets it connect to only this (may be repeated)',
  }),
  row('--landlock <right=place>',
    `restricts the program first: ${LANDLOCK_TEXT} (may be repeated); or FILE.json, a whole ruleset`, many),
  row('--smack-rules <file>', 'rules of Smack to confine it, a line each (may be repeated)', many),
  row('--label <label>', 'the label of Smack that the program runs under', {
    box: 'the label that the program runs under, where the policy does not say',
  }),
  row('--apparmor <file>', 'profiles of AppArmor to confine it: text, a folder, or compiled (may be repeated)', many),
  row('--profile <name>', 'the profile that the program runs under, instead of the one for its path'),
  row('--selinux <policy>', 'a policy of SELinux to confine it: binary, a .cil file or a folder of them'),
  row('--file-contexts <file>', 'labels the tree by path first; companion files (.local, .subs…) count too'),
  row('--local <path>', `for --selinux: ${LOCAL_TEXT}`, many),
  row('--context <context>', 'the context the program is executed in, instead of the one the policy gives it'),
  row('--permissive', 'records what the policy of SELinux refuses, and allows it'),
]
const bpfRows: readonly Row[] = [
  row('--bpf <object>', 'attaches the programs of an object file first (may be repeated)', many),
]
/** What the objects of BPF are opened with. */
const objectRows: readonly Row[] = [
  row('--btf <file>', 'types of the kernel that the objects were made for: the .BTF section of its vmlinux'),
]
/** Options of a loader: `--set`, `--map`, `--inner-map`, `--hook`. */
export const changeRows: readonly Row[] = [
  row('--set <name=value>', 'what a variable of an object is at first, by its C type (may be repeated)', many),
  row('--map <name:max_entries=n>', 'a size of a map: max_entries, key_size, value_size, map_flags (may be repeated)',
    many),
  row('--inner-map <name=type:key,val,max>', 'the maps inside a map of maps, sizes in bytes (may be repeated)', many),
  row('--hook <section=hook>', 'the hook of programs whose section names none, or another (may be repeated)', many),
]
const recordRows: readonly Row[] = [
  row('--audit <file>', 'writes every audit record as a line of JSON; - prints them on stderr'),
]

/** `object`: the command names the object of BPF itself. */
export const worldRows = ({ object = false } = {}): readonly Row[] => [
  ...stackRows, ...guestRows, ...subjectRows, ...policyRows, ...(object ? [] : bpfRows), ...objectRows, ...changeRows,
  ...recordRows,
]

/** The options of `lsm run`. */
export const runRows = (): readonly Row[] => [
  ...worldRows(),
  row('--strace', 'prints every system call on stderr, and who refused it'),
  row('-q, --quiet', 'nothing on stderr but what the program writes'),
  row('--json', `${JSON_TEXT}: status, output and denials`),
]

/** Over a policy file: the rows that say less than it, or what it leaves open. */
export const boxRows = (): readonly Row[] => {
  const all = [...stackRows, ...subjectRows, ...policyRows, ...bpfRows, ...objectRows, ...changeRows, ...recordRows]
  const rows = all.flatMap(({ box, read, ...rest }) => (box === undefined ? [] : [
    // names of users are those of the box's own tree
    { ...rest, help: box, ...(read === undefined || read === user ? {} : { read }) },
  ]))
  return [mountRow, ...limitRows("the policy's, or "), ...rows]
}

/** Options that can be given in several ways, brought into one. */
export interface Shorthands {
  readonly uid: number
  readonly user?: number
  readonly landlock?: readonly string[]
  readonly read?: readonly string[]
  readonly write?: readonly string[]
  readonly connect?: readonly string[]
  readonly allowHost?: readonly string[]
}

export const inOneWay = <T extends Shorthands>(options: T): T => {
  const { user: named, uid, landlock = [], read = [], write = [], connect = [], allowHost = [] } = options
  // ports of hosts count only where Landlock looks at ports
  const limitsPorts = connect.length > 0 || landlock.some((rule) => rule.startsWith('connect='))
  const rules = [
    ...landlock, ...read.map((path) => `read=${path}`), ...write.map((path) => `write=${path}`),
    ...connect.map((port) => `connect=${port}`),
    ...(limitsPorts ? portsOfHosts(allowHost) : []).map((port) => `connect=${port}`),
  ]
  return { ...options, uid: named ?? uid, ...(rules.length === 0 ? {} : { landlock: rules }) }
}
