/** Rules of the audit system at the end of a system call (kernel/auditsc.c). */
import {
  AUDIT_ALWAYS, AUDIT_ARCH, AUDIT_ARCH_X86_64, AUDIT_ARG0, AUDIT_ARG3, AUDIT_EGID, AUDIT_EUID, AUDIT_EXIT,
  AUDIT_FILTERKEY, AUDIT_FILTER_EXIT, AUDIT_FSGID, AUDIT_FSUID, AUDIT_GID, AUDIT_OBJ_LEV_HIGH, AUDIT_OBJ_USER,
  AUDIT_PID, AUDIT_PPID, AUDIT_SGID, AUDIT_SUBJ_CLR, AUDIT_SUBJ_USER, AUDIT_SUCCESS, AUDIT_SUID, AUDIT_SYSCALL,
  AUDIT_UID, syscallByName,
} from '@lsmkit/abi'
import { currentAuditId, currentLabel, matchesAuditRule } from '@lsmkit/core'
import type { AuditId, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { AuditContext, AuditField, AuditRule } from '../state/audit.ts'
import { threadOf } from '../state/task/thread.ts'

/** As `audit_comparator`, by the kernel's number of the operator. */
const compares = (left: number, op: number, right: number): boolean => {
  switch (op) {
    case 0: return left === right
    case 1: return left !== right
    case 2: return (left & right) !== 0
    case 3: return (left & right) === right
    case 4: return left < right
    case 5: return left > right
    case 6: return left <= right
    default: return left >= right
  }
}

interface Ended {
  readonly task: Task
  readonly name: string
  readonly args: readonly unknown[]
  readonly rc: number
}

/** The number that a field speaks of; null for other fields. */
const numberOf = ({ task, args, rc }: Ended, type: number): number | null => {
  const { cred } = task
  if (type >= AUDIT_ARG0 && type <= AUDIT_ARG3) return Number(args[type - AUDIT_ARG0]) || 0
  switch (type) {
    case AUDIT_PID: return task.tgid
    case AUDIT_PPID: return task.real_parent?.tgid ?? 0
    case AUDIT_UID: return cred.uid
    case AUDIT_EUID: return cred.euid
    case AUDIT_SUID: return cred.suid
    case AUDIT_FSUID: return cred.fsuid
    case AUDIT_GID: return cred.gid
    case AUDIT_EGID: return cred.egid
    case AUDIT_SGID: return cred.sgid
    case AUDIT_FSGID: return cred.fsgid
    case AUDIT_ARCH: return AUDIT_ARCH_X86_64
    case AUDIT_SUCCESS: return rc >= 0 ? 1 : 0
    case AUDIT_EXIT: return rc >>> 0
    default: return null
  }
}

const isSubject = (type: number): boolean => type >= AUDIT_SUBJ_USER && type <= AUDIT_SUBJ_CLR
const isObject = (type: number): boolean => type >= AUDIT_OBJ_USER && type <= AUDIT_OBJ_LEV_HIGH

const objectMatches = (
  machine: Machine, { names, ipc }: AuditContext, { type, op, lsm_rule }: AuditField,
): boolean => {
  const matches = (id: AuditId): boolean => matchesAuditRule(machine.lsm, id, type, op, lsm_rule!) > 0
  return names.some(matches) || (ipc !== null && matches(ipc))
}

const fieldMatches = (machine: Machine, context: AuditContext, ended: Ended, field: AuditField): boolean => {
  const { type, op, val, lsm_rule } = field
  if (type === AUDIT_FILTERKEY) return true
  if (isSubject(type)) {
    return lsm_rule !== null &&
      matchesAuditRule(machine.lsm, currentAuditId(machine.lsm), type, op, lsm_rule) > 0
  }
  if (isObject(type)) return lsm_rule !== null && objectMatches(machine, context, field)
  const number = numberOf(ended, type)
  return number !== null && compares(number, op, val)
}

/** The first rule of the call that fits decides. */
const ruleOf = (machine: Machine, context: AuditContext, ended: Ended): AuditRule | undefined => {
  const nr = syscallByName(ended.name) ?? -1
  if (nr < 0) return undefined
  return machine.auditRules.rules.find(({ list, mask, fields }) =>
    list === AUDIT_FILTER_EXIT && (mask[nr >> 5]! & (1 << (nr & 31))) !== 0 &&
    fields.every((field) => fieldMatches(machine, context, ended, field)))
}

/** The line that the kernel's log has where no audit daemon runs. */
const record = (machine: Machine, rule: AuditRule, { task, name, rc }: Ended): void => {
  const { auditRules } = machine
  const { cred } = task
  const key = rule.fields.find(({ type }) => type === AUDIT_FILTERKEY)?.text ?? null
  const label = currentLabel(machine.lsm)
  const ids = (['uid', 'gid', 'euid', 'suid', 'fsuid', 'egid', 'sgid', 'fsgid'] as const)
    .map((id) => `${id}=${cred[id]}`).join(' ')
  machine.log.add(5, [
    `audit: type=${AUDIT_SYSCALL} audit(${(machine.clock() / 1000).toFixed(3)}:${++auditRules.serial}):`,
    `arch=${AUDIT_ARCH_X86_64.toString(16)} syscall=${syscallByName(name)}`,
    `success=${rc >= 0 ? 'yes' : 'no'} exit=${rc}`,
    `pid=${task.pid} ${ids} comm=${JSON.stringify(task.comm)}${label === null ? '' : ` subj=${label}`}`,
    `key=${key === null ? '(null)' : JSON.stringify(key)}`,
  ].join(' '))
}

/** Makes a call of a task that has a context, and lets the rules look at what came of it. */
export const auditedCall = (
  machine: Machine, task: Task, name: string, args: readonly unknown[], run: () => number,
): number => {
  const { audit } = threadOf(task)
  if (audit === null || audit.isOn || machine.auditRules.rules.length === 0) return run()
  audit.begin()
  try {
    const rc = run()
    const ended = { task, name, args, rc }
    const rule = ruleOf(machine, audit, ended)
    if (rule !== undefined && rule.action === AUDIT_ALWAYS && machine.auditRules.enabled !== 0)
      record(machine, rule, ended)
    return rc
  } finally {
    audit.isOn = false
  }
}
