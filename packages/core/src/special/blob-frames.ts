/**
 * Objects that carry LSM state: allocated before the chain runs and taken away when it refuses, as lsm_*_alloc and the
 * security_*_alloc around them do. On a refusal the free hooks run for exactly the LSMs that had run, the refusing one
 * included; 6.12 runs them all and has crashed for it (`kernelExact` does so too).
 */
import type { BlobKind, HookFn } from '../hooks/hook-types.ts'
import type { Slot } from '../dispatch/slot.ts'
import { tellFrom } from '../dispatch/slot.ts'
import type { BlobPool, DispatchEnv } from '../dispatch/strategy.ts'
import { functionOf } from '../dispatch/key.ts'
import type { Inode, Secured } from '../objects/index.ts'
import { FRAMEWORK } from '../dispatch/range.ts'
import type { Frame, Shape } from './shape.ts'

/** The hook that undoes an allocation; null where only the memory goes (key, tun_dev, ib, perf_event). */
type FreeHook = string | null

/** Undoes a refused allocation. */
type Rollback = (object: Secured) => void

/** Runs a free hook for the LSMs that had run when the chain of `slot` was ended. */
const undo = (slot: Slot, free: Slot, args: readonly unknown[]): void => {
  const ran = new Set(slot.endedIn.slice(0, slot.endedAt + 1).map((member) => member.position))
  tellFrom(free, free.chain.filter((member) => ran.has(member.position)), 0, args)
}

/** Puts fresh state on an object: 0, or what a throwing initialiser comes to. */
const taker = (pool: BlobPool | undefined, { slot }: Frame): ((object: Secured) => number) => {
  if (pool === undefined) return () => 0
  const { alloc } = pool
  return (object) => {
    try {
      alloc(object)
      return 0
    } catch (error) {
      object.security = null
      return slot.reporter.fault(slot.name, FRAMEWORK, error, 'throw', [object])
    }
  }
}

const rollbackOf = (pool: BlobPool | undefined, free: FreeHook, frame: Frame): Rollback => {
  const { slot, hook, kernelExact } = frame
  if (free === null) return (object) => pool?.free(object)
  const freeSlot = hook(free)
  if (kernelExact) return (object) => functionOf(freeSlot.key).call(freeSlot.key, object)
  return (object) => {
    if (pool !== undefined || !freeNeedsBlob.has(free)) undo(slot, freeSlot, [object])
    if (free === 'inode_free_security' && object.security !== null) {
      undo(slot, hook('inode_free_security_rcu'), [object.security])
    }
    pool?.free(object)
    freeSlot.trampoline?.release?.(object)
  }
}

/** cred and bdev: without state the free path returns at once, and the free hook never runs. */
const freeNeedsBlob: ReadonlySet<string> = new Set(['cred_free', 'bdev_free_security'])

const nothing = (kind: BlobKind) => (env: DispatchEnv): number | null => (env.blobs[kind] === undefined ? 0 : null)

/** By number of arguments: three literals, for V8 forgets what it knows of a call whose number of them varies. */
const wrappers: Record<1 | 2 | 3, (take: (o: Secured) => number, rollback: Rollback) => (c: HookFn) => HookFn> = {
  1: (take, rollback) => (chain) => function (this: unknown, object: Secured) {
    let rc = take(object)
    if (rc === 0 && (rc = chain.call(this, object)) !== 0) rollback(object)
    return rc
  },
  2: (take, rollback) => (chain) => function (this: unknown, object: Secured, b: unknown) {
    let rc = take(object)
    if (rc === 0 && (rc = chain.call(this, object, b)) !== 0) rollback(object)
    return rc
  },
  3: (take, rollback) => (chain) => function (this: unknown, object: Secured, b: unknown, c: unknown) {
    let rc = take(object)
    if (rc === 0 && (rc = chain.call(this, object, b, c)) !== 0) rollback(object)
    return rc
  },
}

const allocates = (kind: BlobKind, free: FreeHook, count: 1 | 2 | 3 = 1): Shape => ({
  frame: (frame) => {
    const pool = frame.env.blobs[kind]
    return wrappers[count](taker(pool, frame), rollbackOf(pool, free, frame))
  },
  idle: nothing(kind),
})

/** Runs the free hook of everybody, then takes the state away. */
const frees = (kind: BlobKind): Shape => ({
  frame: ({ env }) => {
    const pool = env.blobs[kind]
    if (pool === undefined) return null
    return (chain) => function (this: unknown, object: Secured) {
      chain.call(this, object)
      pool.free(object)
    }
  },
  idle: nothing(kind),
})

/** As `frees`, but an object without state is left alone, free hooks included. */
const freesIfAny = (kind: BlobKind): Shape => ({
  frame: ({ env }) => {
    const pool = env.blobs[kind]
    return (chain) => function (this: unknown, object: Secured) {
      if (pool === undefined || object.security === null) return
      chain.call(this, object)
      pool.free(object)
    }
  },
  idle: nothing(kind),
})

/** `security_inode_free`: the state outlives the call until readers are gone, then the RCU hook gets it bare. */
const freesInode: Shape = {
  frame: ({ env, hook }) => {
    const pool = env.blobs.inode
    if (pool === undefined) return null
    const { callRcu } = env
    const rcu = hook('inode_free_security_rcu')
    const release = (inode: Inode): void => {
      (rcu.key as { readonly tell: HookFn }).tell(inode.security)
      pool.free(inode)
    }
    return (chain) => function (this: unknown, inode: Inode) {
      chain.call(this, inode)
      if (inode.security === null) return
      if (callRcu === undefined) release(inode)
      else callRcu(() => release(inode))
    }
  },
  idle: nothing('inode'),
}

export const blobShapes: Readonly<Record<string, Shape>> = {
  sb_alloc_security: allocates('superblock', 'sb_free_security'),
  sb_free_security: frees('superblock'),
  inode_alloc_security: allocates('inode', 'inode_free_security'),
  inode_free_security: freesInode,
  file_alloc_security: allocates('file', 'file_free_security'),
  file_free_security: frees('file'),
  backing_file_alloc: allocates('backing_file', 'backing_file_free', 2),
  backing_file_free: frees('backing_file'),
  task_alloc: allocates('task', 'task_free', 2),
  task_free: frees('task'),
  cred_alloc_blank: allocates('cred', 'cred_free', 2),
  cred_prepare: allocates('cred', 'cred_free', 3),
  cred_free: freesIfAny('cred'),
  msg_msg_alloc_security: allocates('msg_msg', 'msg_msg_free_security'),
  msg_msg_free_security: frees('msg_msg'),
  msg_queue_alloc_security: allocates('ipc', 'msg_queue_free_security'),
  msg_queue_free_security: frees('ipc'),
  shm_alloc_security: allocates('ipc', 'shm_free_security'),
  shm_free_security: frees('ipc'),
  sem_alloc_security: allocates('ipc', 'sem_free_security'),
  sem_free_security: frees('ipc'),
  sk_alloc_security: allocates('sock', 'sk_free_security', 3),
  sk_free_security: frees('sock'),
  tun_dev_alloc_security: allocates('tun_dev', null),
  ib_alloc_security: allocates('ib', null),
  key_alloc: allocates('key', null, 3),
  perf_event_alloc: allocates('perf_event', null),
  bdev_alloc_security: allocates('bdev', 'bdev_free_security'),
  bdev_free_security: freesIfAny('bdev'),
}
