/**
 * The object of an access, as in `struct common_audit_data`: a kind and plain values. LSMs hand over a kind and the
 * object as two arguments; it is described only when there is something to record.
 */
import { AF_UNIX } from '@lsmkit/abi'
import type { Host } from '../host.ts'
import type { Dentry, File, Inode, Path, SuperBlock } from '../objects/fs.ts'
import type { KernIpcPerm } from '../objects/ipc.ts'
import type { Key } from '../objects/key.ts'
import type { Task } from '../objects/task.ts'
import type { Sock } from '../objects/net.ts'
import { d_path, dentryPath } from './d-path.ts'

interface Place {
  /** `s_id` of the file system, and the inode; null for a name without one. */
  readonly dev: string | null
  readonly ino: number | null
}

export type AuditObject =
  | ({ readonly kind: 'path' | 'file'; readonly path: string } & Place)
  | ({ readonly kind: 'ioctl_op'; readonly path: string; readonly cmd: number } & Place)
  /** `path` is below the root of the file system: which mount it was reached by is not known. */
  | ({ readonly kind: 'dentry'; readonly name: string; readonly path: string } & Place)
  | ({ readonly kind: 'inode'; readonly name: string | null } & Place)
  | { readonly kind: 'super_block'; readonly dev: string; readonly fstype: string }
  | { readonly kind: 'task'; readonly pid: number; readonly comm: string }
  | ({ readonly kind: 'net' } & NetEnds)
  | { readonly kind: 'ipc'; readonly key: number }
  | { readonly kind: 'cap'; readonly cap: number }
  | { readonly kind: 'key'; readonly serial: number; readonly description: string }
  | { readonly kind: 'kmod'; readonly name: string }
  | { readonly kind: 'ibpkey'; readonly pkey: number; readonly subnet_prefix: string }
  | { readonly kind: 'ibendport'; readonly device: string; readonly port: number }
  | { readonly kind: 'lockdown'; readonly reason: string }
  | { readonly kind: 'anon_inode'; readonly anonclass: string }
  /** A message of netlink, by its type (since 6.13). */
  | { readonly kind: 'nlmsgtype'; readonly nlmsg_type: number }

/** '' and 0 stand for what is not known. */
export interface NetEnds {
  readonly family: number
  readonly laddr: string
  readonly lport: number
  readonly faddr: string
  readonly fport: number
  /** AF_UNIX: path, or abstract name with its leading NUL; null when there is none. */
  readonly path: string | null
  readonly saddr: string
  readonly source: number
  readonly daddr: string
  readonly dest: number
  readonly netif: string
}

/** Addresses of the packet or call at hand; a missing field is not known. */
export interface NetSource {
  readonly sk?: Sock | null
  readonly family?: number
  readonly saddr?: string
  /** Ports, in host order. */
  readonly source?: number
  readonly daddr?: string
  readonly dest?: number
  readonly netif?: string
}

/** The sources that describe each kind (LSM_AUDIT_DATA_*). */
export interface AuditSources {
  path: Path
  file: File
  ioctl_op: { readonly file: File; readonly cmd: number }
  dentry: Dentry
  inode: Inode
  super_block: SuperBlock
  task: Task
  net: NetSource
  ipc: KernIpcPerm
  cap: number
  key: Key
  kmod: string
  ibpkey: { readonly pkey: number; readonly subnet_prefix: string }
  ibendport: { readonly dev_name: string; readonly port: number }
  lockdown: string
  anon_inode: string
  nlmsgtype: number
}
export type AuditKind = keyof AuditSources

type Describe<K extends AuditKind> = (source: AuditSources[K], host: Host, current: Task) => AuditObject

const place = (inode: Inode | null): Place =>
  inode === null ? { dev: null, ino: null } : { dev: inode.i_sb.s_id, ino: inode.i_ino }

/** As `d_path` where `current` is. */
export const pathText = (path: Path, host: Host, current: Task): string =>
  host.d_path?.(path) ?? d_path(path, current.fs?.root ?? null)

const describers: { readonly [K in AuditKind]: Describe<K> } = {
  path: (path, host, current) => ({ kind: 'path', path: pathText(path, host, current), ...place(path.dentry.d_inode) }),
  file: (file, host, current) => ({ kind: 'file', path: pathText(file.f_path, host, current), ...place(file.f_inode) }),
  ioctl_op: ({ file, cmd }, host, current) => ({
    kind: 'ioctl_op', path: pathText(file.f_path, host, current), cmd, ...place(file.f_inode),
  }),
  dentry: (dentry) => ({
    kind: 'dentry', name: dentry.d_name.name, path: dentryPath(dentry), ...place(dentry.d_inode),
  }),
  inode: (inode, host) => ({ kind: 'inode', name: host.d_find_alias?.(inode)?.d_name.name ?? null, ...place(inode) }),
  super_block: (sb) => ({ kind: 'super_block', dev: sb.s_id, fstype: sb.s_type.name }),
  task: (task) => ({ kind: 'task', pid: task.tgid, comm: task.comm }),
  net: describeNet,
  ipc: (perm) => ({ kind: 'ipc', key: perm.key }),
  cap: (cap) => ({ kind: 'cap', cap }),
  key: (key) => ({ kind: 'key', serial: key.serial, description: key.description }),
  kmod: (name) => ({ kind: 'kmod', name }),
  ibpkey: (source) => ({ kind: 'ibpkey', ...source }),
  ibendport: ({ dev_name, port }) => ({ kind: 'ibendport', device: dev_name, port }),
  lockdown: (reason) => ({ kind: 'lockdown', reason }),
  anon_inode: (anonclass) => ({ kind: 'anon_inode', anonclass }),
  nlmsgtype: (nlmsg_type) => ({ kind: 'nlmsgtype', nlmsg_type }),
}

function describeNet(source: NetSource, host: Host, current: Task): AuditObject {
  const { sk = null } = source
  const name = sk === null ? null : (host.sock_name?.(sk) ?? null)
  const path = name?.path ?? null
  return {
    kind: 'net',
    family: source.family ?? sk?.sk_family ?? 0,
    laddr: name?.laddr ?? '',
    lport: name?.lport ?? (sk === null || sk.sk_family === AF_UNIX ? 0 : sk.sk_num),
    faddr: name?.faddr ?? '',
    fport: name?.fport ?? (sk === null || sk.sk_family === AF_UNIX ? 0 : sk.sk_dport),
    path: path === null || typeof path === 'string' ? path : pathText(path, host, current),
    saddr: source.saddr ?? '',
    source: source.source ?? 0,
    daddr: source.daddr ?? '',
    dest: source.dest ?? 0,
    netif: source.netif ?? '',
  }
}

/** Describes an object in its current state; `current` gives the root for paths. */
export const describeObject = <K extends AuditKind>(
  kind: K,
  source: AuditSources[K],
  host: Host,
  current: Task,
): AuditObject => describers[kind](source, host, current)
