/**
 * Arguments for every hook, by the C types of the table: what a kernel could pass, made anew for each call. Framework
 * functions whose parameters differ from their hook's have an entry of their own.
 */
import {
  AUDIT_OBJ_TYPE, CAP_SYS_ADMIN, CapSet, FMODE_BACKING, F_GETFL, MAY_READ, MAY_WRITE, PR_SET_KEEPCAPS,
  PTRACE_MODE_ATTACH_REALCREDS, S_IFREG, SIGTERM, ownValue,
} from '@lsmkit/abi'
import { hookDefs, nop_mnt_idmap, ref } from '@lsmkit/core'
import type { FsContext, HookName } from '@lsmkit/core'
import type { World } from './world.ts'

const AUDIT_EQUAL = 4
const text = new TextEncoder().encode('kit')

const fsContext = (world: World): FsContext => ({
  fs_type: { name: 'tmpfs', fs_flags: 8 }, root: null, cred: world.user.cred, user_ns: world.user.cred.user_ns,
  security: null, source: 'none', sb_flags: 0, sb_flags_mask: 0, purpose: 0, fs_private: null,
})
const xfrmUser = () => ({ ctx_doi: 1, ctx_alg: 1, ctx_str: 'kit' })
const xfrmCtx = () => ({ ...xfrmUser(), ctx_sid: 1 })
const bpfObject = { id: 1, name: 'kit', security: null }
const kernfsNode = () => ({ name: 'kit', parent: null, mode: 0o644, xattrs: new Map<string, Uint8Array>() })
const association = (world: World) => ({ base: { sk: world.aSock() }, secid: 0, peer_secid: 0 })
const siginfo = () => ({ si_signo: SIGTERM, si_errno: 0, si_code: 0, si_pid: 1, si_uid: 0 })

type Sample = (world: World) => unknown

/** By type, `const` and `__user` taken off. */
const byType: Readonly<Record<string, Sample>> = {
  'bool': () => false,
  'key_ref_t': (w) => ({ key: w.aKey(), possessed: true }),
  'kernel_cap_t *': () => new CapSet(),
  'sockptr_t': () => ref(0),
  'struct audit_krule *': () => ({ fields: [{ type: AUDIT_OBJ_TYPE, op: AUDIT_EQUAL, lsm_rule: null }] }),
  'struct block_device *': (w) => w.aBlockDevice(),
  'struct bpf_map *': () => ({ ...bpfObject, map_type: 1, key_size: 4, value_size: 4, max_entries: 1, map_flags: 0 }),
  'struct bpf_prog *': () => ({ ...bpfObject, type: 29, expected_attach_type: 0, sleepable: false }),
  'struct bpf_token *': () => ({
    allowed_cmds: 0n, allowed_maps: 0n, allowed_progs: 0n, allowed_attachs: 0n, security: null,
  }),
  'struct cred *': (w) => w.aCred(),
  'struct cred **': () => ref(null),
  'struct dentry *': (w) => w.aDentry(),
  'struct file *': (w) => w.aFile(),
  'struct flowi_common *': () => ({ flowic_secid: 0, flowic_mark: 0, flowic_proto: 6 }),
  'struct fown_struct *': (w) => ({ pid: 1, uid: 0, euid: 0, signum: 0, file: w.aFile() }),
  'struct fs_context *': fsContext,
  'struct fs_parameter *': () => ({ key: 'size', type: 2, string: '1m', blob: null, file: null }),
  'struct iattr *': () => ({
    ia_valid: 1, ia_mode: S_IFREG | 0o600, ia_uid: 0, ia_gid: 0, ia_size: 0, ia_atime_sec: 0, ia_atime_nsec: 0,
    ia_mtime_sec: 0, ia_mtime_nsec: 0, ia_file: null,
  }),
  'struct inode *': (w) => w.aDentry().d_inode,
  'struct io_uring_cmd *': (w) => ({ file: w.aFile(), cmd_op: 0, flags: 0 }),
  'struct kern_ipc_perm *': (w) => w.anIpc(),
  'struct kernel_siginfo *': siginfo,
  'struct kernfs_node *': kernfsNode,
  'struct key *': (w) => w.aKey(),
  'struct linux_binprm *': (w) => w.aBinprm(w.aFile()),
  'struct mm_struct *': (w) => w.aMm(),
  'struct mnt_idmap *': () => nop_mnt_idmap,
  'struct msg_msg *': (w) => w.aMsg(),
  'struct msghdr *': (w) => ({ msg_name: w.aSockaddr(), msg_flags: 0, control: [] }),
  'struct path *': (w) => w.aPath(),
  'struct perf_event *': (w) => w.aPerfEvent(),
  'struct posix_acl *': () => ({ entries: [] }),
  'struct qstr *': (w) => w.qstr('kit'),
  'struct request_sock *': (w) => w.aRequest(),
  'struct rlimit *': () => ({ rlim_cur: 1, rlim_max: 1 }),
  'struct sctp_association *': association,
  'struct sembuf *': () => [{ sem_num: 0, sem_op: 1, sem_flg: 0 }],
  'struct seq_file *': () => ({ text: '' }),
  'struct sk_buff *': (w) => w.anSkb(),
  'struct sock *': (w) => w.aSocket().sk,
  'struct sockaddr *': (w) => w.aSockaddr(),
  'struct socket *': (w) => w.aSocket(),
  'struct super_block *': (w) => w.aSuperBlock(),
  'struct task_struct *': (w) => w.aTask({ comm: 'other', uid: 1001 }),
  'struct timespec64 *': () => ({ tv_sec: 1, tv_nsec: 0 }),
  'struct timezone *': () => ({ tz_minuteswest: 0, tz_dsttime: 0 }),
  'struct user_namespace *': (w) => w.user.cred.user_ns,
  'struct vfsmount *': (w) => w.aMount(),
  'struct vm_area_struct *': (w) => w.aVma({ vm_file: w.aFile() }),
  'struct watch_notification *': () => ({ type: 0, subtype: 0, info: 0 }),
  'struct xfrm_policy *': () => ({ security: xfrmCtx() }),
  'struct xfrm_sec_ctx *': xfrmCtx,
  'struct xfrm_sec_ctx **': () => ref(null),
  'struct xfrm_state *': () => ({ security: xfrmCtx() }),
  'struct xfrm_user_sec_ctx *': xfrmUser,
  'u32 *': () => ref(0),
  'unsigned long *': () => ref(0),
  'union bpf_attr *': () => ({}),
  'char *': () => 'kit',
  'char **': () => ref(null),
  'void **': () => ref(null),
}

/** By name, where the type says too little. */
const byName: Readonly<Record<string, Sample>> = {
  arg: () => 0,
  buf: () => text.slice(),
  cap: () => CAP_SYS_ADMIN,
  cmd: () => F_GETFL,
  ctx: () => 'kit',
  ctxlen: () => text.length,
  len: () => 64,
  mask: () => MAY_READ | MAY_WRITE,
  option: () => PR_SET_KEEPCAPS,
  payload: () => text.slice(),
  payload_len: () => text.length,
  sig: () => SIGTERM,
  size: () => text.length,
  value: () => text.slice(),
}

const bare: Readonly<Record<string, Sample>> = {
  cred: (w) => w.bareCred(),
  file: (w) => w.bareFile(),
  backing_file: (w) => w.bareFile({ f_mode: FMODE_BACKING }),
  ib: () => ({ security: null }),
  inode: (w) => w.bareInode(),
  sock: (w) => w.bareSock(),
  superblock: (w) => w.bareSuperBlock(),
  ipc: (w) => w.bareIpc(),
  key: (w) => w.bareKey(),
  msg_msg: (w) => w.bareMsg(),
  perf_event: () => ({ type: 0, config: 0, security: null }),
  task: (w) => w.bareTask(),
  tun_dev: () => ({ security: null }),
  bdev: () => ({ bd_dev: 1, bd_disk: 'sda', bd_read_only: false, security: null }),
}

/** Whole calls that types do not tell. null: not asked here. */
const whole: { readonly [N in HookName]?: ((world: World) => readonly unknown[]) | null } = {
  // attributes have checks of their own
  getselfattr: null,
  setselfattr: null,
  getprocattr: null,
  setprocattr: null,
  // these take what another hook of the same LSM has given
  audit_rule_match: null,
  audit_rule_free: null,
  release_secctx: null,
  sb_free_mnt_opts: null,
  capable: (w) => [w.root.cred, w.root.cred.user_ns, CAP_SYS_ADMIN, 0],
  sb_mnt_opts_compat: (w) => [w.aSuperBlock(), null],
  sb_remount: (w) => [w.aSuperBlock(), null],
  sb_set_mnt_opts: (w) => [w.aSuperBlock(), null, 0, ref(0)],
  sb_eat_lsm_opts: () => [ref('size=1m'), ref(null)],
  sb_mount: (w) => ['none', w.aPath(), 'tmpfs', 0, null],
  ptrace_access_check: (w) => [w.aTask({ uid: 1001 }), PTRACE_MODE_ATTACH_REALCREDS],
  inode_free_security_rcu: (w) => [w.anInode().security],
  inode_init_security: (w) => [w.anInode(), w.aDentry().d_inode, w.qstr('kit'), () => 0, null],
  inode_rename: (w) => [w.aDentry().d_inode, w.aDentry(), w.aDentry().d_inode, w.aDentry(), 0],
  inode_getsecurity: (w) => [nop_mnt_idmap, w.anInode(), 'kit', ref(null), true],
  inode_listsecurity: (w) => [w.anInode(), null, 0],
  inode_setintegrity: (w) => [w.anInode(), 0, null, 0],
  bdev_setintegrity: (w) => [w.aBlockDevice(), 0, null, 0],
  backing_file_free: (w) => [w.bareFile({ f_mode: FMODE_BACKING })],
  mmap_backing_file: (w) => {
    const [backing, user] = [w.bareFile({ f_mode: FMODE_BACKING }), w.aFile()]
    w.stack.lsm.backing_file_alloc.ask(backing, user)
    return [w.aVma(), backing, user]
  },
  mmap_file: (w) => [w.aFile(), 1, 2],
  d_instantiate: (w) => [w.aDentry({ inode: null }), w.anInode()],
  shm_shmat: (w) => [w.anIpc('shm'), null, 0],
  sk_getsecid: (w) => [w.aSock(), { flowic_secid: 0, flowic_mark: 0, flowic_proto: 6 }],
  socket_getpeersec_stream: (w) => [w.aSocket(), { value: null, length: 0 }, ref(0), 64],
  tun_dev_attach: (w) => [w.aSock(), w.aTunDev()],
  tun_dev_attach_queue: (w) => [w.aTunDev()],
  tun_dev_open: (w) => [w.aTunDev()],
  ib_pkey_access: (w) => [w.anInfiniBandAgent(), 0, 1],
  ib_endport_manage_subnet: (w) => [w.anInfiniBandAgent(), 'mlx', 1],
  cred_transfer: (w) => [w.aCred(), w.aCred()],
  xfrm_state_alloc: () => [{ security: null }, xfrmUser()],
  xfrm_state_alloc_acquire: () => [{ security: null }, xfrmCtx(), 0],
  audit_rule_init: () => [AUDIT_OBJ_TYPE, AUDIT_EQUAL, 'kit', ref(null), 0],
}

interface Param {
  readonly type: string
  readonly name: string
}

/** `const struct path *dir` is `struct path *` named `dir`. */
const paramsOf = (params: string): readonly Param[] =>
  params === '' ? [] : params.split(',').map((param) => {
    const [, type = '', name = ''] = /^(.*?)(\w+)$/.exec(param.replace(/\b(const|__user)\b/g, '').trim()) ?? []
    return { name, type: type.replace(/\s+/g, ' ').replace(/ ?(\*+) ?/g, ' $1').trim() }
  })

const sample = (world: World, { type, name }: Param): unknown => {
  const isPointer = type.endsWith('*')
  if (!isPointer || type === 'void *' || type === 'char *') {
    const named = ownValue(byName, name)
    if (named !== undefined) return named(world)
  }
  // flags, commands, and numbers of things
  return ownValue(byType, type)?.(world) ?? (isPointer ? null : 0)
}

/** The arguments of the framework function of `hook`; null for one that is not asked on its own. */
export const sampleArgs = (world: World, hook: HookName): readonly unknown[] | null => {
  const call = whole[hook]
  if (call !== undefined) return call === null ? null : call(world)
  const { params, allocates } = hookDefs[hook]
  return paramsOf(params).map((param, index) =>
    index === 0 && allocates !== null ? bare[allocates]!(world) : sample(world, param))
}

/** A bare object of a kind that carries state. */
export const bareObject = (world: World, kind: string): object => ownValue(bare, kind)!(world) as object
