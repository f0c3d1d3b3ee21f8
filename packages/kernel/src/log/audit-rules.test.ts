/** Rules of the audit system, as auditctl sends them: which are taken, and once. */
import {
  AUDIT_ADD_RULE, AUDIT_ALWAYS, AUDIT_BIT_MASK, AUDIT_DEL_RULE, AUDIT_EQUAL, AUDIT_FILTERKEY, AUDIT_FILTER_EXCLUDE,
  AUDIT_FILTER_EXIT, AUDIT_FILTER_FS, AUDIT_FILTER_PREPEND, AUDIT_FSTYPE, AUDIT_GREATER_THAN, AUDIT_LOCKED,
  AUDIT_MSGTYPE, AUDIT_OFF, EEXIST, EINVAL, ENOENT, EOPNOTSUPP, EPERM,
} from '@lsmkit/abi'
import { AUDIT_ARG0, AUDIT_PID, AUDIT_SUBJ_USER, AUDIT_WATCH } from '@lsmkit/abi/audit-rule'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { changeAuditRule } from './audit-rules.ts'

interface Field {
  readonly type: number
  readonly op?: number
  readonly value?: number
  readonly text?: string
}

/** `struct audit_rule_data`. */
const rule = (
  fields: readonly Field[] = [], { list = AUDIT_FILTER_EXIT, action = AUDIT_ALWAYS, call = 1 } = {},
): Uint8Array => {
  const text = fields.map((field) => field.text ?? '').join('')
  const bytes = new Uint8Array(1040 + text.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, list, true)
  view.setUint32(4, action, true)
  view.setUint32(8, fields.length, true)
  view.setUint32(12 + 4 * (call >> 5), 1 << (call & 31), true)
  for (const [i, { type, op = AUDIT_EQUAL, value = 0, text: own }] of fields.entries()) {
    view.setUint32(268 + 4 * i, type, true)
    view.setUint32(524 + 4 * i, own?.length ?? value, true)
    view.setUint32(780 + 4 * i, op, true)
  }
  view.setUint32(1036, text.length, true)
  bytes.set(new TextEncoder().encode(text), 1040)
  return bytes
}

test.each<{ reason: string; data: Uint8Array; rc: number }>([
  { reason: 'every call of a number', data: rule(), rc: 0 },
  { reason: 'shorter than its head', data: rule().subarray(0, 1039), rc: -EINVAL },
  { reason: 'a list that is none', data: rule([], { list: 8 }), rc: -EINVAL },
  { reason: 'an action that is none', data: rule([], { action: 1 }), rc: -EINVAL },
  { reason: 'a number of the task', data: rule([{ type: AUDIT_PID, value: 1 }]), rc: 0 },
  { reason: 'a number may be greater', data: rule([{ type: AUDIT_PID, op: AUDIT_GREATER_THAN }]), rc: 0 },
  { reason: 'but not bit by bit', data: rule([{ type: AUDIT_PID, op: AUDIT_BIT_MASK }]), rc: -EINVAL },
  { reason: 'as arguments may', data: rule([{ type: AUDIT_ARG0, op: AUDIT_BIT_MASK }]), rc: 0 },
  { reason: 'an operator that is none', data: rule([{ type: AUDIT_PID, op: 1 }]), rc: -EINVAL },
  { reason: 'a field that is none', data: rule([{ type: 199 }]), rc: -EINVAL },
  { reason: 'files are not watched here', data: rule([{ type: AUDIT_WATCH }]), rc: -EOPNOTSUPP },
  {
    reason: 'types of records, in a list that has some',
    data: rule([{ type: AUDIT_MSGTYPE }], { list: AUDIT_FILTER_EXCLUDE }), rc: 0,
  },
  { reason: 'types of records of calls', data: rule([{ type: AUDIT_MSGTYPE }]), rc: -EINVAL },
  {
    reason: 'types of file systems, in their list',
    data: rule([{ type: AUDIT_FSTYPE }], { list: AUDIT_FILTER_FS }), rc: 0,
  },
  { reason: 'types of file systems of calls', data: rule([{ type: AUDIT_FSTYPE }]), rc: -EINVAL },
  {
    reason: 'tasks in the list of file systems',
    data: rule([{ type: AUDIT_PID }], { list: AUDIT_FILTER_FS }), rc: -EINVAL,
  },
  { reason: 'a key', data: rule([{ type: AUDIT_FILTERKEY, text: 'mine' }]), rc: 0 },
  { reason: 'a key of no bytes', data: rule([{ type: AUDIT_FILTERKEY }]), rc: -EINVAL },
  { reason: 'a key that is too long', data: rule([{ type: AUDIT_FILTERKEY, text: 'k'.repeat(257) }]), rc: -EINVAL },
  { reason: 'a label that no LSM knows is kept', data: rule([{ type: AUDIT_SUBJ_USER, text: 'u' }]), rc: 0 },
])('$reason', ({ data, rc }) => {
  const { machine } = bootForTest()
  expect(changeAuditRule(machine, AUDIT_ADD_RULE, data)).toBe(rc)
  expect(machine.auditRules.rules).toHaveLength(rc === 0 ? 1 : 0)
})

test('a rule is added once and removed once; PREPEND puts it in front', () => {
  const { machine } = bootForTest()
  const change = (type: number, data: Uint8Array): number => changeAuditRule(machine, type, data)
  const mine = rule([{ type: AUDIT_FILTERKEY, text: 'mine' }])
  const first = rule([], { list: AUDIT_FILTER_EXIT | AUDIT_FILTER_PREPEND, call: 2 })
  expect([change(AUDIT_ADD_RULE, mine), change(AUDIT_ADD_RULE, mine), change(AUDIT_ADD_RULE, first)])
    .toEqual([0, -EEXIST, 0])
  expect(machine.auditRules.rules.map(({ fields }) => fields.length)).toEqual([0, 1])
  expect([change(AUDIT_DEL_RULE, mine), change(AUDIT_DEL_RULE, mine)]).toEqual([0, -ENOENT])
})

test('rules about calls that send signals are counted', () => {
  const { machine } = bootForTest()
  const kill = rule([], { call: 62 })
  changeAuditRule(machine, AUDIT_ADD_RULE, rule())
  changeAuditRule(machine, AUDIT_ADD_RULE, kill)
  expect(machine.auditRules.signals).toBe(1)
  changeAuditRule(machine, AUDIT_DEL_RULE, kill)
  expect(machine.auditRules.signals).toBe(0)
})

test('a locked system takes none; one that is off has no record of a change', () => {
  const { machine } = bootForTest()
  const log = (): number => machine.log.records.length
  machine.auditRules.enabled = AUDIT_OFF
  const before = log()
  expect(changeAuditRule(machine, AUDIT_ADD_RULE, rule())).toBe(0)
  expect(log()).toBe(before)
  machine.auditRules.enabled = AUDIT_LOCKED
  expect(changeAuditRule(machine, AUDIT_DEL_RULE, rule())).toBe(-EPERM)
})
