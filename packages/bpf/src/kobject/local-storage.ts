/**
 * The state that maps keep beside an object, as `struct bpf_local_storage` shows it: only whether there is something.
 */

/** Of one owner. */
class LocalStorage {
  readonly owner: object
  /** Address of the map that began it; 0 when that has dropped its value. */
  smap = 0
  values = 0
  handle = 0

  constructor(owner: object) {
    this.owner = owner
  }
}

const beside = new WeakMap<object, LocalStorage>()

/** Null while no map keeps anything. */
export const storageOf = (owner: object): object | null => beside.get(owner) ?? null

/** A map has made its value for the owner, or has dropped it. */
export const noteStorage = (owner: object, map: number, isThere: boolean): void => {
  let own = beside.get(owner)
  if (own === undefined) {
    if (!isThere) return
    beside.set(owner, (own = new LocalStorage(owner)))
    own.smap = map
  }
  own.values += isThere ? 1 : -1
  if (!isThere && own.smap === map) own.smap = 0
  if (own.values === 0) beside.delete(owner)
}
