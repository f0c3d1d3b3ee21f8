/** Local changes to a policy, as `semanage` keeps them: labels of paths, ports, nodes, interfaces; booleans; users. */
import type { LoginMapping } from '../accounts.ts'

/** A label of paths; `context` is null for `<<none>>`. */
export interface LocalFileContext {
  readonly pattern: string
  /** `--`, `-d` and so on; null for any kind of file. */
  readonly kind: string | null
  readonly context: string | null
}

/** `from` is labelled as `to` is. */
export interface Equivalence {
  readonly from: string
  readonly to: string
}

export type PortProtocol = 'tcp' | 'udp' | 'dccp' | 'sctp'

export interface LocalPort {
  readonly protocol: PortProtocol
  readonly low: number
  readonly high: number
  readonly context: string
}

export interface LocalNode {
  readonly address: Uint8Array
  readonly mask: Uint8Array
  readonly context: string
}

export interface LocalInterface {
  readonly name: string
  readonly context: string
  readonly packetContext: string
}

export interface LocalUser {
  readonly name: string
  readonly roles: readonly string[]
  /** Null in a policy without MLS. */
  readonly level: string | null
  readonly range: string | null
}

/** Keeps the order in which things were said; a later one with the same key takes the place of the former. */
export class LocalChanges {
  readonly fileContexts = new Map<string, LocalFileContext>()
  readonly equivalences = new Map<string, Equivalence>()
  readonly booleans = new Map<string, boolean>()
  readonly ports = new Map<string, LocalPort>()
  readonly nodes = new Map<string, LocalNode>()
  readonly interfaces = new Map<string, LocalInterface>()
  readonly logins = new Map<string, LoginMapping>()
  readonly users = new Map<string, LocalUser>()
  /** Prefixes of SELinux users. */
  readonly prefixes = new Map<string, string>()
  readonly permissive = new Set<string>()
  /** Where each thing was said, by its key with the kind in front. */
  readonly places = new Map<string, string>()

  get isEmpty(): boolean {
    return this.sizes.every(([, size]) => size === 0)
  }

  /** How many there are of each kind. */
  get sizes(): (readonly [kind: string, size: number])[] {
    return [
      ['fcontext', this.fileContexts.size + this.equivalences.size], ['boolean', this.booleans.size],
      ['port', this.ports.size], ['node', this.nodes.size], ['interface', this.interfaces.size],
      ['login', this.logins.size], ['user', this.users.size], ['permissive', this.permissive.size],
    ]
  }
}

export const portKey = ({ protocol, low, high }: Omit<LocalPort, 'context'>): string => `${protocol} ${low}-${high}`
export const fileContextKey = ({ pattern, kind }: Omit<LocalFileContext, 'context'>): string =>
  `${kind ?? ''} ${pattern}`
export const nodeKey = ({ address, mask }: Omit<LocalNode, 'context'>): string =>
  `${address.join('.')}/${mask.join('.')}`

/** Contexts with a range where the policy has them, and without where it has none, as semanage writes them. */
const ranged = (context: string, isMls: boolean): string => {
  const parts = context.split(':')
  if (!isMls) return parts.slice(0, 3).join(':')
  return parts.length === 3 ? `${context}:s0` : context
}

/** Text of file_contexts.local. */
export const localFileContextsText = (changes: LocalChanges, isMls: boolean): string =>
  Array.from(changes.fileContexts.values(), ({ pattern, kind, context }) => {
    const mark = kind === null ? '' : `${kind}\t`
    return `${pattern}\t${mark}${context === null ? '<<none>>' : ranged(context, isMls)}\n`
  }).join('')

/** Text of file_contexts.subs. */
export const equivalencesText = (changes: LocalChanges): string =>
  Array.from(changes.equivalences.values(), ({ from, to }) => `${from} ${to}\n`).join('')
