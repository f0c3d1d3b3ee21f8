/** Owning and non-owning references to nodes of lists and trees. */
import type { FieldRecord } from './fields.ts'
import type { Reg } from './reg.ts'
import { fork } from './reg.ts'
import { NON_OWN_REF, RCU } from './reg-type.ts'

/** The node belongs to a list or tree; where it is counted, RCU keeps it too. */
export const setNonOwning = (reg: Reg, record: FieldRecord | null): Reg => {
  const to = fork(reg)
  to.type |= NON_OWN_REF
  if (record?.has.has('bpf_refcount') === true) to.type |= RCU
  return to
}
