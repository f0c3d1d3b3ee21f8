/** How each kind of object that carries state is born, used, and gone: the hooks a kernel asks on the way. */
import { MAY_READ, PTRACE_MODE_ATTACH_REALCREDS } from '@lsmkit/abi'
import type {
  BlockDevice, BlobKind, Cred, File, InfiniBandAgent, Inode, KernIpcPerm, Key, MsgMsg, PerfEvent, Secured, Sock,
  SuperBlock, Task, TunDev,
} from '@lsmkit/core'
import { bareObject } from './samples.ts'
import type { World } from './world.ts'

export interface Lifecycle {
  readonly kind: BlobKind
  /** The allocating hook: 0 or -errno. */
  readonly hook: string
  readonly alloc: (world: World, object: never) => number
  /** Questions about it while it lives. */
  readonly use?: (world: World, object: never) => void
  /** null where the kernel has no hook for the end: the state goes with the object. */
  readonly free: ((world: World, object: never) => void) | null
}

const line = <O extends Secured>(
  kind: BlobKind,
  hook: string,
  alloc: (world: World, object: O) => number,
  free: ((world: World, object: O) => void) | null,
  use?: (world: World, object: O) => void,
): Lifecycle => ({ kind, hook, alloc, free, ...(use === undefined ? {} : { use }) }) as Lifecycle

const ipc = (name: 'msg_queue' | 'shm' | 'sem'): Lifecycle =>
  line<KernIpcPerm>(
    'ipc',
    `${name}_alloc_security`,
    ({ stack: { lsm } }, perm) => lsm[`${name}_alloc_security`].ask(perm),
    ({ stack: { lsm } }, perm) => lsm[`${name}_free_security`].tell(perm),
    ({ stack: { lsm } }, perm) => void lsm.ipc_permission.ask(perm, 0),
  )

const useTask = ({ stack, user }: World, task: Task): void => {
  const { lsm, current } = stack
  lsm.ptrace_access_check.ask(task, PTRACE_MODE_ATTACH_REALCREDS)
  lsm.task_kill.ask(task, null, 0, null)
  current.task = task
  lsm.task_kill.ask(user, null, 0, null)
  current.task = user
}

const useFile = ({ stack: { lsm } }: World, file: File): void => {
  lsm.file_open.ask(file)
  lsm.file_permission.ask(file, MAY_READ)
  lsm.mmap_file.ask(file, 1, 2)
  lsm.file_release.tell(file)
}

const useInode = (world: World, inode: Inode): void => {
  const { lsm } = world.stack
  const dentry = world.aDentry({ inode, d_sb: inode.i_sb })
  lsm.inode_permission.ask(inode, MAY_READ)
  lsm.inode_getattr.ask({ mnt: world.aMount(), dentry })
}

export const lifecycles: readonly Lifecycle[] = [
  line<Cred>(
    'cred',
    'cred_prepare',
    ({ stack, user }, cred) => stack.lsm.cred_prepare.ask(cred, user.cred, 0),
    ({ stack }, cred) => stack.lsm.cred_free.tell(cred),
  ),
  line<Cred>(
    'cred',
    'cred_alloc_blank',
    ({ stack }, cred) => stack.lsm.cred_alloc_blank.ask(cred, 0),
    ({ stack }, cred) => stack.lsm.cred_free.tell(cred),
  ),
  line<Task>(
    'task',
    'task_alloc',
    ({ stack }, task) => stack.lsm.task_alloc.ask(task, 0),
    ({ stack }, task) => stack.lsm.task_free.tell(task),
    useTask,
  ),
  line<SuperBlock>(
    'superblock',
    'sb_alloc_security',
    ({ stack }, sb) => stack.lsm.sb_alloc_security.ask(sb),
    ({ stack }, sb) => stack.lsm.sb_free_security.tell(sb),
    ({ stack }, sb) => stack.lsm.sb_delete.tell(sb),
  ),
  line<Inode>(
    'inode',
    'inode_alloc_security',
    ({ stack }, inode) => stack.lsm.inode_alloc_security.ask(inode),
    ({ stack }, inode) => stack.lsm.inode_free_security.tell(inode),
    useInode,
  ),
  line<File>(
    'file',
    'file_alloc_security',
    ({ stack }, file) => stack.lsm.file_alloc_security.ask(file),
    ({ stack }, file) => stack.lsm.file_free_security.tell(file),
    useFile,
  ),
  line<File>(
    'backing_file',
    'backing_file_alloc',
    (world, file) => world.stack.lsm.backing_file_alloc.ask(file, world.aFile()),
    ({ stack }, file) => stack.lsm.backing_file_free.tell(file),
  ),
  line<Sock>(
    'sock',
    'sk_alloc_security',
    ({ stack }, sk) => stack.lsm.sk_alloc_security.ask(sk, sk.sk_family, 0),
    ({ stack }, sk) => stack.lsm.sk_free_security.tell(sk),
  ),
  ipc('msg_queue'),
  ipc('shm'),
  ipc('sem'),
  line<MsgMsg>(
    'msg_msg',
    'msg_msg_alloc_security',
    ({ stack }, msg) => stack.lsm.msg_msg_alloc_security.ask(msg),
    ({ stack }, msg) => stack.lsm.msg_msg_free_security.tell(msg),
  ),
  line<BlockDevice>(
    'bdev',
    'bdev_alloc_security',
    ({ stack }, bdev) => stack.lsm.bdev_alloc_security.ask(bdev),
    ({ stack }, bdev) => stack.lsm.bdev_free_security.tell(bdev),
  ),
  line<Key>('key', 'key_alloc', ({ stack, user }, key) => stack.lsm.key_alloc.ask(key, user.cred, 0), null),
  line<PerfEvent>('perf_event', 'perf_event_alloc', ({ stack }, event) => stack.lsm.perf_event_alloc.ask(event), null),
  line<TunDev>(
    'tun_dev',
    'tun_dev_alloc_security',
    ({ stack }, dev) => stack.lsm.tun_dev_alloc_security.ask(dev),
    null,
  ),
  line<InfiniBandAgent>('ib', 'ib_alloc_security', ({ stack }, agent) => stack.lsm.ib_alloc_security.ask(agent), null),
]

/** A bare object for a lifecycle. */
export const unborn = (world: World, { kind }: Lifecycle): Secured => bareObject(world, kind) as Secured
