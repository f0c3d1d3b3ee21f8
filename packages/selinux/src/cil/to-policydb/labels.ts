/** The objects that the policy labels: sorted for first-match lookup as libsepol sorts them, and each labelled once. */
import type {
  FsUse, Genfs, IbEndport, IbPkey, InitialSid, Netif, Node, ObjectClass, Policydb, Port,
} from '../../policydb/policydb.ts'
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Labelled } from '../resolve/facts.ts'
import type { ContextSymbol, SidSymbol } from '../resolve/symbols.ts'
import type { Numbering } from './numbering.ts'
import { isSameContext } from './same-context.ts'

type Labels = Pick<Policydb,
  'initialSids' | 'ports' | 'netifs' | 'nodes' | 'nodes6' | 'fsUses' | 'ibPkeys' | 'ibEndports' | 'genfs'>

export const compareText = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

export const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

export interface LabelOptions {
  /** A label may be said again if it is the same. */
  readonly multipleDeclarations: boolean
}

/** Sorts; two that are the same thing must have one context, and must not be there unless repeats are allowed. */
export const sortLabels = <T extends { readonly node: number }>(
  n: Numbering, items: readonly T[], what: string, compare: (a: T, b: T) => number,
  contexts: (item: T) => readonly (ContextSymbol | null)[],
  options: LabelOptions,
): T[] => {
  const sorted = [...items].sort(compare)
  return sorted.filter((item, i) => {
    const before = sorted[i - 1]
    if (before === undefined || compare(before, item) !== 0) return true
    const [mine, theirs] = [contexts(item), contexts(before)]
    if (options.multipleDeclarations && mine.every((context, at) => isSameContext(n, context, theirs[at]!))) {
      return false
    }
    throw new CilError('conflict', `two ${what} label the same thing`, n.tree.place(item.node),
      { related: [{ message: 'the other', place: n.tree.place(before.node) }] })
  })
}

export const writeLabels = (
  n: Numbering, sidOrder: readonly SidSymbol[], classes: readonly ObjectClass[], options: LabelOptions,
): Labels => {
  const { facts } = n
  const one = ({ context }: Labelled): ContextSymbol[] => [context]
  const initialSids = sidOrder.flatMap(({ context }, i): InitialSid[] =>
    context === null ? [] : [{ sid: i + 1, context: n.context(context) }])
  const ports = sortLabels(n, facts.ports, 'portcon', (a, b) =>
    ((a.high - a.low) >>> 0) - ((b.high - b.low) >>> 0) || a.low - b.low || a.protocol - b.protocol, one, options)
  const netifs = sortLabels(n, facts.netifs, 'netifcon', compareNetif, ({ context, packet }) => [context, packet],
    options)
  const nodes = sortLabels(n, facts.nodes, 'nodecon', (a, b) => a.address.length - b.address.length ||
    compareBytes(b.mask, a.mask) || compareBytes(a.address, b.address), one, options)
  const fsUses = sortLabels(n, facts.fsUses, 'fsuse', (a, b) => a.behavior - b.behavior || compareText(a.name, b.name),
    one, options)
  const pkeys = sortLabels(n, facts.ibPkeys, 'ibpkeycon', (a, b) =>
    compareText(a.subnet, b.subnet) || (a.high - a.low) - (b.high - b.low) || a.low - b.low, one, options)
  const endports = sortLabels(n, facts.ibEndports, 'ibendportcon',
    (a, b) => compareText(a.name, b.name) || a.port - b.port, one, options)
  const label = ({ context }: Labelled) => n.context(context)
  const node = (item: (typeof nodes)[number]): Node =>
    ({ address: item.address, mask: item.mask, context: label(item) })
  return {
    initialSids,
    ports: ports.map(
      (item): Port => ({ protocol: item.protocol, low: item.low, high: item.high, context: label(item) })),
    netifs: netifs.map((item): Netif => ({ name: item.name, interface: label(item), packet: n.context(item.packet) })),
    nodes: nodes.filter(({ address }) => address.length === 4).map(node),
    nodes6: nodes.filter(({ address }) => address.length === 16).map(node),
    fsUses: fsUses.map((item): FsUse => ({ behavior: item.behavior, name: item.name, context: label(item) })),
    ibPkeys: pkeys.map((item): IbPkey => (
      { subnetPrefix: item.prefix, low: item.low, high: item.high, context: label(item) })),
    ibEndports: endports.map((item): IbEndport => ({ name: item.name, port: item.port, context: label(item) })),
    genfs: genfs(n, classes, options),
  }
}

/** Names before patterns; patterns with longer fixed beginnings first, `?` before `*`. */
const compareNetif = (a: { name: string }, b: { name: string }): number => {
  const stem = (name: string): number => name.search(/[*?]/)
  const [x, y] = [stem(a.name), stem(b.name)]
  if (x < 0 || y < 0) return x < 0 && y < 0 ? compareText(a.name, b.name) : x < 0 ? -1 : 1
  return y - x || compareText(b.name[y]!, a.name[x]!) || compareText(a.name, b.name)
}

const fileClasses: ReadonlyMap<number, string> = new Map([
  [W.file, 'file'], [W.dir, 'dir'], [W.char, 'chr_file'], [W.block, 'blk_file'], [W.socket, 'sock_file'],
  [W.pipe, 'fifo_file'], [W.symlink, 'lnk_file'],
])

const genfs = (n: Numbering, classes: readonly ObjectClass[], options: LabelOptions): Genfs[] => {
  const sorted = sortLabels(n, n.facts.genfs, 'genfscon',
    (a, b) => compareText(a.fstype, b.fstype) || compareText(a.path, b.path),
    ({ context }) => [context], options)
  const systems: Genfs[] = []
  for (const { fstype, path, type, context, node } of sorted) {
    const name = fileClasses.get(type)
    const tclass = name === undefined ? 0 : classes.find((item) => item.name === name)?.value
    if (tclass === undefined) throw new CilError('missing', `the policy has no class \`${name}\``, n.tree.place(node))
    if (systems.at(-1)?.fstype !== fstype) systems.push({ fstype, paths: [] })
    systems.at(-1)!.paths.push({ path, tclass, context: n.context(context) })
  }
  return systems
}
