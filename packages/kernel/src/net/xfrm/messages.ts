/**
 * Messages of NETLINK_XFRM: policies and states of IPsec, which LSMs label. They are kept and asked for; no packet of
 * this kernel is transformed, since all of them go over the loopback device, where Linux transforms nothing either.
 */
import {
  EINVAL, XFRM_MSG_ALLOCSPI, XFRM_MSG_DELPOLICY, XFRM_MSG_DELSA, XFRM_MSG_FLUSHPOLICY, XFRM_MSG_FLUSHSA,
  XFRM_MSG_GETPOLICY, XFRM_MSG_NEWPOLICY, XFRM_MSG_NEWSA, XFRM_MSG_UPDPOLICY, XFRM_MSG_UPDSA,
} from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import { XfrmTable } from '../../state/net/xfrm.ts'
import { addPolicy, asLabel, findPolicy, flushPolicies, POLICY_ID, POLICY_INFO } from './policies.ts'
import {
  addState, allocateSpi, deleteState, flushStates, SPI_INFO, STATE_FLUSH, STATE_ID, STATE_INFO,
} from './states.ts'

/** The result of a message: 0, -errno, or the type and the bytes of an answer. */
export type Answer = number | { readonly type: number; readonly data: Uint8Array }

type Message = (machine: Machine, net: PlainNamespace, table: XfrmTable, type: number, data: Uint8Array) => Answer

const answered = (type: number, data: Uint8Array | number): Answer =>
  typeof data === 'number' ? data : { type, data }

/** The least number of bytes, and what the message does. */
const messages: ReadonlyMap<number, readonly [least: number, run: Message]> = new Map([
  [XFRM_MSG_NEWPOLICY, [POLICY_INFO, addPolicy]],
  [XFRM_MSG_UPDPOLICY, [POLICY_INFO, addPolicy]],
  [XFRM_MSG_DELPOLICY, [POLICY_ID, (...given) => answered(XFRM_MSG_NEWPOLICY, findPolicy(...given))]],
  [XFRM_MSG_GETPOLICY, [POLICY_ID, (...given) => answered(XFRM_MSG_NEWPOLICY, findPolicy(...given))]],
  [XFRM_MSG_FLUSHPOLICY, [0, flushPolicies]],
  [XFRM_MSG_NEWSA, [STATE_INFO, addState]],
  [XFRM_MSG_UPDSA, [STATE_INFO, addState]],
  [XFRM_MSG_ALLOCSPI, [SPI_INFO, (machine, net, table, _type, data) =>
    answered(XFRM_MSG_NEWSA, allocateSpi(machine, net, table, data))]],
  [XFRM_MSG_DELSA, [STATE_ID, (machine, net, table, _type, data) => deleteState(machine, net, table, data)]],
  [XFRM_MSG_FLUSHSA, [STATE_FLUSH, (machine, net, table, _type, data) => flushStates(machine, net, table, data)]],
] satisfies readonly [number, readonly [number, Message]][])

const tableOf = (machine: Machine, net: PlainNamespace): XfrmTable => {
  const { xfrm } = machine.netTable
  let table = xfrm.get(net)
  if (table === undefined) xfrm.set(net, (table = new XfrmTable()))
  return table
}

/** A permitted message without its header (`xfrm_user_rcv_msg`). Types that change nothing here answer 0. */
export const xfrmMessage = (machine: Machine, net: PlainNamespace, type: number, data: Uint8Array): Answer => {
  const found = messages.get(type)
  if (found === undefined) return 0
  const [least, run] = found
  return data.length < least ? -EINVAL : run(machine, net, tableOf(machine, net), type, data)
}

/** The namespace ends: its states and policies are freed. */
export const xfrm_net_exit = (machine: Machine, net: PlainNamespace): void => {
  const table = machine.netTable.xfrm.get(net)
  if (table === undefined) return
  machine.netTable.xfrm.delete(net)
  for (const state of table.states) machine.lsm.xfrm_state_free_security.tell(state)
  for (const { security } of table.policies) machine.lsm.xfrm_policy_free_security.tell(asLabel(security))
}
