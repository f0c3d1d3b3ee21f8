/** Role transitions and allows, transitions by file name, and transitions of ranges. */
import type { ByteReader } from './byte-reader.ts'
import {
  POLICYDB_VERSION_COMP_FTRANS, POLICYDB_VERSION_RANGETRANS, POLICYDB_VERSION_ROLETRANS,
} from './constants.ts'
import { Ebitmap } from './ebitmap.ts'
import type { FilenameTransition, RangeTransition, RoleAllow, RoleTransition } from './policydb.ts'
import { readCheckedRange } from './read-mls.ts'
import type { Limits } from './read-mls.ts'

/** `process`: the class of what older versions say nothing of. */
export const readRoleTransitions = (
  r: ByteReader, version: number, limits: Limits, process: number,
): RoleTransition[] => {
  const count = r.count(12, 'role transitions')
  const transitions: RoleTransition[] = []
  for (let i = 0; i < count; i++) {
    const role = r.value(limits.roles, 'role of a role transition')
    const type = r.value(limits.types, 'type of a role transition')
    const newRole = r.value(limits.roles, 'new role of a role transition')
    const tclass =
      version >= POLICYDB_VERSION_ROLETRANS ? r.value(limits.classes, 'class of a role transition') : process
    transitions.push({ role, type, tclass, newRole })
  }
  return transitions
}

export const readRoleAllows = (r: ByteReader, limits: Limits): RoleAllow[] => {
  const count = r.count(8, 'role allows')
  const allows: RoleAllow[] = []
  for (let i = 0; i < count; i++) {
    const role = r.value(limits.roles, 'role of a role allow')
    allows.push({ role, newRole: r.value(limits.roles, 'new role of a role allow') })
  }
  return allows
}

const readResult = (r: ByteReader, limits: Limits): FilenameTransition['results'][number] => {
  const sources = r.setOf(limits.types, 'sources of a name transition')
  return { sources, type: r.value(limits.types, 'new type of a name transition') }
}

/** Since version 33 rules of the same name, target and class are together; before, each is by itself. */
export const readFilenameTransitions = (r: ByteReader, version: number, limits: Limits): FilenameTransition[] => {
  const together = version >= POLICYDB_VERSION_COMP_FTRANS
  const count = r.count(together ? 17 : 21, 'name transitions')
  const transitions: FilenameTransition[] = []
  const singles = new Map<number, Ebitmap>()
  const single = (bit: number): Ebitmap => {
    const set = singles.get(bit) ?? Ebitmap.of([bit])
    singles.set(bit, set)
    return set
  }
  for (let i = 0; i < count; i++) {
    const name = r.string('name of a name transition')
    if (together) {
      const target = r.value(limits.types, 'target of a name transition')
      const tclass = r.value(limits.classes, 'class of a name transition')
      const results = r.list(r.count(16, 'results of a name transition'), () => readResult(r, limits))
      transitions.push({ name, target, tclass, results })
    } else {
      const source = r.value(limits.types, 'source of a name transition')
      const target = r.value(limits.types, 'target of a name transition')
      const tclass = r.value(limits.classes, 'class of a name transition')
      const type = r.value(limits.types, 'new type of a name transition')
      transitions.push({ name, target, tclass, results: [{ sources: single(source - 1), type }] })
    }
  }
  return transitions
}

export const readRangeTransitions = (
  r: ByteReader, version: number, mls: boolean, limits: Limits, process: number,
): RangeTransition[] => {
  const count = r.count(28, 'range transitions')
  const transitions: RangeTransition[] = []
  for (let i = 0; i < count; i++) {
    const source = r.value(limits.types, 'source of a range transition')
    const target = r.value(limits.types, 'target of a range transition')
    const tclass =
      version >= POLICYDB_VERSION_RANGETRANS ? r.value(limits.classes, 'class of a range transition') : process
    transitions.push({ source, target, tclass, range: readCheckedRange(r, mls, limits, 'range of a range transition') })
  }
  return transitions
}
