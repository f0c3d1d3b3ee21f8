/** Making and mapping user namespaces (kernel/user_namespace.c). */
import {
  CAP_EMPTY_SET, CAP_FULL_SET, CAP_SETFCAP, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, ENOMEM, capAssign, capHas, EINVAL,
  ENOSPC, EPERM, PAGE_SIZE, SECUREBITS_DEFAULT, USERNS_SETGROUPS_ALLOWED,
} from '@lsmkit/abi'
import { file_ns_capable, kgid_has_mapping, kuid_has_mapping, make_kgid, make_kuid, ns_capable } from '@lsmkit/core'
import type { Cred, File, KeyMap, UidGidExtent, UserNamespace } from '@lsmkit/core'
import { Holder } from '../state/host-memory.ts'
import type { IdMapKind, UserNs } from '../interfaces/tasks.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'

const MAX_LEVEL = 32
/** Extents of one map (UID_GID_MAP_MAX_EXTENTS). */
const MAX_EXTENTS = 340

/** As `set_cred_user_ns`: full capabilities, which count in `ns` alone. */
export const setCredUserNs = (cred: Cred, ns: UserNamespace): void => {
  cred.securebits = SECUREBITS_DEFAULT
  capAssign(cred.cap_inheritable, CAP_EMPTY_SET)
  capAssign(cred.cap_permitted, CAP_FULL_SET)
  capAssign(cred.cap_effective, CAP_FULL_SET)
  capAssign(cred.cap_ambient, CAP_EMPTY_SET)
  capAssign(cred.cap_bset, CAP_FULL_SET)
  cred.user_ns = ns
}

/** A namespace below the first, by who keeps it: credentials, namespaces, file systems, its file, those below it. */
interface Life {
  users: number
  readonly memory: Holder
}

export const createUserNs = (lsm: KeyMap, machine: Machine): UserNs => {
  const { current } = machine
  const lives = new WeakMap<UserNamespace, Life>()

  const get_user_ns = (ns: UserNamespace): void => {
    if (ns.parent !== null) lives.get(ns)!.users++
  }
  /** Bytes that a namespace is charged with. */
  const heldBy = (ns: UserNamespace): number => lives.get(ns)?.memory.held ?? 0

  const put_user_ns = (ns: UserNamespace): void => {
    for (let at = ns; at.parent !== null; at = at.parent) {
      const life = lives.get(at)!
      if (--life.users !== 0) return
      life.memory.release()
    }
  }

  /** As `create_user_ns`: puts `next` (prepared, not installed) into a new namespace below its own. */
  const create_user_ns = (next: Cred): number => {
    const parent = next.user_ns
    if (parent.level > MAX_LEVEL) return -ENOSPC
    if (machine.vfs.current_chrooted()) return -EPERM
    if (!kuid_has_mapping(parent, next.euid) || !kgid_has_mapping(parent, next.egid)) return -EPERM
    const rc = lsm.userns_create.ask(next)
    if (rc < 0) return rc
    const { account } = machine
    if (!account.charge(COST.namespace)) return -ENOMEM
    const ns: UserNamespace = {
      parent,
      level: parent.level + 1,
      owner: next.euid,
      group: next.egid,
      uid_map: [],
      gid_map: [],
      parent_could_setfcap: capHas(next.cap_effective, CAP_SETFCAP),
      flags: parent.flags,
    }
    // it keeps its parent in the place of the credentials, which keep it
    lives.set(ns, { users: 1, memory: new Holder(account, COST.namespace) })
    machine.creds.dropKeyring(next, 'request_key_auth')
    setCredUserNs(next, ns)
    return 0
  }

  /** As `verify_root_map`: uid 0 of the parent must not be handed down by somebody without CAP_SETFCAP. */
  const mayMapRoot = (
    ns: UserNamespace,
    parent: UserNamespace,
    file: File,
    extents: readonly UidGidExtent[],
  ): boolean => {
    const root = extents.find((e) => e.lower_first === 0)
    if (root === undefined) return true
    if (file.f_cred.user_ns === ns) return ns.parent_could_setfcap
    return file_ns_capable(lsm, file, parent, CAP_SETFCAP)
  }

  /** As `new_idmap_permitted`. */
  const permitted = (
    ns: UserNamespace,
    parent: UserNamespace,
    file: File,
    kind: IdMapKind,
    map: readonly UidGidExtent[],
  ) => {
    const cred = file.f_cred
    if (kind === 'uid_map' && !mayMapRoot(ns, parent, file, map)) return false
    const only = map.length === 1 && map[0]!.count === 1 && cred.euid === ns.owner ? map[0]! : null
    if (only !== null) {
      if (kind === 'uid_map' && make_kuid(parent, only.lower_first) === cred.euid) return true
      if (
        kind === 'gid_map' &&
        !(ns.flags & USERNS_SETGROUPS_ALLOWED) &&
        make_kgid(parent, only.lower_first) === cred.egid
      )
        return true
    }
    const cap = kind === 'uid_map' ? CAP_SETUID : CAP_SETGID
    return ns_capable(lsm, current, parent, cap) && file_ns_capable(lsm, file, parent, cap)
  }

  /**
   * As `map_write` for /proc/PID/uid_map and gid_map: bytes taken, or -errno with nothing changed. A map is set
   * once.
   */
  const writeIdMap = (ns: UserNamespace, file: File, kind: IdMapKind, text: string, pos: number): number => {
    const { parent } = ns
    if (parent === null) return -EPERM
    const opener_ns = file.f_cred.user_ns
    if (opener_ns !== ns && opener_ns !== parent) return -EPERM
    if (pos !== 0 || text.length >= PAGE_SIZE) return -EINVAL
    if (ns[kind].length !== 0) return -EPERM
    if (!file_ns_capable(lsm, file, ns, CAP_SYS_ADMIN)) return -EPERM
    const extents = parseExtents(text)
    if (typeof extents === 'number') return extents
    if (!permitted(ns, parent, file, kind, extents)) return -EPERM
    const mapped: UidGidExtent[] = []
    for (const extent of extents) {
      const lower_first = rangeDown(parent[kind], extent)
      if (lower_first < 0) return -EPERM
      mapped.push({ ...extent, lower_first })
    }
    if (!lives.get(ns)!.memory.charge(mapped.length * COST.idExtent)) return -ENOMEM
    ns[kind] = mapped
    return text.length
  }

  /** As `proc_setgroups_write`: `allow` or `deny`, and never back to `allow`. */
  const writeSetgroups = (ns: UserNamespace, text: string, pos: number): number => {
    if (pos !== 0 || text.length >= 8) return -EINVAL
    const word = /^(allow|deny)\s*$/.exec(text)?.[1]
    if (word === undefined) return -EINVAL
    if (word === 'allow') return ns.flags & USERNS_SETGROUPS_ALLOWED ? text.length : -EPERM
    if (ns.gid_map.length !== 0) return -EPERM
    ns.flags &= ~USERNS_SETGROUPS_ALLOWED
    return text.length
  }

  return { create_user_ns, get_user_ns, put_user_ns, heldBy, writeIdMap, writeSetgroups }
}

/** As `userns_may_setgroups`: groups are mapped, and nobody has turned setgroups(2) off. */
export const maySetgroups = (ns: UserNamespace): boolean =>
  ns.gid_map.length !== 0 && (ns.flags & USERNS_SETGROUPS_ALLOWED) !== 0

const MAX_ID = 0xffffffff

/** Lines of `first lower count`, no two extents overlapping on either side. */
const parseExtents = (text: string): UidGidExtent[] | number => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const extents: UidGidExtent[] = []
  for (const line of lines) {
    const match = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*$/.exec(line)
    if (match === null || extents.length === MAX_EXTENTS) return -EINVAL
    const [first, lower_first, count] = [Number(match[1]), Number(match[2]), Number(match[3])] as const
    if (count === 0 || first >= MAX_ID || lower_first >= MAX_ID) return -EINVAL
    if (first + count > MAX_ID || lower_first + count > MAX_ID) return -EINVAL
    if (
      extents.some(
        (e) => overlaps(e.first, e.count, first, count) || overlaps(e.lower_first, e.count, lower_first, count),
      )
    )
      return -EINVAL
    extents.push({ first, lower_first, count })
  }
  return extents.length === 0 ? -EINVAL : extents
}

/**
 * As `map_id_range_down`: where the extent's lower ids lie in the initial namespace; -1 unless one extent has them
 * all.
 */
const rangeDown = (map: readonly UidGidExtent[], { lower_first, count }: UidGidExtent): number => {
  const whole = map.find((e) => lower_first >= e.first && lower_first + count <= e.first + e.count)
  return whole === undefined ? -1 : whole.lower_first + (lower_first - whole.first)
}

const overlaps = (a: number, a_count: number, b: number, b_count: number): boolean => a < b + b_count && b < a + a_count
