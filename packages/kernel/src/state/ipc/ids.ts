/** Numbers of System V IPC objects: queues, sets and segments are found by id or key (ipc/util.c). */
import { ENOSPC, IPC_PRIVATE } from '@lsmkit/abi'
import type { KernIpcPerm, Security, Task } from '@lsmkit/core'
import { ChurnMap } from '../churn-map.ts'

/** IPCMNI: ids of one kind in one namespace; an id is its sequence number above its place. */
const IPCMNI_SHIFT = 15
const IPCMNI = 1 << IPCMNI_SHIFT
const SEQ_MAX = 0x7fffffff >> IPCMNI_SHIFT
/** Places are used in turn, and not again before this many have been. */
const MIN_CYCLE = 64
export const S_IRWXUGO = 0o777

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

/** An object with an IpcPerm. */
export interface IpcObject {
  readonly perm: IpcPerm
}

/** All objects of one kind in one namespace. */
export class IpcIds<T extends IpcObject> {
  readonly byIndex = new Map<number, T>()
  readonly #byKey = new ChurnMap<number, T>()
  #next = 0
  #last = -1
  #seq = 0

  get inUse(): number {
    return this.byIndex.size
  }

  /** The highest place in use; -1 if there is none. */
  get maxIndex(): number {
    return this.byIndex.size === 0 ? -1 : Math.max(...this.byIndex.keys())
  }

  /** By place, as they are gone through when the namespace ends. */
  inOrder(): T[] {
    return [...this.byIndex].sort(([a], [b]) => a - b).map(([, object]) => object)
  }

  #freePlace(): number {
    const end = Math.min(Math.max(Math.floor((this.inUse * 3) / 2), MIN_CYCLE), IPCMNI)
    for (let at = this.#next; at < end; at++) if (!this.byIndex.has(at)) return at
    for (let at = 0; at < Math.min(this.#next, end); at++) if (!this.byIndex.has(at)) return at
    return -1
  }

  /** As `ipc_addid`: the new object's id, or -ENOSPC when `limit` are in use. */
  add(object: T, limit: number): number {
    if (this.inUse >= Math.min(limit, IPCMNI)) return -ENOSPC
    const index = this.#freePlace()
    if (index < 0) return -ENOSPC
    if (index <= this.#last) this.#seq = this.#seq >= SEQ_MAX ? 0 : this.#seq + 1
    this.#last = index
    this.#next = index + 1
    const { perm } = object
    perm.seq = this.#seq
    perm.id = this.#seq * IPCMNI + index
    this.byIndex.set(index, object)
    if (perm.key !== IPC_PRIVATE) this.#byKey.set(perm.key, object)
    return perm.id
  }

  withKey(key: number): T | null {
    return this.#byKey.get(key) ?? null
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

  /** The object cannot be found by key any more (`ipc_set_key_private`). */
  hideKey({ perm }: T): void {
    if (perm.key !== IPC_PRIVATE) this.#byKey.delete(perm.key)
    perm.key = IPC_PRIVATE
  }

  /** As `ipc_rmid`. */
  remove(object: T): void {
    const { perm } = object
    this.byIndex.delete(perm.id % IPCMNI)
    if (perm.key !== IPC_PRIVATE) this.#byKey.delete(perm.key)
    perm.deleted = true
  }
}
