/** C-001: the order that refpolicy's style guide wants of a module's sections and of the rules in each. */
import { isBlock } from '../syntax/ast.ts'
import type { BlockNode, SourceNode } from '../syntax/ast.ts'
import type { LintContext } from './context.ts'
import { isAccessRule, namesIn, seenNodes, seenWithin } from './names.ts'
import type { Ordering } from './config.ts'

/** Rules about one domain are a section, named by it; declarations come first; the rest may stand anywhere. */
const ANYWHERE = '_non_ordered'
const DECLARATIONS = '_declaration'

/** Parts of a section, in their order. */
const parts = [
  'self rule', 'own module rule', 'related module interface', 'kernel module interface', 'kernel layer interface',
  'system layer interface', 'general interface', 'build option', 'boolean policy block', 'tunable policy block',
  'optional policy block', 'unknown subsection',
] as const
type Part = (typeof parts)[number]

const orderedParts: Readonly<Record<Ordering, readonly Part[]>> = {
  'refpolicy': parts.filter((part) => part !== 'related module interface' && part !== 'unknown subsection'),
  'refpolicy-light':
    parts.filter((part) => !/layer|unknown/.test(part)),
  'refpolicy-lax': ['self rule', 'own module rule'],
}

/** The outermost conditional block that a node is in; an optional block is in itself. */
const blockParts: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['ifdef', 'build option'], ['optional', 'optional policy block'], ['else', 'optional policy block'],
  ['if', 'boolean policy block'], ['tunable', 'tunable policy block'],
])

const conditionalPart = (node: SourceNode): Part | null => {
  let found: Part | null = null
  let at: SourceNode | null = isBlock(node) && node.kind !== 'optional' ? node.parent : node
  for (; at !== null; at = at.parent) found = blockParts.get(at.kind) ?? found
  return found
}

const first = (words: readonly string[]): string => words[0] ?? ''

const statementSection = (node: SourceNode & { kind: 'statement' }): string => {
  const { statement } = node
  if (isAccessRule(statement) || 'operation' in statement) {
    if (statement.kind.startsWith('neverallow') || statement.kind.startsWith('auditallow')) return ANYWHERE
    const names = isAccessRule(statement) ? statement.permissions.words.map(({ text }) => text) : []
    if (names.includes('associate') || names.includes('mounton')) return ANYWHERE
    return first(namesIn(node))
  }
  switch (statement.kind) {
    case 'type_transition': case 'type_member': case 'type_change': case 'range_transition':
      return statement.targets.words[0]?.text ?? ANYWHERE
    case 'typealias': case 'typeattribute': case 'roleattribute': return DECLARATIONS
    default: return ANYWHERE
  }
}

class Sections {
  readonly #context: LintContext
  readonly #lines = new Map<string, { sum: number; count: number }>()

  constructor(context: LintContext, nodes: readonly SourceNode[]) {
    this.#context = context
    for (const node of nodes) {
      this.#count(this.of(node), node)
      // An optional block weighs twice: as itself and as what it begins with.
      if (node.kind === 'optional' || node.kind === 'else') this.#count(this.of(node), node)
    }
  }

  lineOf(node: SourceNode): number {
    const { lines } = this.#context.syntax
    return lines.lineOf(isBlock(node) ? node.start : node.end - 1)
  }

  #count(section: string, node: SourceNode): void {
    const found = this.#lines.get(section) ?? { sum: 0, count: 0 }
    this.#lines.set(section, { sum: found.sum + this.lineOf(node), count: found.count + 1 })
  }

  /** Sections stand in the order of the lines that their rules have on average. */
  averageLine(section: string): number {
    const found = this.#lines.get(section)
    return found === undefined ? -1 : Math.fround(found.sum / found.count)
  }

  #ofInside(node: BlockNode): string {
    const [inside] = seenNodes(node.body)
    return inside === undefined ? ANYWHERE : this.of(inside)
  }

  of(node: SourceNode): string {
    if (node.kind === 'statement') return statementSection(node)
    if (node.kind === 'declaration') return node.parent?.kind === 'require' ? ANYWHERE : DECLARATIONS
    if (node.kind === 'call') return this.#ofCall(node)
    if (isBlock(node) && node.kind !== 'require') return this.#ofInside(node)
    return ANYWHERE
  }

  #ofCall(node: SourceNode & { kind: 'call' }): string {
    const { symbols } = this.#context
    const name = node.name.text
    if (symbols.labelling.has(name)) return ANYWHERE
    const declares = symbols.templates.has(name) || symbols.transforming.has(name) || symbols.roleInterfaces.has(name)
    if (declares && conditionalPart(node) === null) return DECLARATIONS
    if (node.args.length === 0) return ANYWHERE
    return node.args[0]!.words[0]?.text ?? ''
  }

  partOf(node: SourceNode): Part {
    const conditional = conditionalPart(node)
    if (conditional !== null) return conditional
    if (node.kind === 'statement' && 'targets' in node.statement && !/^(type|range)_/.test(node.statement.kind) &&
      [...node.statement.targets.words, ...node.statement.targets.without][0]?.text === 'self') return 'self rule'
    if (this.#isOwn(node)) return 'own module rule'
    return node.kind === 'call' ? this.#partOfCall(node.name.text) : 'unknown subsection'
  }

  #isOwn(node: SourceNode): boolean {
    const { symbols, module } = this.#context
    const isRule = node.kind === 'statement' && (isAccessRule(node.statement) || 'operation' in node.statement)
    if (!isRule && node.kind !== 'call') return false
    if (node.kind === 'call') {
      const of = symbols.interfaces.get(node.name.text)
      if (of !== undefined) return of === module
    }
    return namesIn(node).every((name) => {
      const of = symbols.moduleOf('type', name) ?? symbols.moduleOf('attribute', name)
      return of === undefined || of === module
    })
  }

  #partOfCall(name: string): Part {
    const { symbols, module, config } = this.#context
    const of = symbols.interfaces.get(name)
    if (of === undefined) return 'general interface'
    const layer = symbols.layers.get(of)
    const isLight = config.ordering === 'refpolicy-light'
    if (config.ordering !== 'refpolicy' && prefixOf(of) === prefixOf(module)) return 'related module interface'
    if (of === 'kernel') return 'kernel module interface'
    if (!isLight && layer === 'kernel') return 'kernel layer interface'
    return !isLight && layer === 'system' ? 'system layer interface' : 'general interface'
  }
}

const prefixOf = (module: string): string => module.split('_')[0]!

const stemOf = (section: string): string =>
  (section.length >= 3 && /_[tr]$/.test(section) ? section.slice(0, -2) : section)

/** As the shorter stem decides nothing, the longer one's length of both names must be equal. */
const isSameSection = (a: string, b: string): boolean => {
  const length = Math.max(stemOf(a).length, stemOf(b).length)
  return a.slice(0, length) === b.slice(0, length)
}

const declarationKinds = ['bool', 'attribute']

type Reason = 'section' | 'declaration' | 'part' | 'alphabet'
/** Null where both may stand either way. */
type Order = { readonly reason: Reason; readonly isRight: boolean } | null

class Comparison {
  readonly #sections: Sections
  readonly #context: LintContext

  constructor(context: LintContext, sections: Sections) {
    this.#context = context
    this.#sections = sections
  }

  of(before: SourceNode, after: SourceNode): Order {
    const [a, b] = [this.#sections.of(before), this.#sections.of(after)]
    if (a === ANYWHERE || b === ANYWHERE) return null
    if (!isSameSection(a, b)) return { reason: 'section', isRight: this.#areSectionsRight(a, b) }
    return a === DECLARATIONS ? declarations(before, after) : this.#parts(before, after)
  }

  #areSectionsRight(a: string, b: string): boolean {
    if (a === DECLARATIONS) return true
    return b !== DECLARATIONS && this.#sections.averageLine(a) <= this.#sections.averageLine(b)
  }

  #parts(before: SourceNode, after: SourceNode): Order {
    const { ordering } = this.#context.config
    const [a, b] = [this.#sections.partOf(before), this.#sections.partOf(after)]
    if (a === 'unknown subsection' || b === 'unknown subsection') return null
    if (a !== b) {
      for (const part of orderedParts[ordering]) {
        if (a === part || b === part) return { reason: 'part', isRight: a === part }
      }
    }
    return ordering === 'refpolicy-lax' ? null : this.#alphabet(before, after, a, b)
  }

  /** Calls by the names of their modules; optional blocks by their first call. */
  #alphabet(before: SourceNode, after: SourceNode, a: Part, b: Part): Order {
    const isInBlock = a === 'build option' || a === 'boolean policy block' || a === 'tunable policy block'
    const areFirst = a === b && isFirst(before) && isFirst(after)
    if (before.kind === 'call' && after.kind === 'call' && !isInBlock && (a !== 'optional policy block' || areFirst)) {
      const { interfaces } = this.#context.symbols
      const [one, other] = [interfaces.get(before.name.text), interfaces.get(after.name.text)]
      if (one !== undefined && other !== undefined && one !== other) return { reason: 'alphabet', isRight: one < other }
    }
    if (a !== 'optional policy block' || b !== a || !isBlock(before) || !isBlock(after)) return null
    const [one, other] = [seenNodes(before.body)[0], seenNodes(after.body)[0]]
    return one === undefined || other === undefined ? null : this.of(one, other)
  }
}

const isFirst = (node: SourceNode): boolean => node.parent !== null && seenNodes(node.parent.body)[0] === node

const declarations = (before: SourceNode, after: SourceNode): Order => {
  if (before.kind !== 'declaration' || after.kind !== 'declaration' || before.declares === after.declares) return null
  for (const kind of declarationKinds) {
    if (before.declares === kind) return { reason: 'declaration', isRight: true }
    if (after.declares === kind) return { reason: 'declaration', isRight: false }
  }
  return null
}

const isWrong = (order: Order): boolean => order !== null && !order.isRight

/** A longest run of nodes of which each follows on the one before; all others are out of order. */
const inOrder = (nodes: readonly SourceNode[], comparison: Comparison): Set<SourceNode> => {
  const ends: number[] = []
  const previous: number[] = []
  nodes.forEach((node, i) => {
    let [low, high] = [0, ends.length - 1]
    while (low <= high) {
      const middle = (low + high + 1) >> 1
      if (isWrong(comparison.of(nodes[ends[middle]!]!, node))) high = middle - 1
      else low = middle + 1
    }
    previous.push(low === 0 ? -1 : ends[low - 1]!)
    ends[low] = i
  })
  const found = new Set<SourceNode>()
  for (let i = ends.at(-1) ?? -1; i >= 0; i = previous[i]!) found.add(nodes[i]!)
  return found
}

const reasons: Readonly<Record<Reason, string>> = {
  section: 'which is of another section', declaration: 'which declares something of another kind',
  part: 'which is', alphabet: 'by the names of their modules',
}

/** Nodes that are out of order, with what a reader should know of it. */
export const disorderOf = (
  context: LintContext, disabled: ReadonlyMap<SourceNode, readonly string[]>,
): Map<SourceNode, string> => {
  const nodes = [...seenWithin(context.syntax.nodes)].filter((node) => disabled.get(node)?.includes('C-001') !== true)
  const sections = new Sections(context, nodes)
  const comparison = new Comparison(context, sections)
  const ordered = inOrder(nodes, comparison)
  const found = new Map<SourceNode, string>()
  nodes.forEach((node, i) => {
    if (!ordered.has(node)) found.set(node, reasonOf(nodes, i, ordered, sections, comparison))
  })
  return found
}

/** The nearest node that stands on the wrong side. */
const reasonOf = (
  nodes: readonly SourceNode[], i: number, ordered: ReadonlySet<SourceNode>, sections: Sections,
  comparison: Comparison,
): string => {
  const node = nodes[i]!
  for (let distance = 1; distance < nodes.length; distance++) {
    for (const other of [nodes[i - distance], nodes[i + distance]]) {
      if (other === undefined || !ordered.has(other)) continue
      const isBefore = other === nodes[i - distance]
      const order = isBefore ? comparison.of(other, node) : comparison.of(node, other)
      if (order === null || order.isRight) continue
      const of = order.reason === 'part' ? ` a ${sections.partOf(other)}` : ''
      return `a ${sections.partOf(node)} stands ${isBefore ? 'after' : 'before'} line ${sections.lineOf(other)}, ` +
        `${reasons[order.reason]}${of}`
    }
  }
  return `a ${sections.partOf(node)} is out of order`
}
