/**
 * Finds factory closures: top-level functions of more than 60 lines that hold two or more functions. Inner functions
 * cannot be imported, tested alone or listed by an outline. Export functions that take the object they need, and keep
 * state in a named class.
 */
export const MOST_LINES = 60

/** As much of an ESTree node as is looked at. */
export interface Node {
  readonly type: string
  readonly loc: { readonly start: { readonly line: number }; readonly end: { readonly line: number } }
  readonly body?: unknown
}
interface Named {
  readonly name: string
  readonly node: Node
}

const FUNCTIONS = ['ArrowFunctionExpression', 'FunctionExpression', 'FunctionDeclaration']
const SHIPPED = /^packages\/[^/]+\/src\/(?!.*\.test(-d)?\.ts$)(?!(.*\/)?(testing|fuzz)\/)/

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value
const isFunction = (node: Node): boolean => FUNCTIONS.includes(node.type) && isNode(node.body)

/** Functions right inside `node`, not those inside of them. */
const heldBy = (node: Node): number => {
  let held = 0
  for (const [key, value] of Object.entries(node)) {
    if (key === 'parent') continue
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) held += isFunction(child) ? 1 : heldBy(child)
    }
  }
  return held
}

/** `function f`, `const f = …`, or `export` of one. */
interface Declaration {
  readonly id?: { readonly name: string } | null
  readonly declaration?: Node
  readonly declarations?: readonly { readonly id: { readonly name: string }; readonly init: Node }[]
}

const topLevel = (statement: Node): Named[] => {
  const given = statement as unknown as Declaration
  if (isNode(given.declaration)) return topLevel(given.declaration)
  if (isFunction(statement)) return [{ name: given.id?.name ?? 'default', node: statement }]
  const declarations = given.declarations ?? []
  return declarations.filter(({ init }) => isNode(init) && isFunction(init))
    .map(({ id, init }) => ({ name: id.name, node: init }))
}

const isClosure = ({ node }: Named): boolean =>
  node.loc.end.line - node.loc.start.line + 1 > MOST_LINES && heldBy(node) > 1

export interface Finding {
  readonly message: string
  readonly node: Node
}

/** The factory closures of a file. */
export const closureFindings = (file: string, program: Node): Finding[] =>
  !SHIPPED.test(file) ? [] : (program.body as Node[]).flatMap(topLevel).filter(isClosure).map(({ name, node }) => ({
    node,
    message: `${name} is a factory of over ${MOST_LINES} lines: export functions that take the object they need.`,
  }))
