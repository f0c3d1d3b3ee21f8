/** Labels as numbers and texts for other parts of the kernel, and audit rules about them. */
import { AUDIT_OBJ_USER, AUDIT_SUBJ_USER, EINVAL, ENOENT, XATTR_SMACK_SUFFIX } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import type { Label } from '../label.ts'
import { currentLabel, taskLabel } from '../state.ts'
import type { Smack } from '../state.ts'
import { labelOrHuh } from './cred.ts'

/** Operators as the kernel numbers them once a rule is read (`Audit_equal`, `Audit_not_equal`). */
const AUDIT_OP_EQUAL = 0
const AUDIT_OP_NOT_EQUAL = 1

/** What an audit rule keeps of Smack. */
class AuditRule {
  readonly label: Label

  constructor(label: Label) {
    this.label = label
  }
}

const isLabelField = (field: number): boolean => field === AUDIT_SUBJ_USER || field === AUDIT_OBJ_USER

export const secidHooks: HookTable<Smack> = {
  current_getsecid_subj(smack, secid) {
    secid.value = currentLabel(smack)
  },
  task_getsecid_obj(smack, p, secid) {
    secid.value = taskLabel(smack, p)
  },
  inode_getsecid(smack, inode, secid) {
    secid.value = smack.blobs.inode(inode).label
  },
  ismaclabel: (_smack, name) => (name === XATTR_SMACK_SUFFIX ? 1 : 0),

  secid_to_secctx(smack, secid, secdata, seclen) {
    const text = smack.policy.labels.text(labelOrHuh(smack, secid))
    secdata.value = text
    seclen.value = text.length
    return 0
  },

  /** A label nobody has used is number 0, and no error. */
  secctx_to_secid(smack, secdata, _seclen, secid) {
    secid.value = smack.policy.labels.find(secdata)
    return 0
  },

  audit_rule_init(smack, field, op, text, rule) {
    rule.value = null
    if (!isLabelField(field)) return -EINVAL
    if (op !== AUDIT_OP_EQUAL && op !== AUDIT_OP_NOT_EQUAL) return -EINVAL
    const label = smack.policy.labels.import(text)
    if (label < 0) return label
    rule.value = new AuditRule(label)
    return 0
  },

  audit_rule_known: (_smack, { fields }) => (fields.some(({ type }) => isLabelField(type)) ? 1 : 0),

  audit_rule_match(smack, secid, field, op, rule) {
    if (!(rule instanceof AuditRule)) return -ENOENT
    if (!isLabelField(field)) return 0
    const same = rule.label === labelOrHuh(smack, secid)
    if (op === AUDIT_OP_EQUAL) return same ? 1 : 0
    return op === AUDIT_OP_NOT_EQUAL && !same ? 1 : 0
  },
}
