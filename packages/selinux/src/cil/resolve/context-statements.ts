/** Contexts, and what is labelled with them. */
import { ipBytes } from '../../ip-bytes.ts'
import { W } from '../keywords.ts'
import { parseNumber } from './numbers.ts'
import type { Resolver } from './resolver.ts'
import type { StatementResolver } from './rule-statements.ts'
import type { Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import type * as symbols from './symbols.ts'

const number = (r: Resolver, atom: number, anyBase = false): number =>
  parseNumber(r.tree.text(atom), anyBase) ?? r.fail('bad-value', `\`${r.tree.text(atom)}\` is not a number`, atom)

/** `n` or `(low high)`. */
const numbers = (r: Resolver, node: number, anyBase = false): [number, number] => {
  if (!r.tree.isList(node)) {
    const value = number(r, node, anyBase)
    return [value, value]
  }
  const ends = r.tree.children(node)
  if (ends.length !== 2 || ends.some((end) => r.tree.isList(end))) r.fail('bad-syntax', 'a range is `(low high)`', node)
  return [number(r, ends[0]!, anyBase), number(r, ends[1]!, anyBase)]
}

export const context: StatementResolver = (r, scope, node) => {
  const symbol = scope.namespace.tables!.get(spaces.CONTEXTS, r.word(r.arg(node, 1))) as symbols.ContextSymbol
  if (!r.fillContext(scope, r.arg(node, 2), symbol)) return false
  if (!r.isTrial) r.facts.contexts.push(symbol)
  return true
}

export const sidContext: StatementResolver = (r, scope, node) => {
  const sid = r.find(scope, spaces.SIDS, r.arg(node, 1)) as symbols.SidSymbol | null
  const label = sid === null ? null : r.context(scope, r.arg(node, 2))
  if (label === null) return false
  if (r.isTrial) return true
  if (sid!.context !== null) r.fail('conflict', `sid \`${r.tree.text(r.arg(node, 1))}\` has a context already`, node)
  sid!.context = label
  return true
}

const fileTypes: ReadonlySet<number> = new Set([W.any, W.file, W.dir, W.char, W.block, W.socket, W.pipe, W.symlink])

const fileType = (r: Resolver, atom: number): number => {
  const word = r.word(atom)
  return fileTypes.has(word) ? word : r.fail('bad-value', `\`${r.tree.text(atom)}\` is not a type of file`, atom)
}

export const filecon: StatementResolver = (r, scope, node) => {
  const path = r.string(scope, r.arg(node, 1))
  const type = fileType(r, r.arg(node, 2))
  const label = r.arg(node, 3)
  const isNone = r.tree.isList(label) && r.tree.isEmpty(label)
  const found = isNone ? null : r.context(scope, label)
  if (found === null && !isNone) return false
  if (!r.isTrial) r.facts.fileContexts.push({ node, scope, path, type, context: found })
  return true
}

const behaviors: Readonly<Record<number, number>> = { [W.xattr]: 1, [W.trans]: 2, [W.task]: 3 }

export const fsuse: StatementResolver = (r, scope, node) => {
  const behavior = behaviors[r.word(r.arg(node, 1))] ??
    r.fail('bad-value', 'a file system is labelled by `xattr`, `task` or `trans`', r.arg(node, 1))
  const label = r.context(scope, r.arg(node, 3))
  if (label === null) return false
  const name = r.nonEmpty(scope, r.arg(node, 2))
  if (!r.isTrial) r.facts.fsUses.push({ node, scope, behavior, name, context: label })
  return true
}

export const genfscon: StatementResolver = (r, scope, node) => {
  const hasType = r.arg(node, 4) >= 0
  const type = hasType ? fileType(r, r.arg(node, 3)) : W.any
  const label = r.context(scope, r.arg(node, hasType ? 4 : 3))
  if (label === null) return false
  const [fstype, path] = [r.nonEmpty(scope, r.arg(node, 1)), r.nonEmpty(scope, r.arg(node, 2))]
  if (!r.isTrial) r.facts.genfs.push({ node, scope, fstype, path, type, context: label })
  return true
}

const protocols: Readonly<Record<number, number>> = { [W.tcp]: 6, [W.udp]: 17, [W.dccp]: 33, [W.sctp]: 132 }

export const portcon: StatementResolver = (r, scope, node) => {
  const protocol = protocols[r.word(r.arg(node, 1))] ??
    r.fail('bad-value', 'ports are those of `tcp`, `udp`, `dccp` and `sctp`', r.arg(node, 1))
  const [low, high] = numbers(r, r.arg(node, 2))
  const label = r.context(scope, r.arg(node, 3))
  if (label === null) return false
  if (!r.isTrial) r.facts.ports.push({ node, scope, protocol, low, high, context: label })
  return true
}

export const netifcon: StatementResolver = (r, scope, node) => {
  const label = r.context(scope, r.arg(node, 2))
  const packet = label === null ? null : r.context(scope, r.arg(node, 3))
  if (packet === null) return false
  const name = r.tree.text(r.arg(node, 1)) || r.fail('bad-name', 'a policy holds no empty name', r.arg(node, 1))
  if (!r.isTrial) r.facts.netifs.push({ node, scope, name, context: label!, packet })
  return true
}

/** An address, `(address)`, or the name of one. */
const address = (r: Resolver, scope: Scope, node: number): Uint8Array | null => {
  const atom = r.tree.isList(node) ? node + 1 : node
  const text = r.tree.text(atom)
  if (text.includes('.') || text.includes(':')) {
    const bytes = ipBytes(text)
    if (bytes !== null || r.tree.isList(node) || text.includes(':')) {
      return bytes ?? r.fail('bad-value', `\`${text}\` is not an address`, atom)
    }
  }
  return (r.find(scope, spaces.ADDRESSES, atom) as symbols.AddressSymbol | null)?.bytes ?? null
}

export const ipaddr: StatementResolver = (r, scope, node) => {
  const symbol = scope.namespace.tables!.get(spaces.ADDRESSES, r.word(r.arg(node, 1))) as symbols.AddressSymbol
  const atom = r.arg(node, 2)
  symbol.bytes = (ipBytes(r.tree.text(atom)) ??
    r.fail('bad-value', `\`${r.tree.text(atom)}\` is not an address`, atom)) as Uint8Array<ArrayBuffer>
  return true
}

export const nodecon: StatementResolver = (r, scope, node) => {
  const host = address(r, scope, r.arg(node, 1))
  const mask = host === null ? null : address(r, scope, r.arg(node, 2))
  const label = mask === null ? null : r.context(scope, r.arg(node, 3))
  if (label === null) return false
  if (host!.length !== mask!.length) r.fail('bad-value', 'address and mask are not of one kind', node)
  if (!r.isTrial) r.facts.nodes.push({ node, scope, address: host!, mask: mask!, context: label })
  return true
}

export const ibpkeycon: StatementResolver = (r, scope, node) => {
  const atom = r.arg(node, 1)
  const prefix = r.tree.isList(atom) ? null : ipBytes(r.tree.text(atom))
  if (prefix === null || prefix.length !== 16) return r.fail('bad-value', 'a subnet prefix is an IPv6 address', atom)
  const [low, high] = numbers(r, r.arg(node, 2), true)
  const label = r.context(scope, r.arg(node, 3))
  if (label === null) return false
  if (!r.isTrial) {
    r.facts.ibPkeys.push({ node, scope, subnet: r.tree.text(atom), prefix: prefix.slice(0, 8), low, high,
      context: label })
  }
  return true
}

export const ibendportcon: StatementResolver = (r, scope, node) => {
  const port = number(r, r.arg(node, 2))
  // secilc writes others too, but no kernel loads them
  if (port < 1 || port > 255) r.fail('bad-value', 'a port of a device is a number from 1 to 255', r.arg(node, 2))
  const label = r.context(scope, r.arg(node, 3))
  if (label === null) return false
  if (!r.isTrial) r.facts.ibEndports.push({ node, scope, name: r.tree.text(r.arg(node, 1)), port, context: label })
  return true
}

/** Xen's own labels: they are checked, and no policy for Linux has them. */
export const xenLabel: StatementResolver = (r, scope, node) => {
  if (r.word(node + 1) === W.devicetreecon) r.string(scope, r.arg(node, 1))
  else numbers(r, r.arg(node, 1), true)
  return r.context(scope, r.arg(node, 2)) !== null
}
