/** The lint rule `lsmkit/printers`: nobody prints, raises errors or writes HTML but by the ways of the table. */
import { relative } from 'node:path'
import { errorBases, ownWords, sinks } from './table.ts'

interface Named {
  readonly type: string
  readonly name?: string
}
interface MemberNode {
  readonly object: Named
  readonly property: Named
}
interface ClassNode {
  readonly superClass: Named | null
}
type Node = MemberNode | ClassNode
export interface RuleContext {
  readonly filename: string
  readonly cwd: string
  report(finding: { readonly message: string; readonly node: Node }): void
}

const SHIPPED = /^(packages|apps)\/[^/]+\/src\//
const TESTS = /\.test(-d)?\.tsx?$|\/testing\//
const streams = new Set(['stdout', 'stderr'])
const errors = new Set(['Error', 'TypeError', 'RangeError'])
const html = new Set(['innerHTML', 'outerHTML', 'insertAdjacentHTML'])

export const printFault = (file: string, object: string | undefined, property: string | undefined): string | null => {
  if (!SHIPPED.test(file) || TESTS.test(file) || property === undefined) return null
  if (html.has(property)) return `\`${property}\` takes names of strangers for HTML: make elements, set their text.`
  if (object !== 'process' || !streams.has(property) || sinks.has(file)) return null
  return 'who prints makes names safe (oneLine of @lsmkit/abi) and has a line in scripts/printers/table.ts.'
}

export const errorFault = (file: string, base: string | undefined): string | null => {
  if (!SHIPPED.test(file) || TESTS.test(file) || base === undefined || !errors.has(base)) return null
  if (errorBases.has(file) || ownWords.has(file)) return null
  return 'extend LsmkitError, or pass the message through oneLine and add the file to scripts/printers/table.ts.'
}

export const printers = {
  create(context: RuleContext) {
    const file = relative(context.cwd, context.filename).replaceAll('\\', '/')
    const tell = (node: Node, message: string | null): void => {
      if (message !== null) context.report({ message, node })
    }
    const checkClass = (node: ClassNode): void => tell(node, errorFault(file, node.superClass?.name))
    return {
      MemberExpression: (node: MemberNode) => tell(node, printFault(file, node.object.name, node.property.name)),
      ClassDeclaration: checkClass,
      ClassExpression: checkClass,
    }
  },
}
