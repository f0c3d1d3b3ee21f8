/** Where kernel structs and the objects that stand for them differ: members that are called or made otherwise. */
import { S_IFMT } from '@lsmkit/abi'
import { ATTR_BYTES } from '@lsmkit/core'
import type {
  AuditKrule, Binprm, Cred, Dentry, File, FownStruct, FsParameter, Iattr, Inode, LsmCtx, Mm, Msghdr, PosixAcl, Sembuf,
  Sockaddr,
  SuperBlock, Task, Vma,
} from '@lsmkit/core'
import { groupMembers } from './group-members.ts'
import { netMembers } from './net-members.ts'
import { storageOf } from './local-storage.ts'
import { pidOf } from './pids.ts'
import { tableOf } from './tables.ts'
import { filesMembers, mmMembers, sighandMembers, siginfoMembers, signalMembers, taskMembers } from './task-members.ts'
import { Within } from './within.ts'
import type { Inner } from './within.ts'

/** Another name, a function of the object, a pointer into an object, or null for the object itself. */
type Member = string | ((object: never) => unknown) | Inner | null

/** What a kernel keeps for a thread (`Task.thread`), as far as programs look at it; others may have nothing there. */
interface KernelThread {
  readonly nsproxy?: object
  readonly pid?: KernelPid
  /** Milliseconds. */
  readonly start_time?: number
  readonly exit_signal?: number
  readonly self_exec_id?: number
  readonly parent_exec_id?: number
}

interface KernelPid {
  readonly ns: PidNs
  readonly numbers: readonly number[]
}

interface PidNs {
  readonly level: number
  readonly parent: PidNs | null
}

/** Nanoseconds since boot. */
const startOf = ({ thread }: Task): number | undefined => {
  const { start_time } = (thread ?? {}) as KernelThread
  return start_time === undefined ? undefined : start_time * 1_000_000
}

const ofThread = (name: keyof KernelThread) => ({ thread }: Task): unknown =>
  (thread as KernelThread | null)?.[name]

const atLevel = (ns: PidNs | null, level: number): PidNs | null =>
  ns === null || ns.level === level ? ns : atLevel(ns.parent, level)

/** The numbers of a pid, outermost first. */
const upidsOf = ({ ns, numbers }: KernelPid): { nr: number, ns: PidNs | null }[] =>
  numbers.map((nr, level) => ({ nr, ns: atLevel(ns, level) }))

/** Where arguments lie. */
const stackOf = ({ vmas, start_stack }: Mm): Vma | null =>
  vmas.find(({ vm_start, vm_end }) => vm_start <= start_stack && start_stack < vm_end) ?? vmas.at(-1) ?? null

const ttys = new Map<number, object>()
/** A pseudo terminal by its device number; 0 is none. */
const ttyOf = (dev: number | undefined): object | null => {
  if (dev === undefined || dev === 0) return null
  const index = (dev & 0xff) | ((dev >> 12) & 0xfff00)
  let tty = ttys.get(dev)
  if (tty === undefined) ttys.set(dev, (tty = { index, name: `pts${index}` }))
  return tty
}

/** As `struct user_struct`: one for each user. */
const knownUsers = new Map<number, object>()
const userOf = ({ uid }: Cred): object => {
  let user = knownUsers.get(uid)
  if (user === undefined) knownUsers.set(uid, (user = { uid, __count: 1 }))
  return user
}

/** A file that is being made has no inode yet, and no operations. */
const fileTable = ({ f_inode }: File): object | null => {
  const inode = f_inode as Inode | null
  return inode === null ? null : tableOf(inode.i_sb.s_type.name, `file ${inode.i_mode & S_IFMT}`)
}

/** What a kernel keeps for an inode (`Inode.i_private`), as far as programs look. */
interface KernelInode {
  readonly i_count?: number
  readonly aliases?: number
  readonly i_readcount?: number
  readonly i_acl?: PosixAcl | null
  readonly rare?: {
    readonly i_default_acl: PosixAcl | null
    readonly i_link: string | null
    readonly write_hint: number
    readonly pipe: object | null
  } | null
}

const stateOf = ({ i_private }: Inode): KernelInode => (i_private ?? {}) as KernelInode

const inodeMembers = {
  i_security: 'security', __i_nlink: 'i_nlink',
  i_blkbits: ({ i_sb }: Inode) => Math.log2((i_sb as SuperBlock | null)?.s_blocksize ?? 1),
  i_count: (inode: Inode) => (stateOf(inode).i_count ?? 0) + (stateOf(inode).aliases ?? 0),
  i_readcount: (inode: Inode) => stateOf(inode).i_readcount,
  i_acl: (inode: Inode) => stateOf(inode).i_acl, i_default_acl: (inode: Inode) => stateOf(inode).rare?.i_default_acl,
  i_link: (inode: Inode) => stateOf(inode).rare?.i_link, i_pipe: (inode: Inode) => stateOf(inode).rare?.pipe,
  i_write_hint: (inode: Inode) => stateOf(inode).rare?.write_hint,
}

/** A pointer of a list, as the function of a list has made it. */
const linked = (name: 'next' | 'prev' | 'pprev') =>
  ({ within: (node: Readonly<Record<string, Within | undefined>>) => node[name] })

/** DCACHE_HASHED of a kernel that keeps names in a table. */
const DCACHE_HASHED = 0x20000000

/** A name that can be looked up is in a table; one that was removed, or was never there, is in none. */
const hashOf = (dentry: Dentry): object => {
  const { d_flags, d_parent, d_sb } = dentry as Partial<Dentry>
  const siblings = (d_parent ?? d_sb?.s_root)?.d_children ?? null
  const isKept = ((d_flags ?? 0) & DCACHE_HASHED) !== 0 || siblings === null
  return isKept ? { pprev: new Within(dentry, 'dentry', 'd_hash') } : {}
}

/** What a kernel keeps for a program that was loaded by bpf(2). */
interface KernelProgram {
  readonly maps?: readonly object[]
  readonly engine?: {
    readonly tag: Uint8Array
    readonly xlated: Uint8Array
    readonly isCompiled: boolean
    readonly verifiedInsns: number
  }
}

const TIME64_MAX = 2 ** 63 - 1

/** Hooks hand over all operations of a call; the pointer is to the first. */
const ofFirst = (name: keyof Sembuf) => (operations: readonly Sembuf[]): unknown => operations[0]?.[name]

/** Of `struct lsm_ctx`, without its text. */
const LSM_CTX_SIZE = 32

/** `struct iov_iter` over one buffer (ITER_UBUF). */
const iterOf = ({ user_data }: Msghdr): object => {
  const data = user_data instanceof Uint8Array ? user_data : null
  const iovec = { iov_base: data, iov_len: data?.length ?? 0 }
  return {
    iter_type: 0, data_source: user_data !== undefined, iov_offset: 0, count: iovec.iov_len, nr_segs: 1, ubuf: data,
    __iov: iovec, __ubuf_iovec: iovec,
  }
}

const bytesOf = ({ raw }: Sockaddr): Uint8Array | undefined => raw

export const members: Readonly<Record<string, Readonly<Record<string, Member>>>> = {
  ...groupMembers,
  ...netMembers,
  task_struct: {
    ...taskMembers, ...groupMembers.task_struct, bpf_storage: storageOf,
    nsproxy: ofThread('nsproxy'), thread_pid: ofThread('pid'), start_time: startOf, start_boottime: startOf,
    exit_signal: ofThread('exit_signal'), self_exec_id: ofThread('self_exec_id'),
    parent_exec_id: ofThread('parent_exec_id'),
  },
  list_head: { next: linked('next'), prev: linked('prev') },
  hlist_bl_node: { pprev: linked('pprev') },
  ...sighandMembers,
  ...filesMembers,
  kernel_siginfo: siginfoMembers,
  signal_struct: { ...signalMembers, tty: ({ tty }: { tty?: number }) => ttyOf(tty) },
  uts_namespace: { name: null, ns: null },
  ipc_namespace: { ns: null },
  mnt_namespace: { ns: null },
  time_namespace: { ns: null },
  cgroup_namespace: { ns: null },
  cred: { user: userOf },
  cgroup: { ...groupMembers.cgroup, bpf_cgrp_storage: storageOf },
  pid_namespace: { ns: null },
  user_namespace: { ns: null },
  fown_struct: { pid: ({ pid }: FownStruct) => pidOf(pid) },
  pid: { level: ({ ns }: KernelPid) => ns.level, numbers: upidsOf },
  uid_gid_map: { extent: null, nr_extents: 'length' },
  posix_acl: { a_count: ({ entries }: PosixAcl) => entries.length, a_entries: 'entries' },
  posix_acl_entry: { e_uid: 'e_id', e_gid: 'e_id' },
  audit_krule: {
    field_count: ({ fields }: AuditKrule) => fields.length, fields: ({ fields }: AuditKrule) => fields[0] ?? null,
  },
  super_block: {
    s_security: 'security', s_blocksize_bits: ({ s_blocksize }: SuperBlock) => Math.log2(s_blocksize),
    s_active: ({ s_fs_info }: SuperBlock) => (s_fs_info as { active?: number } | null)?.active,
    s_stack_depth: ({ s_fs_info }: SuperBlock) => (s_fs_info as { s_stack_depth?: number } | null)?.s_stack_depth,
    s_op: ({ s_type }: SuperBlock) => tableOf(s_type.name, 'super'),
  },
  inode: {
    ...inodeMembers,
    i_op: ({ i_sb, i_mode }: Inode) => tableOf(i_sb.s_type.name, `inode ${i_mode & S_IFMT}`),
    i_fop: ({ i_sb, i_mode }: Inode) => tableOf(i_sb.s_type.name, `file ${i_mode & S_IFMT}`),
  },
  file: { f_op: fileTable, f_security: 'security' },
  lsm_ctx: { len: ({ ctx }: LsmCtx) => LSM_CTX_SIZE + ctx.length, ctx_len: ({ ctx }: LsmCtx) => ctx.length },
  sembuf: { sem_num: ofFirst('sem_num'), sem_op: ofFirst('sem_op'), sem_flg: ofFirst('sem_flg') },
  // the root of a file system is its own parent
  dentry: {
    d_parent: (dentry: Dentry) => dentry.d_parent ?? dentry, d_hash: hashOf,
    d_iname: ({ d_name }: Dentry) => d_name.name,
  },
  linux_binprm: { vma: ({ mm }: Binprm) => (mm === null ? null : stackOf(mm)) },
  mount: { mnt: null, mnt_group_id: 'group' },
  group_info: { ngroups: ({ gid }: { gid: readonly number[] }) => gid.length },
  mm_struct: mmMembers,
  iattr: {
    ia_atime: ({ ia_atime_sec, ia_atime_nsec }: Iattr) => ({ tv_sec: ia_atime_sec, tv_nsec: ia_atime_nsec }),
    ia_mtime: ({ ia_mtime_sec, ia_mtime_nsec }: Iattr) => ({ tv_sec: ia_mtime_sec, tv_nsec: ia_mtime_nsec }),
  },
  renamedata: { old_mnt_idmap: 'idmap', new_mnt_idmap: 'idmap' },
  fs_parameter: {
    size: ({ string, blob }: FsParameter) => string?.length ?? blob?.length,
  },
  perf_event: { attr: null },
  key: {
    index_key: null, expiry: ({ expiry }: { expiry?: number }) => Math.min(expiry ?? 0, TIME64_MAX),
    revoked_at: ({ revoked_at }: { revoked_at?: number }) =>
      (revoked_at === Infinity ? 0 : revoked_at),
  },
  keyring_index_key: { desc_len: ({ description }: { description: string }) => description.length },
  xattr: { value_len: ({ value }: { value: Uint8Array | null }) => value?.length },
  msghdr: {
    msg_iter: iterOf, msg_namelen: ({ msg_name }: { msg_name: Sockaddr | null }) => msg_name?.raw.length },
  bpf_prog: {
    aux: null, jited_len: ({ engine }: KernelProgram) => (engine?.isCompiled === true ? engine.xlated.length : 0),
    tag: ({ engine }: KernelProgram) => engine?.tag,
    len: ({ engine }: KernelProgram) => (engine?.xlated.length ?? 0) / 8,
  },
  bpf_prog_aux: {
    prog: (prog: KernelProgram) => prog, used_map_cnt: ({ maps }: KernelProgram) => maps?.length, refcnt: 'refs',
    verified_insns: ({ engine }: KernelProgram) => engine?.verifiedInsns,
  },
  bpf_link: { refcnt: 'refs' },
  seq_file: { buf: 'text', count: ({ text }: { text: string }) => new TextEncoder().encode(text).length },
}

/** Objects that are bytes: whatever struct a program takes them for lies there. */
export const byteObjects: Readonly<Record<string, (object: never) => Uint8Array | undefined>> = {
  lsm_ctx: (context: object) => (context instanceof Uint8Array ? context : undefined),
  bpf_attr: (attr: { readonly [ATTR_BYTES]?: () => Uint8Array }) => attr[ATTR_BYTES]?.(),
  sockaddr: bytesOf, sockaddr_in: bytesOf, sockaddr_in6: bytesOf, sockaddr_un: bytesOf,
}

/** Structs that lie inside of another one, whose object is the same: pointers to them are such into the other. */
export const inside: Readonly<Record<string, readonly [struct: string, member: string]>> = {
  vfsmount: ['mount', 'mnt'],
  sock_common: ['sock', '__sk_common'],
  cgroup_subsys_state: ['cgroup', 'self'],
}

/** Structs that begin with another one, whose object is the same: what lies behind it is found there too. */
export const wider: Readonly<Record<string, string>> = { inet_sock: 'sock', unix_sock: 'sock' }
