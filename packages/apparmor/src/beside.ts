/** A second AppArmor that a stack asks beside its own: profiles of the same names, in part with other rules. */
import type { BesideModule, Lsm } from '@lsmkit/core'
import { LsmkitError } from '@lsmkit/core'
import { aString, bytes, checkOptions, listOf, optionsOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { CredState, FileState, SockState, TaskState } from './blobs.ts'
import { copyStore, labelIn } from './domain/copy-store.ts'
import type { Label } from './domain/objects.ts'
import type { PolicyStore } from './domain/policy-store.ts'

/** A change of policy, as it would be made to the store. */
export interface ProfileChange {
  /** Profiles that are loaded, in place of those of their names. */
  readonly load: Uint8Array
  /** Names of profiles that are removed. */
  readonly remove?: readonly string[]
}

const rules: OptionRules<ProfileChange> = { load: required(bytes), remove: listOf(aString) }

const seenIn = (store: PolicyStore): NonNullable<BesideModule['seen']> => {
  const seen = <L extends Label | null>(label: L): Label | L => (label === null ? label : labelIn(store, label))
  return {
    cred: ({ label }: CredState) => new CredState(labelIn(store, label)),
    file: ({ label, allow }: FileState) => Object.assign(new FileState(labelIn(store, label)), { allow }),
    sock: ({ label, peer }: SockState) => Object.assign(new SockState(), { label: seen(label), peer: seen(peer) }),
    task: ({ nnp, onexec, previous, token }: TaskState) => Object.assign(new TaskState(), {
      nnp: seen(nnp), onexec: seen(onexec), previous: seen(previous), token,
    }),
  }
}

/** Throws OptionError, and LsmkitError for profiles that cannot be loaded. */
export const besideApparmor = (
  store: PolicyStore, given: unknown, make: (store: PolicyStore) => Lsm,
): BesideModule => {
  checkOptions({ policy: given }, { policy: required(optionsOf(rules)) }, 'beside')
  const { load, remove = [] } = given as ProfileChange
  const other = copyStore(store)
  const rc = other.load(load, true)
  if (rc !== 0) throw new LsmkitError('bad-profiles', `the profiles are refused: ${rc}`, { place: 'beside' })
  for (const name of remove) other.remove(name)
  return { lsm: make(other), seen: seenIn(other) }
}
