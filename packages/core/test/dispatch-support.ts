/** Dispatch under test: a table over given members, with everything it reports written down. */
import { S_PRIVATE } from '@lsmkit/abi'
import { createDispatch } from '../src/dispatch/create-dispatch.ts'
import type { Dispatch } from '../src/dispatch/create-dispatch.ts'
import type {
  BlobPool, DispatchEnv, DispatchOptions, FaultKind, Member, StrategyName,
} from '../src/dispatch/strategy.ts'
import { Current } from '../src/current.ts'
import { hookDefs, hookNames } from '../src/hooks/hook-defs.ts'
import type { HookName } from '../src/hooks/hook-defs.ts'
import type { HookFn } from '../src/hooks/hook-types.ts'
import { plainObjects as objects } from '../src/objects/factories.ts'
import { nop_mnt_idmap } from '../src/objects/fs.ts'
import type { Dentry, File, Inode, Path, SuperBlock } from '../src/objects/fs.ts'
import type { UserNamespace } from '../src/objects/cred.ts'
import type { Secured } from '../src/objects/secured.ts'

export const strategyNames: readonly StrategyName[] = ['list', 'static-key', 'swap', 'krsi-v4']

export interface Settled {
  readonly hook: string
  readonly lsm: string
  readonly rc: number
  readonly args: readonly unknown[]
}
export interface Fault {
  readonly hook: string
  readonly lsm: string
  readonly kind: FaultKind
  readonly error: unknown
}

export interface Bench extends Dispatch {
  readonly settled: Settled[]
  readonly faults: Fault[]
  /** Counts events that could not be reported. */
  readonly missed: { count: number }
  readonly env: DispatchEnv
  /** Calls a hook by name, whichever kind it is. */
  call(hook: HookName, ...args: unknown[]): unknown
}

export const user_ns = { level: 0, parent: null } as unknown as UserNamespace
export const cred = objects.cred(user_ns)
export const task = objects.task(1, 1, cred, cred)
export const sb: SuperBlock = objects.super_block(0, { name: 'tmpfs', fs_flags: 0 }, user_ns)

export const anInode = (isPrivate = false): Inode => {
  const inode = objects.inode(0o100644, sb, 1)
  if (isPrivate) inode.i_flags |= S_PRIVATE
  return inode
}

export const aDentry = (inode: Inode | null = anInode()): Dentry => {
  const dentry = objects.dentry({ name: 'name', len: 4 }, sb)
  dentry.d_inode = inode
  return dentry
}

export const aPath = (inode: Inode = anInode()): Path => {
  const dentry = aDentry(inode)
  return {
    dentry,
    mnt: {
      mnt_root: dentry, mnt_sb: sb, mnt_flags: 0, mnt_idmap: nop_mnt_idmap, mnt_parent: null, mnt_mountpoint: null,
      mnt_devname: 'none',
    },
  }
}

export const aFile = (f_mode = 0): File => objects.file(f_mode, 0, aPath(), anInode(), cred)

/** The environment that a framework function calls. */
export const anEnv = (more: Partial<DispatchEnv> = {}): DispatchEnv => ({
  current: new Current(task),
  caps: { cap_inode_setxattr: () => 0, cap_inode_removexattr: () => 0, vm_enough_memory: () => 0 },
  blobs: {},
  xattr_count: 0,
  ...more,
})

/** State that says when it came and went. */
export const aPool = (log: string[] = []): BlobPool => ({
  alloc(object: Secured) {
    log.push('alloc')
    object.security = { s0: {}, s1: null, s2: null, s3: null, s4: null, s5: null, s6: null, s7: null }
  },
  free(object: Secured) {
    log.push('free')
    object.security = null
  },
})

export const member = (lsm: string, position: number, fn: HookFn, id = 200 + position): Member => ({
  lsm,
  id,
  position,
  fn,
})

/** Members named m0, m1, … */
export const membersOf = (...fns: readonly HookFn[]): Member[] => fns.map((fn, i) => member(`m${i}`, i, fn))

export const aDispatch = (
  strategy: StrategyName,
  members: DispatchOptions['members'],
  { env = anEnv(), ...more }: Partial<DispatchOptions> = {},
): Bench => {
  const settled: Settled[] = []
  const faults: Fault[] = []
  const missed = { count: 0 }
  const cold: DispatchOptions['cold'] = {
    missed,
    onSettle: (hook, lsm, rc, args) => settled.push({ hook, lsm, rc, args: Array.from(args ?? []) }),
    onFault: (hook, lsm, error, kind) => faults.push({ hook, lsm, kind, error }),
  }
  const dispatch = createDispatch({ members, env, cold, strategy, ...more })
  const call = (hook: HookName, ...args: unknown[]): unknown => {
    const key = dispatch.lsm[hook] as { ask?: HookFn; tell?: HookFn }
    return key.ask ? key.ask(...args) : key.tell!(...args)
  }
  return { ...dispatch, settled, faults, missed, env, call }
}

/** Hooks whose framework function takes other arguments than the hook, or runs the members its own way. */
const apart: ReadonlySet<HookName> = new Set<HookName>([
  'sb_free_mnt_opts', 'inode_init_security', 'inode_rename', 'mmap_file', 'sk_getsecid', 'xfrm_decode_session',
  'getselfattr', 'setselfattr', 'getprocattr', 'setprocattr',
  'vm_enough_memory', 'fs_context_parse_param', 'sb_set_mnt_opts', 'task_prctl', 'xfrm_state_pol_flow_match',
  'cred_free', 'bdev_free_security',
])

/** Every other hook: called with what its members get. */
export const ordinaryHooks: readonly HookName[] = hookNames.filter((hook) => !apart.has(hook))

const FMODE_BACKING = 0x1000000

/** One argument of a C type that no framework function stumbles over; numbers tell parameters apart. */
const argument = (text: string, index: number): unknown => {
  if (text.includes('struct inode *')) return anInode()
  if (text.includes('struct dentry *')) return aDentry()
  if (text.includes('struct path *')) return aPath()
  if (text.includes('struct file *')) return aFile(FMODE_BACKING)
  if (text.includes('**') || /\bsecid\b/.test(text)) return { value: 7 }
  if (text.includes('*')) return { security: null, index }
  return index + 1
}

export const argumentsOf = (hook: HookName): unknown[] => {
  const { params } = hookDefs[hook]
  return params === '' ? [] : params.split(', ').map(argument)
}
