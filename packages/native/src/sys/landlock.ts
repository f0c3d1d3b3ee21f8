/** Landlock of the host: its version, rulesets as descriptors, rules. Results are numbers, or -errno. */
import {
  LANDLOCK_ADD_RULE_QUIET, LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_NET_PORT, LANDLOCK_RULE_PATH_BENEATH,
  packLandlockNetPort, packLandlockPathBeneath, packLandlockRuleset,
} from '@lsmkit/abi'
import type { System } from './system.ts'

/** The version of Landlock's interface: 0 where the kernel has none, or it is off. */
export const landlockAbi = (system: System): number =>
  Math.max(0, system.call('landlock_create_ruleset', null, 0, LANDLOCK_CREATE_RULESET_VERSION))

/**
 * A descriptor of a new ruleset that handles these rights, close-on-exec. An older kernel takes rights of 0 only.
 * `quiet` (ABI 10): rights whose refusals are not logged at places that `addQuietPath` marks.
 */
export const createRuleset = (system: System, fs: number, net: number, scoped: number, quiet = 0): number => {
  const bytes = packLandlockRuleset({
    handled_access_fs: fs, handled_access_net: net, scoped, quiet_access_fs: quiet,
  })
  return system.call('landlock_create_ruleset', bytes, bytes.length, 0)
}

/** Grants rights beneath what `at` is a descriptor of. */
export const addPathRule = (system: System, ruleset: number, rights: number, at: number): number =>
  system.call('landlock_add_rule', ruleset, LANDLOCK_RULE_PATH_BENEATH, packLandlockPathBeneath(rights, at), 0)

/** Refusals beneath what `at` is a descriptor of are not logged (ABI 10). */
export const addQuietPath = (system: System, ruleset: number, at: number): number =>
  system.call('landlock_add_rule', ruleset, LANDLOCK_RULE_PATH_BENEATH, packLandlockPathBeneath(0, at),
    LANDLOCK_ADD_RULE_QUIET)

/** Grants rights for a port, in host order. */
export const addPortRule = (system: System, ruleset: number, rights: number, port: number): number =>
  system.call('landlock_add_rule', ruleset, LANDLOCK_RULE_NET_PORT, packLandlockNetPort(rights, port), 0)

/** Restricts the calling thread, for good. */
export const restrictSelf = (system: System, ruleset: number, flags = 0): number =>
  system.call('landlock_restrict_self', ruleset, flags)
