/** Profiles with every name as it will be matched: variables, aliases, implied rules and targets are settled. */
import type { CapabilityRule, ClassRule, Condition, FileEntry, ProfileFlags } from './ast.ts'
import type { Place } from './place.ts'

export interface Capabilities {
  allow: bigint
  audit: bigint
  deny: bigint
  quiet: bigint
}

export interface ResolvedProfile {
  readonly place: Place
  /** The brace that closes it. */
  readonly end: Place
  readonly namespace: string | null
  /** Its own name, and `parent//name` of a child. */
  readonly localName: string
  readonly name: string
  readonly attachment: string | null
  /** Further names of the attachment, from aliases. */
  readonly otherAttachments: readonly string[]
  readonly xattrs: readonly Condition[] | null
  readonly flags: ProfileFlags
  readonly hat: boolean
  readonly files: readonly FileEntry[]
  readonly rules: readonly ClassRule[]
  readonly capabilities: Capabilities
  /** The rules that the sets come from; of `all` there is none. */
  readonly capabilityRules: readonly CapabilityRule[]
  readonly rlimits: ReadonlyMap<number, bigint>
  /** Targets of rules that execute, by index. */
  readonly transitions: readonly string[]
  readonly children: readonly ResolvedProfile[]
}
