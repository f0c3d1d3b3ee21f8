/** Policies of IPsec: made, found, deleted and flushed by messages (net/xfrm/xfrm_user.c, xfrm_policy.c). */
import {
  AF_INET, AF_INET6, EEXIST, EINVAL, ENOENT, ENOMEM, XFRM_MSG_DELPOLICY, XFRM_MSG_NEWPOLICY,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { XfrmSecCtx, XfrmUserSecCtx } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { COST } from '../../state/memory-costs.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import type { KernelPolicy, XfrmTable } from '../../state/net/xfrm.ts'
import { attributesOf, labelOf } from './attributes.ts'

const SELECTOR = 56
/** Bytes of `struct xfrm_userpolicy_info` and of `struct xfrm_userpolicy_id`. */
export const POLICY_INFO = 168
export const POLICY_ID = 64
/** Of `struct xfrm_userpolicy_info`. */
const [INDEX, DIR, ACTION, SHARE] = [156, 160, 161, 163]
const LAST_DIR = 2
const LAST_ACTION = 1
const LAST_SHARE = 3
/** Of `struct xfrm_selector`. */
const [FAMILY, PREFIX_D, PREFIX_S] = [40, 42, 43]

const memoryOf = (machine: Machine, net: PlainNamespace) => net.memory ?? machine.memory

const prefixesFit = (info: Uint8Array): boolean => {
  const family = info[FAMILY]! | (info[FAMILY + 1]! << 8)
  const most = family === AF_INET ? 32 : family === AF_INET6 ? 128 : -1
  return info[PREFIX_D]! <= most && info[PREFIX_S]! <= most
}

/** As `verify_newpolicy_info`. */
const isValid = (info: Uint8Array, index: number): boolean =>
  info[SHARE]! <= LAST_SHARE && info[ACTION]! <= LAST_ACTION && prefixesFit(info) && info[DIR]! <= LAST_DIR &&
  (index === 0 || (index & 7) === info[DIR])

/** A policy as a message or an option describes it; null for an invalid one. */
export const policyOfInfo = (info: Uint8Array): KernelPolicy | null => {
  const index = new DataView(info.buffer, info.byteOffset).getUint32(INDEX, true)
  if (!isValid(info, index)) return null
  return { security: null, dir: info[DIR]!, index, selector: info.subarray(0, SELECTOR), info }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i])

const sameLabel = (a: XfrmSecCtx | null, b: XfrmSecCtx | null): boolean =>
  a === b || (a !== null && b !== null && a.ctx_doi === b.ctx_doi && a.ctx_alg === b.ctx_alg &&
    a.ctx_str === b.ctx_str)

/** The kernel passes NULL for a policy without a label; the prototype has no type for that. */
export const asLabel = (label: XfrmSecCtx | null): XfrmSecCtx => label as XfrmSecCtx

/** A label's state in the LSMs; -errno where they refuse it. Null where the message has no label. */
const allocate = (machine: Machine, label: XfrmUserSecCtx | null): XfrmSecCtx | null | number => {
  if (label === null) return null
  const ctx = ref<XfrmSecCtx | null>(null)
  const rc = machine.lsm.xfrm_policy_alloc_security.ask(ctx, label, 0)
  return rc === 0 ? ctx.value : rc
}

/** Takes it out; it is freed once nobody reads it (`xfrm_policy_kill`). */
const remove = (machine: Machine, net: PlainNamespace, table: XfrmTable, policy: KernelPolicy): void => {
  table.policies.delete(policy)
  memoryOf(machine, net).uncharge(COST.xfrm)
  machine.callRcu(() => machine.lsm.xfrm_policy_free_security.tell(asLabel(policy.security)))
}

/** XFRM_MSG_NEWPOLICY and XFRM_MSG_UPDPOLICY. */
export const addPolicy = (
  machine: Machine, net: PlainNamespace, table: XfrmTable, type: number, data: Uint8Array,
): number => {
  const info = data.slice(0, POLICY_INFO)
  const view = new DataView(info.buffer)
  const index = view.getUint32(INDEX, true)
  if (!isValid(info, index)) return -EINVAL
  const attributes = attributesOf(data.subarray(POLICY_INFO))
  const label = labelOf(attributes)
  if (typeof label === 'number') return label
  const security = allocate(machine, label)
  if (typeof security === 'number') return security
  const dir = info[DIR]!
  const selector = info.subarray(0, SELECTOR)
  const old = [...table.policies].find((one) =>
    one.dir === dir && sameBytes(one.selector, selector) && sameLabel(one.security, security))
  const taken = old !== undefined && type === XFRM_MSG_NEWPOLICY
  if (taken || !memoryOf(machine, net).charge(COST.xfrm)) {
    const free = (): void => machine.lsm.xfrm_policy_free_security.tell(asLabel(security))
    if (machine.rules.xfrmRefusedLater) machine.callRcu(free)
    else free()
    return taken ? -EEXIST : -ENOMEM
  }
  const number = old?.index ?? (index === 0 ? table.nextIndex(dir) : index)
  view.setUint32(INDEX, number, true)
  table.policies.add({ security, dir, index: number, selector, info })
  if (old !== undefined) remove(machine, net, table, old)
  return 0
}

/** XFRM_MSG_DELPOLICY, and XFRM_MSG_GETPOLICY, which gives the policy's bytes. */
export const findPolicy = (
  machine: Machine, net: PlainNamespace, table: XfrmTable, type: number, data: Uint8Array,
): Uint8Array | number => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const [index, dir] = [view.getUint32(SELECTOR, true), data[60]!]
  if (dir > LAST_DIR) return -EINVAL
  const attributes = attributesOf(data.subarray(POLICY_ID))
  const deletes = type === XFRM_MSG_DELPOLICY
  const matching = (matches: (one: KernelPolicy) => boolean): number | Uint8Array => {
    const found = [...table.policies].find((one) => one.dir === dir && matches(one))
    if (found === undefined) return -ENOENT
    if (!deletes) return found.info
    const rc = machine.lsm.xfrm_policy_delete_security.ask(asLabel(found.security))
    if (rc === 0) remove(machine, net, table, found)
    return rc
  }
  if (index !== 0) return matching((one) => one.index === index)
  const label = labelOf(attributes)
  if (typeof label === 'number') return label
  const security = allocate(machine, label)
  if (typeof security === 'number') return security
  const selector = data.subarray(0, SELECTOR)
  const answer = matching((one) => sameBytes(one.selector, selector) && sameLabel(one.security, security))
  machine.lsm.xfrm_policy_free_security.tell(asLabel(security))
  return answer
}

/** XFRM_MSG_FLUSHPOLICY: all, or none where an LSM refuses one of them. */
export const flushPolicies = (machine: Machine, net: PlainNamespace, table: XfrmTable): number => {
  for (const { security } of table.policies) {
    const rc = machine.lsm.xfrm_policy_delete_security.ask(asLabel(security))
    if (rc !== 0) return rc
  }
  for (const policy of table.policies) remove(machine, net, table, policy)
  return 0
}
