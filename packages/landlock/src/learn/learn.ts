/** The least ruleset: rights by path and ports as they were refused, as options for `ruleset`, as JSON and as code. */
import { ownValue } from '@lsmkit/abi'
import { proposalNotes } from '@lsmkit/core/policy/audit-log'
import type { Proposal } from '@lsmkit/core/policy/audit-log'
import type { RulesetOptions } from '../builder.ts'
import { rightsOfKind } from '../rights.ts'
import type { BlockedRecord } from './blocked.ts'

/** `text` is an entry of the options: `'/etc': ['read_file']`, `connect: [443]`. */
export interface LandlockProposal extends Proposal {
  readonly path: string | null
  readonly port: number | null
  /** Landlock's names, without the kind in front. */
  readonly rights: readonly string[]
}

export interface LearnedRuleset {
  readonly proposals: readonly LandlockProposal[]
  /** The options of `ruleset`; JSON. */
  readonly options: RulesetOptions
  /** A program that confines itself so. */
  readonly text: string
  /** Denials that no rule can prevent: `ptrace`, `fs.change_topology`, scopes. */
  readonly impossible: readonly { readonly line: number; readonly message: string }[]
}

interface Group {
  readonly path: string | null
  readonly port: number | null
  readonly rights: Set<string>
  readonly records: BlockedRecord[]
}

/** Takes what `readBlocked` reads. */
export const learnRuleset = (records: readonly BlockedRecord[]): LearnedRuleset => {
  const groups = new Map<string, Group>()
  const impossible: { line: number; message: string }[] = []
  for (const record of records) {
    const wrong = record.blockers.find((name) => !isGranted(name, record))
    if (wrong !== undefined) {
      impossible.push({ line: record.line, message: `no rule grants ${wrong}${ownValue(WHY, wrong) ?? ''}` })
      continue
    }
    const isNet = record.blockers[0]!.startsWith('net.')
    const key = isNet ? `${record.blockers.join()} ${record.port}` : record.path!
    const group = groups.get(key) ??
      { path: isNet ? null : record.path, port: isNet ? record.port : null, rights: new Set<string>(), records: [] }
    groups.set(key, group)
    group.records.push(record)
    for (const name of record.blockers) group.rights.add(name.slice(name.indexOf('.') + 1))
  }
  foldMade(groups)
  const proposals = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => proposalOf(group))
  const options = optionsOf(proposals)
  return { proposals, options, text: proposals.length === 0 ? '' : codeOf(proposals, options), impossible }
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))

/**
 * Rules are for paths that exist when the program is restricted. A file or directory that the program made does not,
 * and one that it removed or renamed does not exist the next time: rights on it become rights of the directory above. A
 * log does not show which file was removed, so all files count that lie in the directory itself.
 */
const foldMade = (groups: Map<string, Group>): void => {
  /** By path that may not exist: the group that has its rights now. */
  const folded = new Map<string, Group>()
  const paths = [...groups].filter(([, { path }]) => path !== null).sort(([a], [b]) => depthOf(a) - depthOf(b))
  for (const [key, group] of paths) {
    const above = parentOf(group.path!)
    const parent = folded.get(above) ?? groups.get(above)
    if (parent === undefined || parent === group) continue
    if (!folded.has(above) && !isGoing(parent, group)) continue
    for (const right of group.rights) parent.rights.add(right)
    parent.records.push(...group.records)
    groups.delete(key)
    folded.set(key, parent)
  }
}

const depthOf = (path: string): number => path.split('/').length

/** Whether the directory was changed in a way that may have made the path, or taken it away. */
const isGoing = (parent: Group, { records }: Group): boolean => parent.records.some(({ blockers, line }) =>
  blockers.some((name) => (name.startsWith('fs.make_') && line <= records[0]!.line) || TAKES_AWAY.has(name)))

const TAKES_AWAY: ReadonlySet<string> = new Set(['fs.remove_file', 'fs.remove_dir', 'fs.refer'])

const WHY: Readonly<Record<string, string>> = {
  ptrace: ': a domain traces its own tasks and those below it',
  'fs.change_topology': ': a restricted task may not mount',
  'scope.signal': ': leave `signal` out of `scope`',
  'scope.abstract_unix_socket': ': leave `abstract_unix_socket` out of `scope`',
}

const names = { fs: rightsOfKind('fs'), net: rightsOfKind('net') }

const isGranted = (name: string, { path, port }: BlockedRecord): boolean => {
  const [kind, right = ''] = name.split('.')
  if (kind === 'fs') return path !== null && names.fs.includes(right)
  return kind === 'net' && port !== null && names.net.includes(right)
}

const proposalOf = ({ path, port, rights, records }: Group): LandlockProposal => {
  const known = [...names.fs, ...names.net].filter((name) => rights.has(name))
  const first = records[0]!
  return {
    path, port, rights: known,
    text: path === null
      ? `${known[0] === 'bind_tcp' ? 'bind' : 'connect'}: [${port}]`
      : `${quoted(path)}: [${known.map(quoted).join(', ')}]`,
    seen: records.length, line: first.line,
    commands: [...new Set(records.map(({ comm }) => comm).filter((comm) => comm !== ''))],
    objects: path === null ? [`port ${port}`] : [...new Set(records.map((record) => record.path ?? path))],
    beyond: path === null ? ['that port of every address'] : [`all that lies below ${path}, whatever was seen of it`],
    instead: path !== null && SHARED.test(path) ? ['a directory of its own for the program'] : [],
    broad: broadOf(path, known),
  }
}

/** Directories that everybody shares. */
const SHARED = /^\/(|etc|home|tmp|usr|var|root|proc|sys|dev|run)$/

const CHANGES = new Set([
  'write_file', 'remove_dir', 'remove_file', 'make_dir', 'make_reg', 'make_sym', 'refer', 'truncate',
])

const broadOf = (path: string | null, rights: readonly string[]): string[] => {
  const changes = rights.filter((name) => CHANGES.has(name))
  return [
    ...(path === '/' ? ['it is everything there is'] : []),
    ...(path !== null && path !== '/' && SHARED.test(path) && changes.length > 0
      ? [`${path} is shared: ${changes.join(', ')} hold below all of it`] : []),
    ...(rights.includes('execute') && changes.length > 0 ? ['it executes what it has written'] : []),
    ...(rights.includes('make_char') || rights.includes('make_block') ? ['it makes device files'] : []),
  ]
}

const optionsOf = (proposals: readonly LandlockProposal[]): RulesetOptions => {
  const ports = (right: string): number[] =>
    proposals.filter(({ rights }) => rights.includes(right)).flatMap(({ port }) => (port === null ? [] : [port]))
  const [bind, connect] = [ports('bind_tcp'), ports('connect_tcp')]
  const paths = proposals.flatMap(({ path, rights }) => (path === null ? [] : [[path, rights] as const]))
  return {
    ...(paths.length > 0 ? { paths: Object.fromEntries(paths) } : {}),
    ...(bind.length > 0 ? { bind } : {}),
    ...(connect.length > 0 ? { connect } : {}),
  }
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replace(/[\n\r\u2028\u2029]/g, '?')}'`

const codeOf = (proposals: readonly LandlockProposal[], { bind, connect }: RulesetOptions): string => {
  const notes = proposals.map((one) => ({ one, lines: proposalNotes(one).map((note) => `// ${note}`) }))
  const indented = (lines: readonly string[], by: string): string => lines.map((line) => `${by}${line}\n`).join('')
  const paths = notes.filter(({ one }) => one.path !== null)
    .map(({ one, lines }) => indented([...lines, `${one.text},`], '    ')).join('')
  const ofPorts = notes.filter(({ one }) => one.path === null).map(({ lines }) => indented(lines, '  ')).join('')
  return "import { ruleset } from '@lsmkit/landlock'\n\nexport const learned = ruleset({\n" +
    (paths === '' ? '' : `  paths: {\n${paths}  },\n`) + ofPorts +
    (bind === undefined ? '' : `  bind: [${bind.join(', ')}],\n`) +
    (connect === undefined ? '' : `  connect: [${connect.join(', ')}],\n`) + '})\n'
}
