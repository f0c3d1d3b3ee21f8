/**
 * Keys found below a keyring: in it, then in the keyrings it holds, as deep as the kernel goes (search_nested_keyrings
 * of security/keys/keyring.c). Keyrings hold one key of an index, so each has one candidate at most.
 */
import { EACCES, EAGAIN, EDEADLK, EKEYEXPIRED, EKEYREVOKED, ELOOP, ENOTDIR, KEY_NEED_SEARCH } from '@lsmkit/abi'
import type { Cred } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { indexOf, keyRef } from '../state/keys/key.ts'
import type { KernelKey, KernelKeyRef } from '../state/keys/key.ts'
import { keySeconds, key_task_permission } from './permission.ts'
import type { KeyType } from '../state/keys/types.ts'

/** KEYRING_SEARCH_MAX_DEPTH. */
const MAX_DEPTH = 6

/** A search: the key to find, the searcher, and the keys to skip. */
export interface KeyQuery {
  readonly type: KeyType
  readonly description: string
  readonly cred: Cred
  /** This key alone will do; null: any of the index. */
  readonly only: KernelKey | null
  /** Keys that cannot be used are passed over, and their errno is the answer when nothing is found. */
  readonly usable: boolean
  /** Those that have expired without an errno. */
  readonly skipExpired?: boolean
  /** In nested keyrings, too. */
  readonly recurse: boolean
}

/** Results of looking at one key. */
const PASSED = 0
const FOUND = 1
const SKIPPED = 2

/** One search under way. */
interface Walk {
  readonly index: string
  /** Whether nested keyrings may be entered. */
  readonly enter: (ring: KernelKey) => boolean
  readonly recurse: boolean
  readonly visit: (key: KernelKey) => number
  /** The errno for a tree that is too deep; 0 skips the deeper part. */
  readonly tooDeep: number
  /** Keyrings that were looked at, by depth: however many ways lead to one, it is looked at once at each. */
  readonly seen: readonly Set<KernelKey>[]
}

const nothingSeen = (): Set<KernelKey>[] => Array.from({ length: MAX_DEPTH + 1 }, () => new Set())

/** FOUND, PASSED, or the errno of a tree that is too deep. */
const descend = (walk: Walk, ring: KernelKey, depth: number): number => {
  if (ring.isGone || walk.seen[depth]!.has(ring)) return PASSED
  walk.seen[depth]!.add(ring)
  const candidate = ring.links!.get(walk.index)
  if (candidate !== undefined && walk.visit(candidate) === FOUND) return FOUND
  if (!walk.recurse) return PASSED
  for (const nested of [...ring.links!.values()]) {
    if (nested.links === null) continue
    if (depth >= MAX_DEPTH) return walk.tooDeep
    if (!walk.enter(nested)) continue
    const rc = descend(walk, nested, depth + 1)
    if (rc !== PASSED) return rc
  }
  return PASSED
}

/** The keyring itself may match. If it does and cannot be used, nothing below it is searched. */
const walkFrom = (walk: Walk, top: KernelKey): number => {
  const seen = indexOf(top.type, top.description) === walk.index ? walk.visit(top) : PASSED
  if (seen === SKIPPED) return PASSED
  return seen === FOUND ? FOUND : descend(walk, top, 0)
}

/** The error that makes `key` unusable: 0 without one, null for an error that is not returned. */
const unusable = (machine: Machine, key: KernelKey, { usable, skipExpired }: KeyQuery): number | null => {
  if (!usable) return 0
  if (key.isGone) return -EKEYREVOKED
  if (keySeconds(machine) < key.expiry) return 0
  return skipExpired === true ? null : -EKEYEXPIRED
}

/** As `keyring_search_rcu`: the key, -EAGAIN if there is none, or the error of one that matches. */
export const keyring_search = (machine: Machine, top: KernelKeyRef, query: KeyQuery): KernelKeyRef | number => {
  const { cred, only } = query
  const { possessed } = top
  if (top.key.links === null) return -ENOTDIR
  const rc = key_task_permission(machine, top, cred, KEY_NEED_SEARCH)
  if (rc < 0) return rc
  let result: KernelKeyRef | number = -EAGAIN
  const visit = (key: KernelKey): number => {
    const state = unusable(machine, key, query)
    if (state !== 0) {
      result = state ?? result
      return SKIPPED
    }
    if (only !== null && key !== only) return PASSED
    const ref = keyRef(key, possessed)
    if (key_task_permission(machine, ref, cred, KEY_NEED_SEARCH) < 0) {
      result = -EACCES
      return SKIPPED
    }
    if (query.usable && key.state < 0) {
      result = key.state
      return SKIPPED
    }
    result = ref
    return FOUND
  }
  const enter = (ring: KernelKey): boolean =>
    key_task_permission(machine, keyRef(ring, possessed), cred, KEY_NEED_SEARCH) >= 0
  const index = indexOf(query.type, query.description)
  walkFrom({ index, visit, enter, recurse: query.recurse, tooDeep: PASSED, seen: nothingSeen() }, top.key)
  return result
}

/**
 * Checks whether `ring` would contain itself through keyring `key`: -EDEADLK if so, -ELOOP if it is nested too deep.
 */
export const keyring_detect_cycle = (ring: KernelKey, key: KernelKey): number => {
  const walk: Walk = {
    index: indexOf(ring.type, ring.description),
    visit: (found) => (found === ring ? FOUND : PASSED),
    enter: () => true,
    recurse: true,
    tooDeep: -ELOOP,
    seen: nothingSeen(),
  }
  const rc = walkFrom(walk, key)
  return rc === FOUND ? -EDEADLK : rc
}
