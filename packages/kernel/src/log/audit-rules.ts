/** Reads, adds, removes and lists rules of the audit system, as auditctl sends them (kernel/auditfilter.c). */
import {
  AUDIT_ADD_RULE, AUDIT_ALWAYS, AUDIT_ARCH, AUDIT_ARG0, AUDIT_ARG1, AUDIT_ARG2, AUDIT_ARG3, AUDIT_BITMASK_SIZE,
  AUDIT_BIT_MASK, AUDIT_BIT_TEST, AUDIT_CONFIG_CHANGE, AUDIT_DEVMAJOR, AUDIT_DEVMINOR, AUDIT_DIR, AUDIT_EGID,
  AUDIT_EQUAL, AUDIT_EUID, AUDIT_EXE, AUDIT_EXIT, AUDIT_FIELD_COMPARE, AUDIT_FILETYPE, AUDIT_FILTERKEY,
  AUDIT_FILTER_EXCLUDE, AUDIT_FILTER_EXIT, AUDIT_FILTER_FS, AUDIT_FILTER_PREPEND, AUDIT_FILTER_TASK,
  AUDIT_FILTER_URING_EXIT, AUDIT_FILTER_USER, AUDIT_FSGID, AUDIT_FSTYPE, AUDIT_FSUID, AUDIT_GID, AUDIT_GREATER_THAN,
  AUDIT_GREATER_THAN_OR_EQUAL, AUDIT_INODE, AUDIT_LESS_THAN, AUDIT_LESS_THAN_OR_EQUAL, AUDIT_LOCKED, AUDIT_LOGINUID,
  AUDIT_LOGINUID_SET, AUDIT_MAX_FIELDS, AUDIT_MAX_KEY_LEN, AUDIT_MSGTYPE, AUDIT_NEVER, AUDIT_NOT_EQUAL,
  AUDIT_OBJ_GID, AUDIT_OBJ_LEV_HIGH, AUDIT_OBJ_LEV_LOW, AUDIT_OBJ_ROLE, AUDIT_OBJ_TYPE, AUDIT_OBJ_UID,
  AUDIT_OBJ_USER, AUDIT_OFF, AUDIT_PERM, AUDIT_PERS, AUDIT_PID, AUDIT_PPID, AUDIT_SADDR_FAM, AUDIT_SESSIONID,
  AUDIT_SGID, AUDIT_SID_UNSET, AUDIT_SUBJ_CLR, AUDIT_SUBJ_ROLE, AUDIT_SUBJ_SEN, AUDIT_SUBJ_TYPE, AUDIT_SUBJ_USER,
  AUDIT_SUCCESS, AUDIT_SUID, AUDIT_UID, AUDIT_WATCH, EEXIST, EINVAL, ENOENT, ENOMEM, EOPNOTSUPP, EPERM,
} from '@lsmkit/abi'
import { currentLabel, ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { AuditField, AuditRule } from '../state/audit.ts'
import { COST } from '../state/memory-costs.ts'

/** Bytes of `struct audit_rule_data` before its text. */
const FIXED = 1040
const WORDS = 64
/** Of its parts: the mask, types, values, operators, the length of the text. */
const [MASK, FIELDS, VALUES, OPERATORS, TEXT_LENGTH] = [12, 268, 524, 780, 1036]

const LISTS = new Set([
  AUDIT_FILTER_USER, AUDIT_FILTER_TASK, AUDIT_FILTER_EXIT, AUDIT_FILTER_EXCLUDE, AUDIT_FILTER_FS,
  AUDIT_FILTER_URING_EXIT,
])
/** By their number in the kernel. */
const OPERATIONS = [
  AUDIT_EQUAL, AUDIT_NOT_EQUAL, AUDIT_BIT_MASK, AUDIT_BIT_TEST, AUDIT_LESS_THAN, AUDIT_GREATER_THAN,
  AUDIT_LESS_THAN_OR_EQUAL, AUDIT_GREATER_THAN_OR_EQUAL,
]
const [EQUAL, NOT_EQUAL, BITMASK, BITTEST] = [0, 1, 2, 3]

/** Fields that LSMs read. */
const LSM_FIELDS = new Set([
  AUDIT_SUBJ_USER, AUDIT_SUBJ_ROLE, AUDIT_SUBJ_TYPE, AUDIT_SUBJ_SEN, AUDIT_SUBJ_CLR, AUDIT_OBJ_USER, AUDIT_OBJ_ROLE,
  AUDIT_OBJ_TYPE, AUDIT_OBJ_LEV_LOW, AUDIT_OBJ_LEV_HIGH,
])
/** Fields that compare for equality alone. */
const EQUALITY = new Set([
  AUDIT_ARCH, AUDIT_SUBJ_USER, AUDIT_SUBJ_ROLE, AUDIT_SUBJ_TYPE, AUDIT_OBJ_USER, AUDIT_OBJ_ROLE, AUDIT_OBJ_TYPE,
  AUDIT_LOGINUID_SET, AUDIT_FSTYPE, AUDIT_FILTERKEY,
])
/** Fields of which any operator makes sense. */
const ANY_OPERATOR = new Set([AUDIT_PERS, AUDIT_ARG0, AUDIT_ARG1, AUDIT_ARG2, AUDIT_ARG3])
/** Numbers of the task or of the call. */
const NUMBERS = new Set([
  AUDIT_PID, AUDIT_UID, AUDIT_EUID, AUDIT_SUID, AUDIT_FSUID, AUDIT_GID, AUDIT_EGID, AUDIT_SGID, AUDIT_FSGID,
  AUDIT_LOGINUID, AUDIT_MSGTYPE, AUDIT_PPID, AUDIT_SESSIONID, AUDIT_EXIT, AUDIT_SUCCESS,
])
/** Valid on Linux; this kernel watches no files, programs and devices for the audit system. */
const WITHOUT = new Set([
  AUDIT_DEVMAJOR, AUDIT_DEVMINOR, AUDIT_INODE, AUDIT_WATCH, AUDIT_PERM, AUDIT_DIR, AUDIT_FILETYPE, AUDIT_OBJ_UID,
  AUDIT_OBJ_GID, AUDIT_FIELD_COMPARE, AUDIT_EXE, AUDIT_SADDR_FAM,
])

/** As `audit_field_valid`: 0 or -errno. */
const fieldFits = (list: number, type: number, op: number): number => {
  if (type === AUDIT_MSGTYPE && list !== AUDIT_FILTER_EXCLUDE && list !== AUDIT_FILTER_USER) return -EINVAL
  if (type === AUDIT_FSTYPE && list !== AUDIT_FILTER_FS) return -EINVAL
  if (list === AUDIT_FILTER_FS && type !== AUDIT_FSTYPE && type !== AUDIT_FILTERKEY) return -EINVAL
  if (ANY_OPERATOR.has(type)) return 0
  if (EQUALITY.has(type)) return op === EQUAL || op === NOT_EQUAL ? 0 : -EINVAL
  if (NUMBERS.has(type) || LSM_FIELDS.has(type)) return op === BITMASK || op === BITTEST ? -EINVAL : 0
  return WITHOUT.has(type) ? -EOPNOTSUPP : -EINVAL
}

const dropFields = (machine: Machine, fields: readonly AuditField[]): void => {
  for (const { type, lsm_rule } of fields) {
    // the kernel asks for rules that no LSM has taken as well
    if (LSM_FIELDS.has(type)) machine.lsm.audit_rule_free.tell(lsm_rule as object)
  }
}

/** The text at the front of what is left; -EINVAL where there is none of that length. */
const textOf = (rest: Uint8Array, length: number): string | number =>
  length === 0 || length > rest.length ? -EINVAL : new TextDecoder().decode(rest.subarray(0, length))

/** An LSM's rule of a field: null where none knows the field, as an invalid one is kept for a later policy. */
const lsmRuleOf = (machine: Machine, type: number, op: number, text: string): object | null | number => {
  const rule = ref<object | null>(null)
  const rc = machine.lsm.audit_rule_init.ask(type, op, text, rule, 0)
  return rc === 0 || rc === -EINVAL ? rule.value : rc
}

type Field = { readonly field: AuditField; readonly taken: number }

const readField = (machine: Machine, list: number, view: DataView, i: number, rest: Uint8Array): Field | number => {
  const word = (part: number): number => view.getUint32(part + 4 * i, true)
  const [type, val, op] = [word(FIELDS), word(VALUES), OPERATIONS.indexOf(word(OPERATORS))]
  if (op < 0) return -EINVAL
  const fits = fieldFits(list, type, op)
  if (fits !== 0) return fits
  const isLsm = LSM_FIELDS.has(type)
  if (!isLsm && type !== AUDIT_FILTERKEY) return { field: { type, op, val, text: null, lsm_rule: null }, taken: 0 }
  if (!isLsm && val > AUDIT_MAX_KEY_LEN) return -EINVAL
  const text = textOf(rest, val)
  if (typeof text === 'number') return text
  const lsm_rule = isLsm ? lsmRuleOf(machine, type, op, text) : null
  return typeof lsm_rule === 'number' ? lsm_rule : { field: { type, op, val, text, lsm_rule }, taken: val }
}

/** As `audit_data_to_entry`: a rule, or -errno with no LSM's rule kept. */
const readRule = (machine: Machine, data: Uint8Array): AuditRule | number => {
  if (data.length < FIXED) return -EINVAL
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const [flags, action, count] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)]
  const list = (flags & ~AUDIT_FILTER_PREPEND) >>> 0
  if (!LISTS.has(list) || (action !== AUDIT_NEVER && action !== AUDIT_ALWAYS)) return -EINVAL
  if (count > AUDIT_MAX_FIELDS) return -EINVAL
  const mask = Uint32Array.from({ length: AUDIT_BITMASK_SIZE }, (_, i) => view.getUint32(MASK + 4 * i, true))
  const fields: AuditField[] = []
  let rest = data.subarray(FIXED)
  for (let i = 0; i < Math.min(count, WORDS); i++) {
    const read = readField(machine, list, view, i, rest)
    if (typeof read === 'number') {
      dropFields(machine, fields)
      return read
    }
    fields.push(read.field)
    rest = rest.subarray(read.taken)
  }
  return { list, action, mask, fields, data: data.slice(0, FIXED + view.getUint32(TEXT_LENGTH, true)) }
}

const sameField = (a: AuditField, b: AuditField): boolean =>
  a.type === b.type && a.op === b.op && (a.text === null ? a.val === b.val : a.text === b.text)

/** As `audit_compare_rule`, turned round. */
const sameRule = (a: AuditRule, b: AuditRule): boolean =>
  a.list === b.list && a.action === b.action && a.fields.length === b.fields.length &&
  a.mask.every((word, i) => word === b.mask[i]) && a.fields.every((field, i) => sameField(field, b.fields[i]!))

/** kill, tkill, tgkill, rt_sigqueueinfo and rt_tgsigqueueinfo, by the numbers of 64 and of 32 bits. */
const SIGNAL_CALLS = [62, 129, 200, 234, 297, 37, 178, 238, 270, 335]
const speaksOfSignals = ({ mask }: AuditRule): boolean =>
  SIGNAL_CALLS.some((nr) => (mask[nr >> 5]! & (1 << (nr & 31))) !== 0)

const add = (machine: Machine, rule: AuditRule): number => {
  const { auditRules } = machine
  if (auditRules.rules.some((one) => sameRule(one, rule))) return -EEXIST
  if (!machine.memory.charge(COST.auditRule)) return -ENOMEM
  const flags = new DataView(rule.data.buffer, rule.data.byteOffset).getUint32(0, true)
  if ((flags & AUDIT_FILTER_PREPEND) !== 0) auditRules.rules.unshift(rule)
  else auditRules.rules.push(rule)
  if (speaksOfSignals(rule)) auditRules.signals++
  return 0
}

const remove = (machine: Machine, rule: AuditRule): number => {
  const { auditRules } = machine
  const at = auditRules.rules.findIndex((one) => sameRule(one, rule))
  if (at < 0) return -ENOENT
  const [old] = auditRules.rules.splice(at, 1)
  machine.memory.uncharge(COST.auditRule)
  if (speaksOfSignals(old!)) auditRules.signals--
  // it is freed once no call looks at it
  machine.callRcu(() => dropFields(machine, old!.fields))
  return 0
}

/** As `audit_log_rule_change`, in the kernel's log, where no audit daemon runs. */
const logChange = (machine: Machine, type: number, rule: AuditRule, rc: number): void => {
  const label = currentLabel(machine.lsm)
  const key = rule.fields.find(({ type: field }) => field === AUDIT_FILTERKEY)?.text ?? null
  machine.log.add(5, [
    `audit: type=${AUDIT_CONFIG_CHANGE} audit(${(machine.clock() / 1000).toFixed(3)}:${++machine.auditRules.serial}):`,
    `auid=${machine.current.task.loginuid >>> 0} ses=${AUDIT_SID_UNSET}${label === null ? '' : ` subj=${label}`}`,
    `op=${type === AUDIT_ADD_RULE ? 'add_rule' : 'remove_rule'} key=${key === null ? '(null)' : JSON.stringify(key)}`,
    `list=${rule.list} res=${rc === 0 ? 1 : 0}`,
  ].join(' '))
}

/** AUDIT_ADD_RULE and AUDIT_DEL_RULE: 0 or -errno (`audit_rule_change`). */
export const changeAuditRule = (machine: Machine, type: number, data: Uint8Array): number => {
  if (data.length < FIXED) return -EINVAL
  if (machine.auditRules.enabled === AUDIT_LOCKED) return -EPERM
  const rule = readRule(machine, data)
  if (typeof rule === 'number') return rule
  const rc = type === AUDIT_ADD_RULE ? add(machine, rule) : remove(machine, rule)
  if (machine.auditRules.enabled !== AUDIT_OFF) logChange(machine, type, rule, rc)
  if (rc !== 0 || type !== AUDIT_ADD_RULE) dropFields(machine, rule.fields)
  machine.gate.audit(machine.auditRules.rules.length > 0)
  return rc
}
