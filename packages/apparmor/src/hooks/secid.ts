/** Labels by number, for those who keep numbers, and for rules of audit (secid.c, audit.c). */
import { AUDIT_SUBJ_ROLE, EINVAL } from '@lsmkit/abi'
import type { HookGroup } from '@lsmkit/core'
import { labelText } from '../domain/label-text.ts'
import { newest } from '../domain/label.ts'
import { isSubset } from '../domain/label-set.ts'
import type { Label } from '../domain/objects.ts'
import { parseLabel } from '../domain/parse-label.ts'
import { currentLabel, taskLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** Operators as the kernel numbers them once a rule is read. */
const EQUAL = 0
const NOT_EQUAL = 1

export const secidHooks = (aa: Apparmor): HookGroup => {
  const { secids: numbers, store: { root } } = aa
  return {
    current_getsecid_subj(secid) {
      secid.value = numbers.numberOf(currentLabel(aa))
    },
    task_getsecid_obj(task, secid) {
      secid.value = numbers.numberOf(taskLabel(aa, task))
    },

    secid_to_secctx(secid, secdata, seclen) {
      const label = numbers.labelOf(secid)
      if (label === null) return -EINVAL
      const text = labelText(root, label, {
        inside: true, hiddenUnconfined: true, mode: aa.settings.displaySecidMode !== 0,
      })
      secdata.value = text
      seclen.value = text.length
      return 0
    },
    secctx_to_secid(secdata, seclen, secid) {
      const label = parseLabel(root.unconfined.label, secdata.slice(0, seclen), { create: false })
      if (typeof label === 'number') return label
      secid.value = numbers.numberOf(label)
      return 0
    },
    release_secctx() {},

    /** Of all fields of a rule AppArmor knows the role of the subject: it stands for the label. */
    audit_rule_init(field, op, text, rule) {
      if (field !== AUDIT_SUBJ_ROLE || (op !== EQUAL && op !== NOT_EQUAL)) return -EINVAL
      const label = parseLabel(root.unconfined.label, text, { create: true })
      if (typeof label === 'number') return label
      rule.value = { label }
      return 0
    },
    audit_rule_known: ({ fields }) => (fields.some(({ type }) => type === AUDIT_SUBJ_ROLE) ? 1 : 0),
    audit_rule_match(secid, field, op, rule) {
      const label = numbers.labelOf(secid)
      if (label === null || field !== AUDIT_SUBJ_ROLE) return 0
      const found = isSubset(newest(label), newest((rule as { label: Label }).label))
      return found === (op === EQUAL) ? 1 : 0
    },
    audit_rule_free() {},
  }
}
