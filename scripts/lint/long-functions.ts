/**
 * Finds functions of more than 100 lines. A switch of short cases and a table of data do not count: they are read line
 * by line, and parts of them would be harder to follow. The rest of the function counts.
 */
import type { Finding, Node } from './closures.ts'

export const MOST_LINES = 100
/** A case of a switch that is longer is code of its own. */
const MOST_LINES_OF_CASE = 30

const CHECKED = /^(packages|apps|conformance|bench|fuzz|scripts)\//
const TESTS_AND_GENERATED = /\.test(-d)?\.tsx?$|\/test\/|\/generated\//

type Fields = Readonly<Record<string, unknown>>
interface Key {
  readonly name?: string
  readonly value?: unknown
}
interface WithParent extends Node {
  readonly parent?: WithParent
  readonly id?: Key | null
  readonly key?: Key
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value
const linesOf = ({ loc }: Node): number => loc.end.line - loc.start.line + 1

const childrenOf = (node: Node): Node[] =>
  Object.entries(node as unknown as Fields).filter(([key]) => key !== 'parent')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]) as unknown[]).filter(isNode)

const holdsBlocks = (node: Node): boolean =>
  childrenOf(node).some((child) => child.type === 'BlockStatement' || holdsBlocks(child))

/** A switch of short cases, a literal without a function that has statements, or a call with literals alone. */
const isListing = (node: Node): boolean => {
  if (node.type === 'SwitchStatement') {
    return childrenOf(node).every((child) => child.type !== 'SwitchCase' || linesOf(child) <= MOST_LINES_OF_CASE)
  }
  if (node.type === 'CallExpression') {
    const { arguments: given } = node as unknown as { readonly arguments: readonly Node[] }
    return given.every(({ type }) => type === 'Literal')
  }
  return (node.type === 'ObjectExpression' || node.type === 'ArrayExpression') && !holdsBlocks(node)
}

/** Lines of the longest switch or table inside of a function. */
const longestListing = (node: Node): number =>
  Math.max(0, ...childrenOf(node).map((child) => (isListing(child) ? linesOf(child) : longestListing(child))))

export const countedLines = (node: Node): number => {
  const lines = linesOf(node)
  return lines > MOST_LINES ? lines - longestListing(node) : lines
}

/** `f` of `function f`, `const f = …`, `{ f() {} }` and methods; the name around it for a function without a name. */
const nameOf = (node: Node): string => {
  for (let at: WithParent | undefined = node; at !== undefined; at = at.parent) {
    const name = at.id?.name ?? at.key?.name ?? at.key?.value
    if (name !== undefined) return String(name)
  }
  return 'default'
}

/** The finding of a function that is too long; null for any other, and in files that are not checked. */
export const longFunction = (file: string, node: Node): Finding | null => {
  if (!CHECKED.test(file) || TESTS_AND_GENERATED.test(file)) return null
  const lines = countedLines(node)
  if (lines <= MOST_LINES) return null
  return { node, message: `${nameOf(node)} has ${lines} lines, ${MOST_LINES} are the most: split it by subject.` }
}
