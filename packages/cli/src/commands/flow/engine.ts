/** Flows of a policy, whichever module it is of: what the commands ask of both. */
import { InformationFlows, parsePermissionMap } from '@lsmkit/selinux/flow'
import type { BooleanStates } from '@lsmkit/selinux/flow'
import type { FlowLimits } from '@lsmkit/core/policy/flow'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { SmackFlows } from '@lsmkit/smack/flow'
import { CommandError } from '../../command-error.ts'
import { parsedFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { checkLocal, policyKindOf } from '../policy/kind.ts'
import { booleansOf, policyOf } from '../selinux/inputs.ts'
import { policyOf as smackPolicyOf, readSources } from '../smack/rule-sources.ts'

export interface Flow {
  readonly path: readonly string[]
  readonly weight: number
}

export interface FlowEngine {
  readonly minWeight: number
  shortest(from: string, to: string): Iterable<Flow>
  all(from: string, to: string, steps: number): Iterable<Flow>
  out(from: string): Iterable<Flow>
  into(to: string): Iterable<Flow>
  first(from: string, to: string, limits: FlowLimits): Flow | null
  rulesOf(from: string, to: string, minWeight?: number): string[]
  /** Permissions that the map does not know. */
  unmapped?(): string[]
}

export interface EngineFlags {
  readonly policy: string
  readonly map?: string
  readonly minWeight: number
  readonly exclude?: readonly string[]
  readonly set?: readonly string[]
  readonly inForce?: boolean
  /** Changes of semanage, for a policy of SELinux. */
  readonly local?: readonly string[]
  readonly star?: boolean
}

/** A policy with what it takes to ask it. */
export interface Opened {
  readonly engine: FlowEngine
  /** Null of a policy that has no domains. */
  readonly selinux: Policydb | null
  readonly booleans: BooleanStates
}

export const openFlows = (io: Io, flags: EngineFlags): Opened => {
  const kind = policyKindOf(io, flags.policy)
  if (kind !== 'selinux' && kind !== 'smack') {
    throw new CommandError('badInput', `\`${flags.policy}\` is not a policy that has labels`)
  }
  checkLocal(flags.policy, kind, flags.local)
  return kind === 'selinux' ? openSelinux(io, flags) : openSmack(io, flags)
}

const openSelinux = (io: Io, flags: EngineFlags): Opened => {
  const { policy: name, map, minWeight, exclude, set, inForce, local, star } = flags
  if (star) throw new CommandError('usage', '`--star` is for Smack, and this is a policy of SELinux')
  const policy = policyOf(io, name, local)
  const booleans = set === undefined && !inForce ? 'any' : booleansOf(policy, set)
  const engine = new InformationFlows(policy, {
    minWeight, booleans, ...exclude === undefined ? {} : { exclude },
    ...map === undefined ? {} : { map: parsedFile(io, map, parsePermissionMap) },
  })
  return { engine, selinux: policy, booleans }
}

const openSmack = (io: Io, { policy: name, map, minWeight, exclude, set, inForce, star }: EngineFlags): Opened => {
  if (map !== undefined || set !== undefined || inForce) {
    throw new CommandError('usage', '`--map`, `--set` and `--in-force` are for SELinux, and these are rules of Smack')
  }
  const engine = new SmackFlows(smackPolicyOf(readSources(io, [name])), {
    minWeight, throughStar: star === true, ...exclude === undefined ? {} : { exclude },
  })
  return { engine, selinux: null, booleans: 'any' }
}
