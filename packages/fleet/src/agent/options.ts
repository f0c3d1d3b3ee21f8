/** Options of `joinFleet`. */
import {
  aFunction, aString, either, listOf, objectWith, oneOf, optionsOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { trustRules } from '../bundle/keys.ts'
import type { Trust } from '../bundle/keys.ts'
import { decisionRules } from '../decisions/options.ts'
import type { DecisionOptions } from '../decisions/options.ts'
import type { Manifest } from '../bundle/manifest.ts'
import type { Compiled } from '../policy/compiled-bundle.ts'
import type { Store } from '../store/store.ts'
import type { Have, Mode } from './records.ts'

/** The argument of `apply`: a bundle that is verified, compiled and proved. */
export interface Application {
  readonly mode: Mode
  readonly manifest: Manifest
  readonly policies: Compiled
}

export interface FleetOptions {
  readonly store: Store
  /** The name of this host, a key of the store: `web-1`. */
  readonly host: string
  /** A folder for the last known good bundle and the highest epoch. One agent uses it at a time. */
  readonly state: string
  /** The keys that bundles have to be signed by, until a bundle brings new ones. */
  readonly keys: Trust
  /**
   * When the bundle that holds expires: `keep` goes on with it and reports that, `deny` refuses all that boxes and
   * attached stacks would begin.
   */
  readonly onExpired: 'keep' | 'deny'
  /** Names for whoever chooses hosts. */
  readonly groups?: readonly string[]
  readonly tenant?: string
  /** Names of what this host has, which bundles may need. */
  readonly features?: readonly string[]
  /**
   * Called with each bundle before it holds, for enforcers of your own. If it throws, the bundle is refused, and
   * `apply` is called with the one before.
   */
  readonly apply?: (application: Application) => void | Promise<void>
  /** Called after each report. */
  readonly onReport?: (have: Have) => void
  /** How decisions are kept and sent. `false` counts them for rollouts, and sends none. Default: as it says there. */
  readonly decisions?: DecisionOptions | false
  /** Milliseconds between reports when nothing happens. Default 30,000. */
  readonly beat?: number
  /** Milliseconds that `joinFleet` waits for the store before it goes on with what is on the disk. Default 5000. */
  readonly wait?: number
}

export const fleetRules: OptionRules<FleetOptions> = {
  store: required(objectWith('watch', 'a store'), "folder('./fleet')"), host: required(aString),
  state: required(aString), keys: required(optionsOf(trustRules)), onExpired: required(oneOf('keep', 'deny')),
  groups: listOf(aString), tenant: aString, features: listOf(aString), apply: aFunction, onReport: aFunction,
  decisions: either(optionsOf(decisionRules), oneOf(false)), beat: wholeNumber(10, 86_400_000),
  wait: wholeNumber(0, 3_600_000),
}
