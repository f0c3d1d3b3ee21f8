/**
 * Makes top-level declarations of a bundle constants again. esbuild writes `var` for every top-level `const` and
 * `class` that it bundles; V8 folds and inlines what is `const`, and has to load a `var` at each use.
 */
import ts from 'typescript'

const { FirstAssignment, LastAssignment, PlusPlusToken, MinusMinusToken } = ts.SyntaxKind

const isVar = (node: ts.Node): node is ts.VariableDeclarationList =>
  ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0

/** Every name in a target of an assignment. Names of properties are among them: fewer declarations change. */
const namesIn = (target: ts.Node): string[] => {
  if (ts.isIdentifier(target)) return [target.text]
  const names: string[] = []
  ts.forEachChild(target, (child) => void names.push(...namesIn(child)))
  return names
}

/** What `node` itself gives a value to, other than by a declaration. */
const targetOf = (node: ts.Node): ts.Node | null => {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken
    return kind >= FirstAssignment && kind <= LastAssignment ? node.left : null
  }
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    return node.operator === PlusPlusToken || node.operator === MinusMinusToken ? node.operand : null
  }
  return ts.isForInStatement(node) || ts.isForOfStatement(node) ? node.initializer : null
}

/** Names that get a second value, or are declared by a second `var`, in any scope. */
const changing = (file: ts.SourceFile): Set<string> => {
  const names = new Set<string>()
  const declared = new Set<string>()
  const visit = (node: ts.Node): void => {
    const target = targetOf(node)
    const isSimple = target !== null && !ts.isPropertyAccessExpression(target) && !ts.isElementAccessExpression(target)
    if (isSimple) for (const name of namesIn(target)) names.add(name)
    if (isVar(node)) {
      for (const { name } of node.declarations) {
        if (!ts.isIdentifier(name)) continue
        if (declared.has(name.text)) names.add(name.text)
        declared.add(name.text)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return names
}

/** `code`, an ES module, with `const` for each top-level `var` that has a value and never gets another one. */
export const keepConst = (code: string): string => {
  const file = ts.createSourceFile('bundle.js', code, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS)
  const changes = changing(file)
  const isConstant = ({ name, initializer }: ts.VariableDeclaration): boolean =>
    ts.isIdentifier(name) && initializer !== undefined && !changes.has(name.text)
  let out = ''
  let at = 0
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue
    const list = statement.declarationList
    if (!isVar(list) || !list.declarations.every(isConstant)) continue
    const start = list.getStart(file)
    out += `${code.slice(at, start)}const`
    at = start + 'var'.length
  }
  return out + code.slice(at)
}
