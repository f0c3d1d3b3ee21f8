/** Making and mapping user namespaces (kernel/user_namespace.c). */
import {
  CAP_EMPTY_SET, CAP_FULL_SET, CAP_SETFCAP, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, ENOMEM, capAssign, capHas, EINVAL,
  ENOSPC, EPERM, PAGE_SIZE, SECUREBITS_DEFAULT, USERNS_SETGROUPS_ALLOWED,
} from '@lsmkit/abi'
import { file_ns_capable, kgid_has_mapping, kuid_has_mapping, make_kgid, make_kuid, ns_capable } from '@lsmkit/core'
import type { Cred, File, UidGidExtent, UserNamespace } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import { Holder } from '../state/host-memory.ts'
import type { IdMapKind, UserNs } from '../interfaces/tasks.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'

const MAX_LEVEL = 32
/** Extents of one map (UID_GID_MAP_MAX_EXTENTS). */
const MAX_EXTENTS = 340

/** As `set_cred_user_ns`: full capabilities, which are valid in `ns` only. */
export const setCredUserNs = (cred: Cred, ns: UserNamespace): void => {
  cred.securebits = SECUREBITS_DEFAULT
  capAssign(cred.cap_inheritable, CAP_EMPTY_SET)
  capAssign(cred.cap_permitted, CAP_FULL_SET)
  capAssign(cred.cap_effective, CAP_FULL_SET)
  capAssign(cred.cap_ambient, CAP_EMPTY_SET)
  capAssign(cred.cap_bset, CAP_FULL_SET)
  cred.user_ns = ns
}

/** As `create_user_ns`: puts `next` (prepared, not installed) into a new namespace below its own. */
const create_user_ns = (machine: Machine, next: Cred): number => {
  const parent = next.user_ns
  if (parent.level > MAX_LEVEL) return -ENOSPC
  if (machine.vfs.current_chrooted()) return -EPERM
  if (!kuid_has_mapping(parent, next.euid) || !kgid_has_mapping(parent, next.egid)) return -EPERM
  const rc = machine.lsm.userns_create.ask(next)
  if (rc < 0) return rc
  const { account } = machine
  if (!account.charge(COST.namespace)) return -ENOMEM
  const ns: UserNamespace = {
    parent,
    level: parent.level + 1,
    inum: machine.nextInum(),
    owner: next.euid,
    group: next.egid,
    uid_map: [],
    gid_map: [],
    parent_could_setfcap: capHas(next.cap_effective, CAP_SETFCAP),
    flags: parent.flags,
  }
  // it takes over the reference that the credentials had to its parent
  machine.userNsTable.add(ns, new Holder(account, COST.namespace))
  machine.creds.dropKeyring(next, 'request_key_auth')
  setCredUserNs(next, ns)
  return 0
}

/** As `verify_root_map`: mapping uid 0 of the parent needs CAP_SETFCAP. */
const mayMapRoot = (machine: Machine,
  ns: UserNamespace,
  parent: UserNamespace,
  file: File,
  extents: readonly UidGidExtent[],
): boolean => {
  const root = extents.find((e) => e.lower_first === 0)
  if (root === undefined) return true
  if (file.f_cred.user_ns === ns) return ns.parent_could_setfcap
  return file_ns_capable(machine.lsm, file, parent, CAP_SETFCAP)
}

/** As `new_idmap_permitted`. */
const permitted = (machine: Machine,
  ns: UserNamespace,
  parent: UserNamespace,
  file: File,
  kind: IdMapKind,
  map: readonly UidGidExtent[],
) => {
  const cred = file.f_cred
  if (kind === 'uid_map' && !mayMapRoot(machine, ns, parent, file, map)) return false
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
  return ns_capable(machine.lsm, machine.current, parent, cap) && file_ns_capable(machine.lsm, file, parent, cap)
}

/**
 * As `map_write` for /proc/PID/uid_map and gid_map: the number of bytes written, or -errno with nothing changed. A
 * map can be set once.
 */
const writeIdMap = (
  machine: Machine, ns: UserNamespace, file: File, kind: IdMapKind, text: string, pos: number,
): number => {
  const { parent } = ns
  if (parent === null) return -EPERM
  const opener_ns = file.f_cred.user_ns
  if (opener_ns !== ns && opener_ns !== parent) return -EPERM
  if (pos !== 0 || text.length >= PAGE_SIZE) return -EINVAL
  if (ns[kind].length !== 0) return -EPERM
  if (!file_ns_capable(machine.lsm, file, ns, CAP_SYS_ADMIN)) return -EPERM
  const extents = parseExtents(text)
  if (typeof extents === 'number') return extents
  if (!permitted(machine, ns, parent, file, kind, extents)) return -EPERM
  const mapped: UidGidExtent[] = []
  for (const extent of extents) {
    const lower_first = rangeDown(parent[kind], extent)
    if (lower_first < 0) return -EPERM
    mapped.push({ ...extent, lower_first })
  }
  if (!machine.userNsTable.charge(ns, mapped.length * COST.idExtent)) return -ENOMEM
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

/** As `userns_may_setgroups`: groups are mapped, and setgroups(2) is not turned off. */
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
 * As `map_id_range_down`: the id in the initial namespace for the first of the extent's lower ids; -1 unless one
 * extent of the map covers them all.
 */
const rangeDown = (map: readonly UidGidExtent[], { lower_first, count }: UidGidExtent): number => {
  const whole = map.find((e) => lower_first >= e.first && lower_first + count <= e.first + e.count)
  return whole === undefined ? -1 : whole.lower_first + (lower_first - whole.first)
}

const overlaps = (a: number, a_count: number, b: number, b_count: number): boolean => a < b + b_count && b < a + a_count

export const createUserNs = (machine: Machine): UserNs => {
  const { userNsTable } = machine
  return {
    writeSetgroups,
    ...bound(machine, { create_user_ns, writeIdMap }),
    get_user_ns: (ns) => userNsTable.get(ns),
    put_user_ns: (ns) => userNsTable.put(ns),
    heldBy: (ns) => userNsTable.heldBy(ns),
  }
}
