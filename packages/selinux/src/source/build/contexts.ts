/** Labels that a base module gives to what no rule creates. */
import { ownValue } from '@lsmkit/abi'
import type { PolicyModule } from '../../module/module.ts'
import type { Genfs, InitialSid } from '../../policydb/policydb.ts'
import type { Statement, StatementOf } from '../te/ast.ts'
import type { Builder } from './builder.ts'
import { contextOf } from './levels.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

export class Labels {
  readonly contexts: Mutable<PolicyModule['contexts']> = {
    initialSids: [], fsContexts: [], ports: [], netifs: [], nodes: [], fsUses: [], nodes6: [], ibPkeys: [],
    ibEndports: [],
  }
  readonly genfs: Genfs[] = []
  /** Names of initial SIDs, in the order of their numbers. */
  readonly sids: string[] = []
}

const protocols: Readonly<Record<string, number>> = { tcp: 6, udp: 17, dccp: 33, sctp: 132 }
const behaviors = { xattr: 1, trans: 2, task: 3 } as const
/** The class of a kind of file, by the letter that ls prints. */
const fileClasses: Readonly<Record<string, string>> = {
  '-': 'file', d: 'dir', c: 'chr_file', b: 'blk_file', s: 'sock_file', p: 'fifo_file', l: 'lnk_file',
}

const insertBefore = <T>(list: T[], item: T, isBehind: (known: T) => boolean): void => {
  const at = list.findIndex(isBehind)
  list.splice(at < 0 ? list.length : at, 0, item)
}

const sidContext = (builder: Builder, labels: Labels, { name, context }: StatementOf<'sid_context'>): void => {
  const sid = labels.sids.indexOf(name.text) + 1
  if (sid === 0) builder.fail('unresolved', `initial SID \`${name.text}\` is not declared`, name.at)
  if (labels.contexts.initialSids.some((known) => known.sid === sid)) {
    builder.fail('redeclared', `initial SID \`${name.text}\` has its context already`, name.at)
  }
  const found: InitialSid = { sid, context: contextOf(builder, context) }
  insertBefore(labels.contexts.initialSids, found, (known) => known.sid < sid)
}

const genfscon = (builder: Builder, labels: Labels, statement: StatementOf<'genfscon'>): void => {
  const { name, path, type, context } = statement
  let genfs = labels.genfs.find(({ fstype }) => fstype === name.text)
  if (genfs === undefined) insertBefore(labels.genfs, genfs = { fstype: name.text, paths: [] },
    ({ fstype }) => fstype > name.text)
  const kind = type === null ? null : ownValue(fileClasses, type.text)
  if (kind === undefined) return builder.fail('bad-value', `\`${type!.text}\` is not a kind of file`, type!.at)
  const tclass = kind === null ? 0 : builder.find('classes', { text: kind, at: type!.at }).value
  const clashes = (known: number): boolean => known === 0 || tclass === 0 || known === tclass
  if (genfs.paths.some((known) => known.path === path.text && clashes(known.tclass))) {
    builder.fail('redeclared', `\`${name.text}\` has a label for \`${path.text}\` already`, path.at)
  }
  // The longest path that fits counts, and it comes first.
  insertBefore(genfs.paths, { path: path.text, tclass, context: contextOf(builder, context) },
    (known) => known.path.length < path.text.length)
}

/** Checkpolicy compares masks of IPv4 from their last byte on, those of IPv6 from the first. */
const compareMasks = (a: Uint8Array, b: Uint8Array): number => {
  const order = [...a.keys()]
  if (a.length === 4) order.reverse()
  for (const i of order) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

export const addLabel = (builder: Builder, labels: Labels, statement: Statement): void => {
  const { contexts } = labels
  switch (statement.kind) {
    case 'sid_context': return sidContext(builder, labels, statement)
    case 'fs_use':
      return void contexts.fsUses.unshift({
        behavior: behaviors[statement.behavior], name: statement.name.text,
        context: contextOf(builder, statement.context),
      })
    case 'genfscon': return genfscon(builder, labels, statement)
    case 'portcon': {
      const { protocol, low, high } = statement
      const number = ownValue(protocols, protocol.text)
      if (number === undefined) return builder.fail('bad-value', `\`${protocol.text}\` is not a protocol`, protocol.at)
      if (low > high || high > 0xffff) builder.fail('bad-value', `${low}-${high} is not a range of ports`, statement.at)
      return void contexts.ports.push({ protocol: number, low, high, context: contextOf(builder, statement.context) })
    }
    case 'netifcon':
      return void contexts.netifs.unshift({
        name: statement.name.text, interface: contextOf(builder, statement.context),
        packet: contextOf(builder, statement.packet),
      })
    case 'nodecon': {
      const { address, mask } = statement
      const list = address.length === 4 ? contexts.nodes : contexts.nodes6
      const context = contextOf(builder, statement.context)
      // The narrowest network that fits counts, and it comes first.
      return insertBefore(list, { address, mask, context }, (known) => compareMasks(known.mask, mask) < 0)
    }
    case 'ibpkeycon':
      return void contexts.ibPkeys.push({
        subnetPrefix: statement.prefix, low: statement.low, high: statement.high,
        context: contextOf(builder, statement.context),
      })
    case 'ibendportcon':
      return void contexts.ibEndports.push({
        name: statement.name.text, port: statement.port, context: contextOf(builder, statement.context),
      })
    default:
      return undefined
  }
}
