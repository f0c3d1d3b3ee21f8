/** The policies of boxes for `lsm policy diff`: what changes between two, and what is beyond a managed maximum. */
import type { PolicyChange } from '@lsmkit/core'
import { policyChanges, policyWithin, SandboxError } from '@lsmkit/sandbox/policy-parts'
import type { ErrorPlace, Policy } from '@lsmkit/sandbox/policy-parts'
import type { Io } from '../../io.ts'
import { readPolicy } from '../../run/policy-file.ts'

interface Read {
  /** Its folders of the host by the names in its file, so that two checkouts compare. */
  readonly policy: Policy
  /** The things that the maximum does not allow. */
  readonly beyond: readonly ErrorPlace[]
}

/** As a box gets it: what it leaves open is the maximum's. */
const readWithin = (io: Io, name: string, max: Policy | null): Read => {
  const { file, named } = readPolicy(io, name)
  if (max === null) return { policy: file, beyond: [] }
  try {
    const whole = policyWithin(named, max, name)
    return { policy: { ...whole, mounts: file.mounts ?? {} }, beyond: [] }
  } catch (error) {
    if (!(error instanceof SandboxError) || error.code !== 'wider') throw error
    return { policy: file, beyond: error.places }
  }
}

export interface BoxDiff {
  readonly changes: readonly PolicyChange[]
  /** Of the second policy. */
  readonly beyond: readonly ErrorPlace[]
}

/** `within`: the file of the maximum. */
export const boxDiff = (io: Io, before: string, after: string, within: string | undefined): BoxDiff => {
  const max = within === undefined ? null : readPolicy(io, within).named
  const [was, is] = [readWithin(io, before, max), readWithin(io, after, max)]
  return { changes: policyChanges(was.policy, is.policy), beyond: is.beyond }
}
