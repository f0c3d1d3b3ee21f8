/**
 * The state that changes as a whole when a policy is loaded: the policy, its SIDs, the mapping of the kernel's classes.
 */
import { POLICYDB_VERSION_COMP_FTRANS } from '../policydb/constants.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { ClassMapping } from './class-mapping.ts'
import type { KernelClass } from './class-mapping.ts'
import { LoadedPolicy } from './loaded-policy.ts'
import { GenfsTable } from './object-contexts.ts'
import { convertSids, initialSidTable } from './reload.ts'
import type { SecurityServerOptions } from './server-types.ts'
import type { SidTable } from './sid-table.ts'

export interface ServerState {
  readonly policy: LoadedPolicy
  readonly sids: SidTable
  readonly genfs: GenfsTable
  /** Null while the kernel has not said its classes: all numbers are then the policy's. */
  readonly mapping: ClassMapping | null
}

const VERSION_OFFSET = 16

const hasTwo = (mask: number): boolean => (mask & (mask - 1)) !== 0

/** Throws where a policy rejects what it does not know, and does not know something. */
export const mapClasses = (classes: readonly KernelClass[], policy: LoadedPolicy): ClassMapping => {
  const mapping = new ClassMapping(classes, policy)
  if (policy.db.rejectUnknown && mapping.unknown.length > 0) {
    const what = mapping.unknown.slice(0, 3).join(', ')
    const message = `the policy rejects what it does not know: ${what}`
    throw new PolicyError('incompatible', message, -1, 'handle_unknown is reject')
  }
  return mapping
}

/** Throws for what Linux would not load: too new a version, or no transitions of processes. */
const checkForKernel = (
  { db, processTransitions }: LoadedPolicy, { kernelExact, mode }: SecurityServerOptions,
): void => {
  if (kernelExact !== undefined && db.version > POLICYDB_VERSION_COMP_FTRANS) {
    const hint = `write it as version ${POLICYDB_VERSION_COMP_FTRANS}, or leave kernelExact out`
    throw new PolicyError('unsupported-version', `Linux 6.12 does not load version ${db.version}`, VERSION_OFFSET, hint)
  }
  if (mode !== 'libsepol' && !hasTwo(processTransitions)) {
    const message = 'class `process` has not both `transition` and `dyntransition`'
    throw new PolicyError('incompatible', message, -1, 'the kernel refuses such a policy')
  }
}

/** The state under a new policy, and the SIDs that lost their contexts. Nothing of the old one is touched. */
export const nextState = (
  db: Policydb, before: ServerState | null, classes: readonly KernelClass[] | null, options: SecurityServerOptions,
): { state: ServerState; unmapped: number[] } => {
  const policy = new LoadedPolicy(db)
  checkForKernel(policy, options)
  const mapping = classes === null ? null : mapClasses(classes, policy)
  const sids = initialSidTable(policy, options.mode !== 'libsepol')
  const unmapped = before === null ? [] : convertSids(before.policy, before.sids, policy, sids)
  return { state: { policy, sids, genfs: new GenfsTable(db), mapping }, unmapped }
}
