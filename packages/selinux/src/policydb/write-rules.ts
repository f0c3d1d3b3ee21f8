/** Rules, conditionals, and transitions of every kind. */
import type { Avtab } from './avtab.ts'
import {
  POLICYDB_VERSION_COMP_FTRANS, POLICYDB_VERSION_COND_XPERMS, POLICYDB_VERSION_FILENAME_TRANS,
  POLICYDB_VERSION_RANGETRANS, POLICYDB_VERSION_ROLETRANS, POLICYDB_VERSION_XPERMS_IOCTL,
} from './constants.ts'
import { PolicyError } from './errors.ts'
import type { Conditional, FilenameTransition, Policydb, RangeTransition, RoleTransition } from './policydb.ts'
import { writeRange } from './write-mls.ts'
import type { Target } from './write-symbols.ts'

/** Extended permissions cannot be left out: without them the base permission would be granted whole. */
export const writeAvtab = ({ w, version }: Target, rules: Avtab, xpermsSince = POLICYDB_VERSION_XPERMS_IOCTL): void => {
  if (rules.xperms.length > 0 && version < xpermsSince) {
    const where = xpermsSince === POLICYDB_VERSION_COND_XPERMS ? 'in conditionals ' : ''
    const message = `version ${version} has no extended permissions ${where}`.trimEnd()
    throw new PolicyError('not-expressible', message, -1, `write version ${xpermsSince} or newer`)
  }
  w.u32(rules.length)
  for (let i = 0; i < rules.length; i++) {
    w.u16(rules.source[i]!)
    w.u16(rules.target[i]!)
    w.u16(rules.tclass[i]!)
    w.u16(rules.specified[i]!)
    const xperms = rules.xpermsOf(i)
    if (xperms === null) w.u32(rules.datum[i]!)
    else {
      w.u8(xperms.kind)
      w.u8(xperms.driver)
      for (const word of xperms.bits) w.u32(word)
    }
  }
}

export const writeConditionals = (target: Target, conditionals: readonly Conditional[]): void => {
  const { w } = target
  w.list(conditionals, ({ state, expression, whenTrue, whenFalse }) => {
    w.u32(state ? 1 : 0)
    w.list(expression, ({ kind, bool }) => {
      w.u32(kind)
      w.u32(bool)
    })
    writeAvtab(target, whenTrue, POLICYDB_VERSION_COND_XPERMS)
    writeAvtab(target, whenFalse, POLICYDB_VERSION_COND_XPERMS)
  })
}

/**
 * Before version 26 a role transition says no class. It would be one of class process, but libsepol 3.8 finds none to
 * be of that class in what secilc makes, and leaves all of them out; so do we.
 */
const writeRoleTransitions = ({ w, version, drop }: Target, transitions: readonly RoleTransition[]): void => {
  const written = version >= POLICYDB_VERSION_ROLETRANS ? transitions : []
  if (written.length < transitions.length) drop(`${transitions.length} role transitions`)
  w.list(written, ({ role, type, tclass, newRole }) => {
    w.u32(role)
    w.u32(type)
    w.u32(newRole)
    w.u32(tclass)
  })
}

export const writeRoleRules = (target: Target, policy: Policydb): void => {
  writeRoleTransitions(target, policy.roleTransitions)
  target.w.list(policy.roleAllows, ({ role, newRole }) => {
    target.w.u32(role)
    target.w.u32(newRole)
  })
}

/** Each name, target and class once, at its first place. */
const merged = (transitions: readonly FilenameTransition[]): readonly FilenameTransition[] => {
  const groups = new Map<string, FilenameTransition>()
  for (const transition of transitions) {
    const key = `${transition.target} ${transition.tclass} ${transition.name}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { ...transition, results: [...transition.results] })
    else group.results.push(...transition.results)
  }
  return groups.size === transitions.length ? transitions : [...groups.values()]
}

export const writeFilenameTransitions = (
  { w, version, drop }: Target, transitions: readonly FilenameTransition[],
): void => {
  if (version < POLICYDB_VERSION_FILENAME_TRANS) {
    if (transitions.length > 0) drop(`${transitions.length} transitions by name`)
    return
  }
  if (version >= POLICYDB_VERSION_COMP_FTRANS) {
    w.list(merged(transitions), ({ name, target, tclass, results }) => {
      w.string(name)
      w.u32(target)
      w.u32(tclass)
      w.list(results, ({ sources, type }) => {
        w.ebitmap(sources)
        w.u32(type)
      })
    })
    return
  }
  const each = transitions.flatMap(({ name, target, tclass, results }) =>
    results.flatMap(
      ({ sources, type }) => [...sources].map((bit) => ({ name, source: bit + 1, target, tclass, type })),
    ),
  )
  w.list(each, ({ name, source, target, tclass, type }) => {
    w.string(name)
    w.u32(source)
    w.u32(target)
    w.u32(tclass)
    w.u32(type)
  })
}

/** Before version 21 a range transition says no class: as with role transitions. */
export const writeRangeTransitions = ({ w, version, drop }: Target, transitions: readonly RangeTransition[]): void => {
  const written = version >= POLICYDB_VERSION_RANGETRANS ? transitions : []
  if (written.length < transitions.length) drop(`${transitions.length} range transitions`)
  w.list(written, ({ source, target, tclass, range }) => {
    w.u32(source)
    w.u32(target)
    w.u32(tclass)
    writeRange(w, range)
  })
}
