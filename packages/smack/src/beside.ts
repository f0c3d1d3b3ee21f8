/** A second Smack that a stack asks beside its own: the same labels under other rules. */
import type { BesideModule, Lsm } from '@lsmkit/core'
import { checkOptions, instanceOf, required } from '@lsmkit/core/option-rules'
import { CredState, InodeState, LabelState, SockState, SuperState } from './blobs.ts'
import { Policy } from './policy.ts'

const credSeen = (own: CredState): CredState => {
  const { label, rules, forked, transmuted, relabel } = own
  return Object.assign(new CredState(), { label, rules, forked, transmuted, relabel })
}

/** Grants that it remembers are grants of the rules in force. */
const inodeSeen = ({ label, exec, mmap, flags }: InodeState): InodeState =>
  Object.assign(new InodeState(), { label, exec, mmap, flags })

const labelSeen = (own: LabelState): LabelState => Object.assign(new LabelState(), own)

const seen = {
  cred: credSeen, inode: inodeSeen, file: labelSeen, ipc: labelSeen, key: labelSeen, msg_msg: labelSeen,
  sock: (own: SockState): SockState => Object.assign(new SockState(), own),
  superblock: (own: SuperState): SuperState => Object.assign(new SuperState(), own),
}

/** Throws OptionError, and SmackError if there is no room for the labels. */
export const besideSmack = (policy: Policy, given: unknown, make: (policy: Policy) => Lsm): BesideModule => {
  checkOptions({ policy: given }, { policy: required(instanceOf(Policy)) }, 'beside')
  return { lsm: make(policy.withRulesOf(given as Policy)), seen }
}
