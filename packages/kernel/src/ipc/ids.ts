/** Numbers and permissions of System V IPC objects: queues, sets and segments are found by id or key (ipc/util.c). */
import {
  CAP_IPC_OWNER, CAP_SYS_ADMIN, EACCES, EEXIST, EIDRM, EINVAL, ENOENT, ENOSPC, EPERM, IPC_CREAT, IPC_EXCL, IPC_PRIVATE,
} from '@lsmkit/abi'
import { gid_valid, in_group, make_kgid, make_kuid, ns_capable, uid_valid } from '@lsmkit/core'
import type { KeyMap, KernIpcPerm, Security, Task, UserNamespace } from '@lsmkit/core'
import { ChurnMap } from '../churn-map.ts'
import type { Machine } from '../machine.ts'

/** IPCMNI: ids of one kind in one namespace; an id is its sequence number above its place. */
const IPCMNI_SHIFT = 15
const IPCMNI = 1 << IPCMNI_SHIFT
const SEQ_MAX = 0x7fffffff >> IPCMNI_SHIFT
/** Places are used in turn, and not again before this many have been. */
const MIN_CYCLE = 64
const S_IRWXUGO = 0o777

/** `struct kern_ipc_perm` of a fresh object, owned by its maker. */
export class IpcPerm implements KernIpcPerm {
  security: Security | null = null
  id = -1
  key: number
  uid: number
  gid: number
  cuid: number
  cgid: number
  mode: number
  seq = 0
  deleted = false

  constructor({ cred }: Task, key: number, mode: number) {
    this.key = key
    this.mode = mode & S_IRWXUGO
    this.uid = this.cuid = cred.euid
    this.gid = this.cgid = cred.egid
  }
}

/** What has an IpcPerm. */
export interface IpcObject {
  readonly perm: IpcPerm
}

/** All objects of one kind in one namespace. */
export class IpcIds<T extends IpcObject> {
  readonly byIndex = new Map<number, T>()
  private readonly byKey = new ChurnMap<number, T>()
  private next = 0
  private last = -1
  private seq = 0

  get inUse(): number {
    return this.byIndex.size
  }

  /** Highest place in use, -1 for none. */
  get maxIndex(): number {
    return this.byIndex.size === 0 ? -1 : Math.max(...this.byIndex.keys())
  }

  /** By place, as they are gone through when the namespace ends. */
  inOrder(): T[] {
    return [...this.byIndex].sort(([a], [b]) => a - b).map(([, object]) => object)
  }

  private freePlace(): number {
    const end = Math.min(Math.max(Math.floor((this.inUse * 3) / 2), MIN_CYCLE), IPCMNI)
    for (let at = this.next; at < end; at++) if (!this.byIndex.has(at)) return at
    for (let at = 0; at < Math.min(this.next, end); at++) if (!this.byIndex.has(at)) return at
    return -1
  }

  /** As `ipc_addid`: the new object's id, or -ENOSPC when `limit` are in use. */
  add(object: T, limit: number): number {
    if (this.inUse >= Math.min(limit, IPCMNI)) return -ENOSPC
    const index = this.freePlace()
    if (index < 0) return -ENOSPC
    if (index <= this.last) this.seq = this.seq >= SEQ_MAX ? 0 : this.seq + 1
    this.last = index
    this.next = index + 1
    const { perm } = object
    perm.seq = this.seq
    perm.id = this.seq * IPCMNI + index
    this.byIndex.set(index, object)
    if (perm.key !== IPC_PRIVATE) this.byKey.set(perm.key, object)
    return perm.id
  }

  withKey(key: number): T | null {
    return this.byKey.get(key) ?? null
  }

  /** The object with this id; a stale sequence number is another object's. */
  check(id: number): T | null {
    const object = this.at(id)
    return object !== null && object.perm.id === id ? object : null
  }

  /** The object at a place (the *_STAT commands go by place). */
  at(id: number): T | null {
    return id < 0 ? null : (this.byIndex.get(id % IPCMNI) ?? null)
  }

  /** Nobody finds it by key any more (`ipc_set_key_private`). */
  hideKey({ perm }: T): void {
    if (perm.key !== IPC_PRIVATE) this.byKey.delete(perm.key)
    perm.key = IPC_PRIVATE
  }

  /** As `ipc_rmid`. */
  remove(object: T): void {
    const { perm } = object
    this.byIndex.delete(perm.id % IPCMNI)
    if (perm.key !== IPC_PRIVATE) this.byKey.delete(perm.key)
    perm.deleted = true
  }
}

/** What the three `get` calls differ in. */
export interface GetOps<T> {
  getnew(): number
  associate(perm: KernIpcPerm, flag: number): number
  /** Refusals that come before permissions: the object found is too small. */
  moreChecks(object: T): number
}

/** IPC_SET's part of the buffers. */
export interface IpcPermSet {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

export const ipcChecks = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  /** What a task was put to sleep on: a later call can tell that it is gone. `leave`: it waits no more. */
  const sleptOn = new WeakMap<Task, { readonly perm: IpcPerm; readonly leave: () => void }>()

  /** As `ipcperms`: whether mode bits, CAP_IPC_OWNER and the LSMs allow what the bits of `flag` ask for. */
  const ipcperms = (user_ns: UserNamespace, perm: IpcPerm, flag: number): boolean => {
    const { cred } = current.task
    const requested = (flag >> 6) | (flag >> 3) | flag
    let granted = perm.mode
    if (cred.euid === perm.cuid || cred.euid === perm.uid) granted >>= 6
    else if (in_group(cred, perm.cgid) || in_group(cred, perm.gid)) granted >>= 3
    if ((requested & ~granted & 7) !== 0 && !ns_capable(lsm, current, user_ns, CAP_IPC_OWNER)) return false
    return lsm.ipc_permission.ask(perm, flag) === 0
  }

  /** As `ipcget`: an id, made or found. */
  const ipcget = <T extends IpcObject>(
    user_ns: UserNamespace, ids: IpcIds<T>, key: number, flag: number, ops: GetOps<T>,
  ): number => {
    if (key === IPC_PRIVATE) return ops.getnew()
    const found = ids.withKey(key)
    if (found === null) return (flag & IPC_CREAT) === 0 ? -ENOENT : ops.getnew()
    if ((flag & IPC_CREAT) !== 0 && (flag & IPC_EXCL) !== 0) return -EEXIST
    const rc = ops.moreChecks(found)
    if (rc !== 0) return rc
    if (!ipcperms(user_ns, found.perm, flag)) return -EACCES
    return ops.associate(found.perm, flag) || found.perm.id
  }

  /** The object a call is about; -EIDRM when it went away while the caller slept on it. */
  const obtain = <T extends IpcObject>(ids: IpcIds<T>, id: number): T | number => {
    const { task } = current
    const before = sleptOn.get(task)
    if (before !== undefined && before.perm.id !== id) stopWaiting(task)
    sleptOn.delete(task)
    const object = ids.check(id)
    if (object !== null) return object
    return before !== undefined && before.perm.deleted && before.perm.id === id ? -EIDRM : -EINVAL
  }

  /** As `ipcctl_obtain_check`: for IPC_SET and IPC_RMID, which owner, creator and CAP_SYS_ADMIN may do. */
  const obtainOwned = <T extends IpcObject>(user_ns: UserNamespace, ids: IpcIds<T>, id: number): T | number => {
    const object = obtain(ids, id)
    if (typeof object === 'number') return object
    const { euid } = current.task.cred
    const { perm } = object
    if (euid === perm.cuid || euid === perm.uid) return object
    return ns_capable(lsm, current, user_ns, CAP_SYS_ADMIN) ? object : -EPERM
  }

  /** As `ipc_update_perm`. */
  const update = (perm: IpcPerm, { uid, gid, mode }: IpcPermSet): number => {
    const { user_ns } = current.task.cred
    const kuid = make_kuid(user_ns, uid)
    const kgid = make_kgid(user_ns, gid)
    if (!uid_valid(kuid) || !gid_valid(kgid)) return -EINVAL
    perm.uid = kuid
    perm.gid = kgid
    perm.mode = (perm.mode & ~S_IRWXUGO) | (mode & S_IRWXUGO)
    return 0
  }

  const sleepOn = (perm: IpcPerm, leave: () => void = () => {}): void => {
    sleptOn.set(current.task, { perm, leave })
  }
  /** The task ends, or goes on with something else. */
  const stopWaiting = (task: Task): void => {
    sleptOn.get(task)?.leave()
    sleptOn.delete(task)
  }

  return { ipcperms, ipcget, obtain, obtainOwned, update, sleepOn, stopWaiting }
}
export type IpcChecks = ReturnType<typeof ipcChecks>
