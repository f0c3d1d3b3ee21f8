/** Messages of NETLINK_AUDIT: its state, and its rules (kernel/audit.c, `audit_receive_msg`). */
import {
  AUDIT_ADD_RULE, AUDIT_DEL_RULE, AUDIT_GET, AUDIT_LIST_RULES, AUDIT_LOCKED, AUDIT_OFF, AUDIT_SET,
  AUDIT_STATUS_ENABLED, EINVAL, EPERM,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { changeAuditRule } from '../log/audit-rules.ts'

/** 0 or -errno, or answers in their order: the type and the bytes of each. */
export type AuditAnswer = number | readonly (readonly [type: number, data: Uint8Array])[]

/** Bytes of `struct audit_status`. */
const STATUS = 44
const NLMSG_DONE = 3

const status = ({ auditRules }: Machine): Uint8Array => {
  const data = new Uint8Array(STATUS)
  new DataView(data.buffer).setUint32(4, auditRules.enabled, true)
  return data
}

/** AUDIT_SET: on, off, or on for good. What else it sets has no use here. */
const set = (machine: Machine, data: Uint8Array): number => {
  const { auditRules } = machine
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const word = (at: number): number => (at + 4 <= data.length ? view.getUint32(at, true) : 0)
  if ((word(0) & AUDIT_STATUS_ENABLED) === 0) return 0
  const wanted = word(4)
  if (wanted > AUDIT_LOCKED) return -EINVAL
  if (auditRules.enabled === AUDIT_LOCKED) return -EPERM
  auditRules.enabled = wanted
  if (wanted !== AUDIT_OFF) auditRules.wasEnabled = true
  return 0
}

/** A permitted message without its header. */
export const auditMessage = (machine: Machine, type: number, data: Uint8Array): AuditAnswer => {
  switch (type) {
    case AUDIT_GET:
      return [[AUDIT_GET, status(machine)]]
    case AUDIT_SET:
      return set(machine, data)
    case AUDIT_ADD_RULE:
    case AUDIT_DEL_RULE:
      return changeAuditRule(machine, type, data)
    case AUDIT_LIST_RULES:
      return [
        ...machine.auditRules.rules.map((rule) => [AUDIT_LIST_RULES, rule.data] as const),
        [NLMSG_DONE, new Uint8Array(0)],
      ]
    default:
      return 0
  }
}
