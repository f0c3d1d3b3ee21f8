/** The hooks of Linux 6.18 and of 7.3, as differences from the table of 6.12. */
import { EOPNOTSUPP } from '@lsmkit/abi'
import type {
  BpfAttr, BpfMap, BpfProg, BpfToken, Cred, Dentry, Inode, KernIpcPerm, Path, Qstr, Sock, Task,
} from '../objects/index.ts'
import type { Ref } from '../objects/ref.ts'
import { hookDefs } from './hook-defs.ts'
import type { HookName } from './hook-defs.ts'
import { int, madeOnce, nil, withRules } from './definition.ts'
import type { AnyHookDef, HookOf, KeyOf } from './hook-types.ts'

/** The label that Smack and AppArmor keep in their parts of an `lsm_prop` instead of a number. */
export interface PropLabel {
  readonly secid: number
}

/** `struct lsm_prop` (6.13): one security id for each LSM that has them, instead of one for all. */
export interface LsmProp {
  selinux: { secid: number }
  smack: { skp: PropLabel | null }
  apparmor: { label: PropLabel | null }
  bpf: { secid: number }
  /** Those of modules that the kernel's structure has no part for, by name. */
  others?: Map<string, number>
}

/** `struct lsm_context` (6.14): a context and who made it, who alone may release it. */
export interface LsmContextText {
  context: string | null
  len: number
  id: number
}

/** `struct file_kattr` (6.17): what chattr(1) reads and writes. */
export interface FileKattr {
  flags: number
  fsx_xflags: number
  fsx_extsize: number
  fsx_nextents: number
  fsx_projid: number
  fsx_cowextsize: number
}

/** The hooks of 6.12 that both releases have. */
const keptDefs = madeOnce(() => {
  // gone in 6.13, and (the last three) only in 6.12's stable branch and from 7.0 on
  const {
    inode_getsecid: _inode, current_getsecid_subj: _current, task_getsecid_obj: _task, ipc_getsecid: _ipc,
    backing_file_alloc: _alloc, backing_file_free: _free, mmap_backing_file: _mmap, ...kept
  } = hookDefs
  return kept
})

/** The same hook, on which a program may sleep. */
const sleepable = <D extends AnyHookDef>(def: D): D => withRules(def, { sleepable: true })
/** The same hook, which takes no program, or again takes some. */
const disabled = <D extends AnyHookDef>(def: D, is: boolean): D => withRules(def, { disabled: is })

/** Both releases. */
const sharedDefs = madeOnce(() => ({
  ...keptDefs(),

  // 6.13: lsm_prop where one secid stood for all LSMs
  inode_getlsmprop: nil<[inode: Inode, prop: LsmProp]>('struct inode *inode, struct lsm_prop *prop', { category: 'inode' }),
  current_getlsmprop_subj: nil<[prop: LsmProp]>('struct lsm_prop *prop', { category: 'task', presets: true }),
  task_getlsmprop_obj: nil<[p: Task, prop: LsmProp]>('struct task_struct *p, struct lsm_prop *prop', { category: 'task', presets: true }),
  ipc_getlsmprop: nil<[ipcp: KernIpcPerm, prop: LsmProp]>('struct kern_ipc_perm *ipcp, struct lsm_prop *prop', { category: 'ipc', presets: true }),
  cred_getlsmprop: nil<[c: Cred, prop: LsmProp]>('const struct cred *c, struct lsm_prop *prop', { category: 'cred', presets: true }),
  lsmprop_to_secctx: int<[prop: LsmProp, cp: LsmContextText | null], [prop: LsmProp, cp: LsmContextText | null, lsmid: number]>('struct lsm_prop *prop, struct lsm_context *cp', { default: -EOPNOTSUPP, positive: true, category: 'secctx', special: true }),
  audit_rule_match: int<[prop: LsmProp, field: number, op: number, lsmrule: object]>('struct lsm_prop *prop, u32 field, u32 op, void *lsmrule', { positive: true, category: 'audit', bpf: 'd' }),

  // 6.14: lsm_context where text and length stood
  dentry_init_security: int<[dentry: Dentry, mode: number, name: Qstr, xattr_name: Ref<string | null>, cp: LsmContextText]>('struct dentry *dentry, int mode, const struct qstr *name, const char **xattr_name, struct lsm_context *cp', { default: -EOPNOTSUPP, category: 'dentry' }),
  secid_to_secctx: int<[secid: number, cp: LsmContextText | null]>('u32 secid, struct lsm_context *cp', { default: -EOPNOTSUPP, positive: true, category: 'secctx' }),
  release_secctx: nil<[cp: LsmContextText]>('struct lsm_context *cp', { category: 'secctx', bpf: 's' }),
  inode_getsecctx: int<[inode: Inode, cp: LsmContextText]>('struct inode *inode, struct lsm_context *cp', { default: -EOPNOTSUPP, category: 'inode' }),

  // 6.15
  uring_allowed: int<[]>('', { category: 'io_uring' }),
  bpf: int<[cmd: number, attr: BpfAttr, size: number, kernel: boolean]>('int cmd, union bpf_attr *attr, unsigned int size, bool kernel', { category: 'bpf', bpf: 's' }),
  bpf_map_create: int<[map: BpfMap, attr: BpfAttr, token: BpfToken | null, kernel: boolean]>('struct bpf_map *map, union bpf_attr *attr, struct bpf_token *token, bool kernel', { category: 'bpf', bpf: 's' }),
  bpf_prog_load: int<[prog: BpfProg, attr: BpfAttr, token: BpfToken | null, kernel: boolean]>('struct bpf_prog *prog, union bpf_attr *attr, struct bpf_token *token, bool kernel', { category: 'bpf', bpf: 's' }),

  // 6.17
  inode_file_setattr: int<[dentry: Dentry, fa: FileKattr]>('struct dentry *dentry, struct file_kattr *fa', { category: 'inode' }),
  inode_file_getattr: int<[dentry: Dentry, fa: FileKattr]>('struct dentry *dentry, struct file_kattr *fa', { category: 'inode' }),

  // 6.14 and 6.17: constness, and flags of clone that have 64 bits
  dentry_create_files_as: int<[dentry: Dentry, mode: number, name: Qstr, old: Cred, new_: Cred]>('struct dentry *dentry, int mode, const struct qstr *name, const struct cred *old, struct cred *new', { category: 'dentry' }),
  task_alloc: int<[task: Task, clone_flags: number]>('struct task_struct *task, u64 clone_flags', { category: 'task', allocates: 'task', bpf: 's' }),

  inode_removexattr: sleepable(hookDefs.inode_removexattr),
  inode_post_removexattr: sleepable(hookDefs.inode_post_removexattr),
}))

/** As 6.18.15 has them: 273 hooks. Only there do the last four take such programs. */
export const linux618HookDefs = madeOnce(() => ({
  ...sharedDefs(),
  bpf_prog_free: sleepable(hookDefs.bpf_prog_free),
  inet_conn_established: sleepable(hookDefs.inet_conn_established),
  task_to_inode: sleepable(hookDefs.task_to_inode),
  xfrm_decode_session: disabled(hookDefs.xfrm_decode_session, false),
}))

/** As 7.3.4 has them: 277 hooks. */
export const linux73HookDefs = madeOnce(() => ({
  ...sharedDefs(),
  backing_file_alloc: hookDefs.backing_file_alloc,
  backing_file_free: hookDefs.backing_file_free,
  mmap_backing_file: hookDefs.mmap_backing_file,
  unix_find: int<[path: Path, other: Sock, flags: number]>('const struct path *path, struct sock *other, int flags', { category: 'socket' }),
  inode_listsecurity: int<[inode: Inode, buffer: Ref<string | null>, remaining_size: Ref<number>]>('struct inode *inode, char **buffer, ssize_t *remaining_size', { positive: true, category: 'inode', privateGuard: true, bpf: 'd' }),

  bdev_alloc_security: sleepable(hookDefs.bdev_alloc_security),
  bdev_setintegrity: sleepable(hookDefs.bdev_setintegrity),
  file_alloc_security: disabled(hookDefs.file_alloc_security, true),
}))

type Defs618 = ReturnType<typeof linux618HookDefs>
type Defs73 = ReturnType<typeof linux73HookDefs>

export type Linux618HookMap = { readonly [N in keyof Defs618]: HookOf<Defs618[N]> }
export type Linux618KeyMap = { readonly [N in keyof Defs618]: KeyOf<Defs618[N]> }
export type Linux73HookMap = { readonly [N in keyof Defs73]: HookOf<Defs73[N]> }
export type Linux73KeyMap = { readonly [N in keyof Defs73]: KeyOf<Defs73[N]> }

/** Hooks that 6.12 does not have and a later release does. */
export const laterHookNames: ReadonlySet<string> = new Set<Exclude<keyof Defs73, HookName>>([
  'inode_getlsmprop', 'current_getlsmprop_subj', 'task_getlsmprop_obj', 'ipc_getlsmprop', 'cred_getlsmprop',
  'lsmprop_to_secctx', 'uring_allowed', 'inode_file_setattr', 'inode_file_getattr', 'unix_find',
])

/** Whether any release has a hook of that name. */
export const isKernelHook = (name: string): boolean => Object.hasOwn(hookDefs, name) || laterHookNames.has(name)
