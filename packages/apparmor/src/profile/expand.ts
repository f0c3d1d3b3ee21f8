/**
 * From profiles as they were read to profiles as they are encoded: targets, implied rules, variables, aliases, merging.
 */
import type { Alias, ClassRule, FileEntry, ProfileFlags, ProfileNode } from './ast.ts'
import { ProfileError } from './errors.ts'
import { CHANGE_PROFILE, ONEXEC } from './file-perms.ts'
import { changeHatAccess, changeProfileAccess, filesOfAll, rulesOfAll } from './implied.ts'
import { mergeFiles, mergeRules } from './merge.ts'
import { nameOf, type Place } from './place.ts'
import type { Capabilities, ResolvedProfile } from './resolved.ts'
import { oneSlash } from './slashes.ts'
import type { Symbols } from './symbols.ts'
import { settleTarget, TransitionTable } from './transitions.ts'

export interface ExpandContext {
  readonly symbols: Symbols
  readonly aliases: readonly Alias[]
  /** Capabilities that the target knows as a part of sys_admin. */
  readonly foldedCapabilities: ReadonlySet<string>
}

const SYS_ADMIN = 1n << 21n
const ALL = (1n << 64n) - 1n

const byName = (a: ProfileNode, b: ProfileNode): number => {
  const key = ({ namespace, name }: ProfileNode): string => `${namespace === null ? '' : `\u0001${namespace}`}\0${name}`
  return key(a) < key(b) ? -1 : 1
}

/** In the order of their names; a name counts once. */
export const sortProfiles = (profiles: readonly ProfileNode[]): ProfileNode[] => {
  const sorted = profiles.toSorted(byName)
  for (const [index, profile] of sorted.entries()) {
    const before = sorted[index - 1]
    if (before === undefined || before.name !== profile.name || before.namespace !== profile.namespace) continue
    throw new ProfileError('duplicate-profile', `profile \`${nameOf(profile.name)}\` is defined twice`, profile.place, {
      related: [{ message: 'the other one', place: before.place }],
    })
  }
  return sorted
}

const capabilitiesOf = ({ body }: ProfileNode, folded: ReadonlySet<string>): Capabilities => {
  const sets: Capabilities = { allow: 0n, audit: 0n, deny: 0n, quiet: 0n }
  const add = (set: bigint, deny: boolean, audit: boolean): void => {
    if (deny) {
      sets.deny |= set
      if (!audit) sets.quiet |= set
      return
    }
    sets.allow |= set
    if (audit) sets.audit |= set
  }
  for (const { name, set, deny, audit } of body.capabilities) {
    add(name !== null && folded.has(name) ? SYS_ADMIN : set, deny, audit)
  }
  for (const rule of body.rules) if (rule.kind === 'all') add(ALL, rule.mode === 'deny', rule.audit)
  return sets
}

/** Bytes that patterns give a meaning to, in the name of a profile. */
const escapePattern = (name: string): string =>
  name.replace(/\\.|[{}[\]*?]/gsu, (part) => part.startsWith('\\') ? part : `\\${part}`)

/** Applies `replace` to each field of a rule that may hold variables. */
const replaceInRule = (rule: ClassRule, replace: (text: string) => string): ClassRule => {
  const text = <T extends string | null>(value: T): T => (value === null ? value : replace(value)) as T
  const path = <T extends string | null>(value: T): T => (value === null ? value : oneSlash(replace(value))) as T
  switch (rule.kind) {
    case 'mount':
      return {
        ...rule, mountPoint: path(rule.mountPoint), device: path(rule.device),
        fsTypes: rule.fsTypes?.map(replace) ?? null,
      }
    case 'dbus':
      return {
        ...rule, bus: text(rule.bus), name: text(rule.name), peerLabel: text(rule.peerLabel), path: path(rule.path),
        interface: text(rule.interface), member: text(rule.member),
      }
    case 'signal': case 'ptrace': return { ...rule, peer: text(rule.peer) }
    case 'unix':
      return {
        ...rule, label: text(rule.label), peerLabel: text(rule.peerLabel), address: path(rule.address),
        peerAddress: path(rule.peerAddress),
      }
    case 'mqueue': return { ...rule, name: text(rule.name), label: text(rule.label) }
    default: return rule
  }
}

/** A second entry for each alias that begins a name; aliases of what an alias made do not count. */
const withAliases = (entry: FileEntry, aliases: readonly Alias[]): FileEntry[] => {
  if ((entry.perms & (CHANGE_PROFILE | ONEXEC)) !== 0) return [entry]
  const more = aliases.flatMap(({ from, to }): FileEntry[] => {
    const name = entry.name.startsWith(from)
    const link = entry.link?.startsWith(from) ?? false
    if (!name && !link) return []
    return [{
      ...entry, subset: false, name: name ? to + entry.name.slice(from.length) : entry.name,
      link: link ? to + entry.link!.slice(from.length) : entry.link,
    }]
  })
  return [entry, ...more.reverse()]
}

const disconnectedPath = (flags: ProfileFlags, symbols: Symbols, place: Place): string | null => {
  if (flags.disconnected === null) return null
  const path = oneSlash(symbols.replace(flags.disconnected, place))
  if (!path.startsWith('/')) throw new ProfileError('bad-name', 'attach_disconnected.path begins with `/`', place)
  return path.replace(/\/+$/u, '')
}

/** File rules with their targets settled and what they imply in front. */
const settleFiles = (node: ProfileNode, table: TransitionTable): FileEntry[] => {
  const files = node.body.files
  for (const entry of files) settleTarget(table, node.name, entry)
  for (const rule of node.body.rules) {
    if (rule.kind === 'mount' && rule.transition !== null) table.add(rule.transition, rule.place)
  }
  const changes = files.find(({ perms }) => (perms & CHANGE_PROFILE) !== 0)
  if (changes !== undefined) files.unshift(...changeProfileAccess(changes.place))
  for (const rule of node.body.rules) if (rule.kind === 'all') files.unshift(...filesOfAll(rule))
  if (node.hat || node.body.children.length > 0) files.unshift(...changeHatAccess(node.place))
  return files
}

const expandOne = (node: ProfileNode, parent: string | null, context: ExpandContext): ResolvedProfile => {
  const { symbols, aliases } = context
  const table = new TransitionTable()
  const files = settleFiles(node, table)
  const rules = [...node.body.rules, ...node.body.rules.flatMap((rule) => rule.kind === 'all' ? rulesOfAll(rule) : [])]
  const localName = symbols.replace(node.name, node.place)
  const name = parent === null ? localName : `${parent}//${localName}`
  const attachment = node.attachment === null ? null : symbols.replace(node.attachment, node.place)
  const flags = { ...node.flags, disconnected: disconnectedPath(node.flags, symbols, node.place) }
  symbols.assign('profile_name', [escapePattern(name)], false, null)
  for (const entry of files) {
    entry.name = symbols.replace(entry.name, entry.place)
    if (entry.link !== null) entry.link = symbols.replace(entry.link, entry.place)
  }
  const named = rules.map((rule) => replaceInRule(rule, (text) => symbols.replace(text, rule.place)))
  symbols.remove('profile_name')
  const attached = attachment ?? localName
  return {
    place: node.place, end: node.end, namespace: node.namespace, localName, name, attachment, flags, hat: node.hat,
    xattrs: node.xattrs,
    otherAttachments: aliases.filter(({ from }) => attached.startsWith(from)).map(
      ({ from, to }) => to + attached.slice(from.length),
    ),
    files: mergeFiles(files.flatMap((entry) => withAliases(entry, aliases))), rules: mergeRules(named),
    capabilities: capabilitiesOf(node, context.foldedCapabilities), capabilityRules: node.body.capabilities,
    rlimits: new Map(node.body.rlimits.map(({ limit, value }) => [limit, value])), transitions: table.names,
    children: sortProfiles(node.body.children).map((child) => expandOne(child, name, context)),
  }
}

/** Aliases in the order in which they are looked at; repeated ones count once. */
const sortAliases = (aliases: readonly Alias[]): Alias[] => {
  const unique = new Map(aliases.map((alias) => [`${alias.from}\0${alias.to}`, alias]))
  return [...unique].sort(([a], [b]) => a < b ? -1 : 1).map(([, alias]) => alias)
}

/** Throws `ProfileError`. */
export const expandProfiles = (profiles: readonly ProfileNode[], context: ExpandContext): ResolvedProfile[] => {
  const sorted = { ...context, aliases: sortAliases(context.aliases) }
  return sortProfiles(profiles).map((profile) => expandOne(profile, null, sorted))
}
