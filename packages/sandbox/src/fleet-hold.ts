/** A box under the policy of a fleet, which may change while the box lives: the box has to stay within it. */
import type { Access } from './accesses.ts'
import type { Allow } from './allow.ts'
import type { BoxReports } from './box-port.ts'
import type { Denial } from './denial.ts'
import type { Policy } from './policy.ts'
import { checkPermitWithin, checkRunWithin, policyWithin } from './within.ts'
import type { RunBounds } from './within.ts'

/** An agent as a box sees it: `joinFleet` of `@lsmkit/fleet` gives one. */
export interface FleetPolicy {
  /** The policy that holds now: the same object until another one does. Throws where there is none. */
  sandboxPolicy(): Policy
  /** Called with each refusal of a box. */
  onDenial?(denial: Denial): void
  /** Called with what the programs of boxes were allowed, each once a run. */
  onAccesses?(accesses: readonly Access[]): void
}

/** The reports of a box to its agent, beside those to its maker. */
export const fleetReports = (fleet: FleetPolicy | undefined, onDenial: (denial: Denial) => void): BoxReports => ({
  onDenial(denial) {
    onDenial(denial)
    fleet?.onDenial?.(denial)
  },
  onAccesses: fleet?.onAccesses === undefined ? null : (accesses) => fleet.onAccesses?.(accesses),
})

const merged = (one: Allow = {}, more: Allow): Allow => {
  const names = new Set([...Object.keys(one), ...Object.keys(more)]) as Set<keyof Allow>
  return Object.fromEntries([...names].map((name) => [name, [...one[name] ?? [], ...more[name] ?? []]]))
}

/** The policy of one box, held to that of the fleet. */
export class FleetHold {
  readonly #fleet: FleetPolicy
  readonly #policy: Policy
  /** The policy of the fleet that the box was last found to be within. */
  #known: Policy | null = null

  constructor(fleet: FleetPolicy, policy: Policy) {
    this.#fleet = fleet
    this.#policy = policy
  }

  /**
   * Throws SandboxError `wider` where the fleet's policy has become narrower than the box's, and what the agent throws
   * where none holds.
   */
  check(run: RunBounds = {}): void {
    const now = this.#fleet.sandboxPolicy()
    if (now !== this.#known) policyWithin(this.#policy, now, 'fleet')
    this.#known = now
    checkRunWithin(run, now)
  }

  /** Of a native program. */
  onDenial(denial: Denial): void {
    this.#fleet.onDenial?.(denial)
  }

  /** The reports of a box. */
  reports(onDenial: (denial: Denial) => void): BoxReports {
    return fleetReports(this.#fleet, onDenial)
  }

  /** For a box with wider permissions. Throws the same. */
  with(more: Allow): FleetHold {
    checkPermitWithin(more, this.#fleet.sandboxPolicy())
    return new FleetHold(this.#fleet, { ...this.#policy, allow: merged(this.#policy.allow, more) })
  }
}
