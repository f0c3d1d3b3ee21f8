/**
 * `security_inode_init_security`: the attributes a new inode gets, collected from every LSM and handed over at
 * once.
 */
import { EOPNOTSUPP, S_PRIVATE } from '@lsmkit/abi'
import type { InitXattrs, Inode, Qstr, Xattr, XattrSlots } from '../objects/fs.ts'
import type { Ref } from '../objects/ref.ts'
import type { Shape } from './shape.ts'
import type { Guarded } from '../dispatch/slot.ts'

const EMPTY = new Uint8Array()

/**
 * `lsm_get_xattr_slot`, for LSMs that answer inode_init_security: the entry to fill in, or null when the caller keeps
 * no attributes. `name` is without its `security.` prefix. The entry is the caller's again when the hook is over.
 */
export const lsm_get_xattr_slot = (xattrs: XattrSlots | null, xattr_count: Ref<number>): Xattr | null => {
  if (xattrs === null) return null
  const at = xattr_count.value
  if (at >= xattrs.length) {
    const slot = { name: '', value: EMPTY }
    xattr_count.value = xattrs.push(slot)
    return slot
  }
  xattr_count.value = at + 1
  return xattrs[at]!
}

/** What one call collects, kept for the next: a new inode has the same few attributes each time. */
class Collected {
  readonly xattrs: XattrSlots = []
  readonly count: Ref<number> = { value: 0 }
  /** By count: the entries that are filled. */
  readonly #filled: XattrSlots[] = []

  given(): readonly Xattr[] {
    const { value: count } = this.count
    return (this.#filled[count] ??= this.xattrs.slice(0, count))
  }

  clear(): void {
    for (let i = 0; i < this.count.value; i++) {
      this.xattrs[i]!.name = ''
      this.xattrs[i]!.value = EMPTY
    }
    this.count.value = 0
  }
}

/** The answer of the LSM that spoke last; a refusal ends it. */
const ask = (
  asked: readonly Guarded[],
  inode: Inode,
  dir: Inode,
  qstr: Qstr | null,
  xattrs: XattrSlots | null,
  count: Ref<number>,
): number => {
  let rc = -EOPNOTSUPP
  for (let i = 0; i < asked.length; i++) {
    rc = asked[i]!.fn(inode, dir, qstr, xattrs, count)
    if (rc !== 0 && rc !== -EOPNOTSUPP) return rc
  }
  return rc
}

/**
 * Nobody reserved a slot, or the inode is private: nobody is asked. Without a callback LSMs get no array, and only
 * their refusals matter. With nothing collected the last LSM's value is the answer.
 */
const inode_init_security: Shape = {
  walk: (members, { env }) => {
    /** null while a call has it: a callback may make another inode. */
    let spare: Collected | null = new Collected()
    return (
      inode: Inode, dir: Inode, qstr: Qstr | null, initxattrs: InitXattrs | null, fs_data: unknown,
    ): number => {
      if ((inode.i_flags & S_PRIVATE) !== 0 || env.xattr_count === 0) return 0
      const collected = spare ?? new Collected()
      spare = null
      let rc = ask(members(), inode, dir, qstr, initxattrs === null ? null : collected.xattrs, collected.count)
      const isLabelled = (rc === 0 || rc === -EOPNOTSUPP) && collected.count.value > 0
      if (isLabelled && initxattrs !== null) rc = initxattrs(inode, collected.given(), fs_data)
      collected.clear()
      spare = collected
      return rc === -EOPNOTSUPP ? 0 : rc
    }
  },
  idle: () => 0,
}

export const initShapes: Readonly<Record<string, Shape>> = { inode_init_security }
