/** Mapping a file that has a label for mappers: it must be able to do all the task can (smack_mmap_file). */
import type { AccessPolicy, Subject } from './access.ts'
import type { Label } from './label.ts'
import { entryOf } from './rules.ts'

/**
 * Whether every rule of `subject` is covered by one of `mapper`, whose object apart. Rules the task has set for itself
 * lower what either may do. Modes of the subject's rules count as written, those looked up have `l` with `w`.
 */
export const coversRules = ({ rules }: AccessPolicy, subject: Subject, mapper: Label): boolean => {
  let covered = true
  rules.eachOf(subject.label, (owner, object, modes) => {
    if (object === mapper) return
    const own = subject.rules === null ? -1 : entryOf(subject.rules, owner, object)
    const may = own < 0 ? modes : own & modes
    if (may === 0) return
    let granted = entryOf(rules, mapper, object)
    if (granted >= 0 && subject.rules !== null) {
      const lowered = entryOf(subject.rules, mapper, object)
      if (lowered >= 0) granted &= lowered
    }
    covered = granted >= 0 && (may & ~granted) === 0
    return covered
  })
  return covered
}
