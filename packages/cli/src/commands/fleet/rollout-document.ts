/** A rollout as `--json` prints it, which the Fleet view of the console reads. */
import { judge } from '@lsmkit/fleet'
import type { GateFigures, Rollout, RolloutDenial } from '@lsmkit/fleet'
import { hasGate } from './rollout-picture.ts'

export interface RolloutDocument {
  readonly rollout: Rollout
  /** Null in steps without a gate. */
  readonly gate: GateFigures | null
  /** Null where they were not asked for. */
  readonly denials: readonly RolloutDenial[] | null
}

export const documentOf = (rollout: Rollout, denials: readonly RolloutDenial[] | null): RolloutDocument =>
  ({ rollout, gate: hasGate(rollout) ? judge(rollout) : null, denials })
