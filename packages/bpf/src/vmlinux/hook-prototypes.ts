/**
 * Functions `bpf_lsm_NAME` of a release, and structs that only their arguments lead to: 6.12's are core's table, and
 * here stands what other releases have otherwise. Read from the types of 5.10, 6.1, 6.12, 6.18 and 7.3; for 5.15 and
 * 6.6 what lies between follows from the version of Linux that changed it.
 */
import { hookDefs } from '@lsmkit/core'
import { hasHook } from '../kernels/hooks.ts'
import type { KernelRelease, Span } from '../kernels/releases.ts'
import { between, from, isWithin, until } from '../kernels/releases.ts'

const FROM_TRUST = from('6.12')

/** Later lines win. The name of a prototype is the hook's. */
const lines: readonly (readonly [Span, string])[] = [
  // hooks that are gone
  [until('5.15'), 'void task_getsecid(struct task_struct *p, u32 *secid)'],
  [between('5.15', '6.1'), 'void task_getsecid_subj(struct task_struct *p, u32 *secid)'],
  [until('6.1'), 'int sb_add_mnt_opt(const char *option, const char *val, int len, void **mnt_opts)'],
  [until('6.12'), 'int bpf_map_alloc_security(struct bpf_map *map)'],
  [until('6.12'), 'void bpf_map_free_security(struct bpf_map *map)'],
  [until('6.12'), 'int bpf_prog_alloc_security(struct bpf_prog_aux *aux)'],
  [until('6.12'), 'void bpf_prog_free_security(struct bpf_prog_aux *aux)'],
  [until('6.12'), 'void key_free(struct key *key)'],
  [until('6.12'), 'void perf_event_free(struct perf_event *event)'],
  [until('6.12'), 'void tun_dev_free_security(void *security)'],

  // hooks that are new
  [from('6.18'), 'void cred_getlsmprop(const struct cred *c, struct lsm_prop *prop)'],
  [from('6.18'), 'void current_getlsmprop_subj(struct lsm_prop *prop)'],
  [from('6.18'), 'void inode_getlsmprop(struct inode *inode, struct lsm_prop *prop)'],
  [from('6.18'), 'void ipc_getlsmprop(struct kern_ipc_perm *ipcp, struct lsm_prop *prop)'],
  [from('6.18'), 'void task_getlsmprop_obj(struct task_struct *p, struct lsm_prop *prop)'],
  [from('6.18'), 'int lsmprop_to_secctx(struct lsm_prop *prop, struct lsm_context *cp)'],
  [from('6.18'), 'int inode_file_getattr(struct dentry *dentry, struct file_kattr *fa)'],
  [from('6.18'), 'int inode_file_setattr(struct dentry *dentry, struct file_kattr *fa)'],
  [from('6.18'), 'int uring_allowed(void)'],
  [from('7.3'), 'int unix_find(const struct path *path, struct sock *other, int flags)'],

  // other arguments than 6.12's, before it
  [until('5.15'), 'int inode_getsecurity(struct inode *inode, const char *name, void **buffer, bool alloc)'],
  [between('5.15', '6.6'), 'int inode_getsecurity(struct user_namespace *mnt_userns, struct inode *inode, ' +
    'const char *name, void **buffer, bool alloc)'],
  [until('5.15'), 'int inode_killpriv(struct dentry *dentry)'],
  [between('5.15', '6.6'), 'int inode_killpriv(struct user_namespace *mnt_userns, struct dentry *dentry)'],
  [until('5.15'), 'int inode_removexattr(struct dentry *dentry, const char *name)'],
  [between('5.15', '6.6'),
    'int inode_removexattr(struct user_namespace *mnt_userns, struct dentry *dentry, const char *name)'],
  [until('5.15'),
    'int inode_setxattr(struct dentry *dentry, const char *name, const void *value, size_t size, int flags)'],
  [between('5.15', '6.6'), 'int inode_setxattr(struct user_namespace *mnt_userns, struct dentry *dentry, ' +
    'const char *name, const void *value, size_t size, int flags)'],
  [until('6.6'), 'int inode_init_security(struct inode *inode, struct inode *dir, const struct qstr *qstr, ' +
    'const char **name, void **value, size_t *len)'],
  [until('6.12'), 'int inode_copy_up_xattr(const char *name)'],
  [until('6.12'), 'int inode_setattr(struct dentry *dentry, struct iattr *attr)'],
  [until('6.12'), 'int perf_event_open(struct perf_event_attr *attr, int type)'],
  [until('6.1'), 'int dentry_init_security(struct dentry *dentry, int mode, const struct qstr *name, void **ctx, ' +
    'u32 *ctxlen)'],
  [until('6.1'), 'int path_rename(const struct path *old_dir, struct dentry *old_dentry, ' +
    'const struct path *new_dir, struct dentry *new_dentry)'],
  [until('6.12'), 'int tun_dev_alloc_security(void **security)'],
  [until('5.15'), 'int sctp_assoc_request(struct sctp_endpoint *ep, struct sk_buff *skb)'],
  [until('5.15'), 'void sctp_sk_clone(struct sctp_endpoint *ep, struct sock *sk, struct sock *newsk)'],
  [until('5.15'), 'int xfrm_policy_lookup(struct xfrm_sec_ctx *ctx, u32 fl_secid, u8 dir)'],
  [between('5.15', '6.6'),
    'int socket_getpeersec_stream(struct socket *sock, char *optval, int *optlen, unsigned int len)'],

  // other arguments than 6.12's, after it
  [from('6.18'), 'int audit_rule_match(struct lsm_prop *prop, u32 field, u32 op, void *lsmrule)'],
  [from('6.18'), 'int bpf(int cmd, union bpf_attr *attr, unsigned int size, bool kernel)'],
  [from('6.18'),
    'int bpf_map_create(struct bpf_map *map, union bpf_attr *attr, struct bpf_token *token, bool kernel)'],
  [from('6.18'),
    'int bpf_prog_load(struct bpf_prog *prog, union bpf_attr *attr, struct bpf_token *token, bool kernel)'],
  [from('6.18'), 'int dentry_create_files_as(struct dentry *dentry, int mode, const struct qstr *name, ' +
    'const struct cred *old, struct cred *new)'],
  [from('6.18'), 'int dentry_init_security(struct dentry *dentry, int mode, const struct qstr *name, ' +
    'const char **xattr_name, struct lsm_context *cp)'],
  [from('6.18'), 'int inode_getsecctx(struct inode *inode, struct lsm_context *cp)'],
  [from('6.18'), 'void release_secctx(struct lsm_context *cp)'],
  [from('6.18'), 'int secid_to_secctx(u32 secid, struct lsm_context *cp)'],
  [from('6.18'), 'int task_alloc(struct task_struct *task, u64 clone_flags)'],
  [from('7.3'), 'int inode_listsecurity(struct inode *inode, char **buffer, ssize_t *remaining_size)'],
  [from('7.3'), 'int mmap_file(struct file *file__nullable, unsigned long reqprot, unsigned long prot, ' +
    'unsigned long flags)'],

  // the verifier's own functions, to which nothing attaches
  [from('6.1'), 'void find_cgroup_shim(const struct bpf_prog *prog, void *bpf_func)'],
  [from('5.10'), 'void *func_proto(int func_id, const struct bpf_prog *prog)'],
  [FROM_TRUST, 'int get_retval_range(const struct bpf_prog *prog, void *retval_range)'],
  [from('6.18'), 'bool has_d_inode_locked(const struct bpf_prog *prog)'],
  [from('7.3'), 'bool hook_returns_errno(u32 btf_id)'],
  [from('5.10'), 'int init(void)'],
  [from('6.1'), 'bool is_sleepable_hook(u32 btf_id)'],
  [FROM_TRUST, 'bool is_trusted(const struct bpf_prog *prog)'],
  [from('5.10'), 'int verify_prog(void *vlog, const struct bpf_prog *prog)'],
]

const nameOf = (prototype: string): string => /(\w+)\(/.exec(prototype)![1]!
const asFunction = (prototype: string): string => prototype.replace(/(\w+)\(/, 'bpf_lsm_$1(')

/** As C declarations of `bpf_lsm_NAME`, by hook. */
export const hookPrototypes = (release: KernelRelease): ReadonlyMap<string, string> => {
  const all = new Map<string, string>()
  for (const [name, { ret, params }] of Object.entries(hookDefs))
    if (hasHook(release, name)) all.set(name, asFunction(`${ret} ${name}(${params})`))
  for (const [span, text] of lines) if (isWithin(span, release)) all.set(nameOf(text), asFunction(text))
  return all
}

/** Structs that no hook of 6.12 has, and the releases that have them. */
const structs: readonly (readonly [Span, Readonly<Record<string, string>>])[] = [[from('6.18'), {
  'struct lsm_prop_selinux': 'u32 secid',
  'struct lsm_prop_apparmor': 'struct aa_label *label',
  'struct lsm_prop_bpf': 'u32 secid',
  'struct lsm_prop':
    'struct lsm_prop_selinux selinux; struct lsm_prop_apparmor apparmor; struct lsm_prop_bpf bpf',
  'struct lsm_context': 'char *context; u32 len; int id',
  'struct file_kattr':
    'u32 flags; u32 fsx_xflags; u32 fsx_extsize; u32 fsx_nextents; u32 fsx_projid; u32 fsx_cowextsize; ' +
    '_Bool flags_valid:1; _Bool fsx_valid:1',
}]]

/** Bodies by `struct NAME`. */
export const hookStructs = (release: KernelRelease): ReadonlyMap<string, string> => new Map(
  structs.flatMap(([span, bodies]) => isWithin(span, release) ? Object.entries(bodies) : []))
