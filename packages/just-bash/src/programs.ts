/** The commands of just-bash by name, as it has them itself: loading this loads all of it. */
import { getCommandNames, getNetworkCommandNames } from 'just-bash'
import { namesOf } from './program-kinds.ts'
import type { CommandNames } from './program-kinds.ts'

/** All that just-bash has without options of its own. */
export const programNames: readonly string[] = getCommandNames()

/** Those that need the network: `curl`. */
export const networkNames: readonly string[] = getNetworkCommandNames()

/** The same as data, for threads that do not load just-bash. */
export const allNames: CommandNames = { programs: programNames, network: networkNames }

/** The commands of a shell with or without a network. */
export const commandNames = (hasNetwork: boolean): readonly string[] =>
  namesOf(allNames, hasNetwork)
