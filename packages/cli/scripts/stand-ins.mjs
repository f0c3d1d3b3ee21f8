/**
 * Stand-ins for what a module exports: a function of the same name and number of arguments that calls the real one, a
 * table of such functions, and numbers and texts as they are. Everything else has none.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

const bare = (node) =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)
    ? bare(node.expression)
    : node

const isFunction = (node) =>
  ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node) ||
  ts.isMethodDeclaration(node)

const isExported = ({ modifiers = [] }) => modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

const SAME = [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]

/** Names that are compared with another name: a function would not be the same as its stand-in. */
const comparedIn = (node, found = new Set()) => {
  if (ts.isBinaryExpression(node) && SAME.includes(node.operatorToken.kind)) {
    const sides = [node.left, node.right]
    if (sides.every((side) => ts.isIdentifier(side) || ts.isPropertyAccessExpression(side))) {
      for (const side of sides) if (ts.isIdentifier(side) && side.text !== 'undefined') found.add(side.text)
    }
  }
  ts.forEachChild(node, (child) => void comparedIn(child, found))
  return found
}

const read = (path) => {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const declared = new Map()
  const imported = new Map()
  const exported = []
  const passed = []
  const add = (name, node, statement) => {
    declared.set(name, node)
    if (isExported(statement)) exported.push(name)
  }
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement)) add(statement.name.text, statement, statement)
    else if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name) && initializer !== undefined) add(name.text, bare(initializer), statement)
      }
    } else if (ts.isImportDeclaration(statement) && statement.moduleSpecifier.text.startsWith('.')) {
      for (const { name, propertyName } of statement.importClause?.namedBindings?.elements ?? []) {
        imported.set(name.text, [join(dirname(path), statement.moduleSpecifier.text), (propertyName ?? name).text])
      }
    } else if (ts.isExportDeclaration(statement) && !statement.isTypeOnly && statement.moduleSpecifier !== undefined) {
      const from = join(dirname(path), statement.moduleSpecifier.text)
      const names = statement.exportClause?.elements?.filter(({ isTypeOnly }) => !isTypeOnly) ?? []
      for (const { name, propertyName } of names) passed.push([from, (propertyName ?? name).text])
    }
  }
  return { declared, imported, exported, passed, compared: comparedIn(file) }
}

const known = new Map()
/**
 * The top of a module: what it declares, imports from its own package, and passes on from another module; and the names
 * that it compares.
 */
export const moduleOf = (path) => {
  if (!known.has(path)) known.set(path, read(path))
  return known.get(path)
}

/** The function of that name in a module, declared there or imported from a neighbour; undefined if it is not one. */
export const functionOf = (path, name) => {
  const { declared, imported } = moduleOf(path)
  if (imported.has(name)) return functionOf(...imported.get(name))
  const node = declared.get(name)
  return node !== undefined && isFunction(node) ? node : undefined
}

const isOptional = ({ initializer, dotDotDotToken }) => initializer !== undefined || dotDotDotToken !== undefined

/** `length` of a function counts its parameters before the first that has a default. */
const ofFunction = ({ parameters }, callee) => {
  const at = parameters.findIndex(isOptional)
  const names = parameters.slice(0, at < 0 ? parameters.length : at).map((_, i) => `a${i}`)
  const list = [...names, ...(at < 0 ? [] : ['...more'])].join()
  return `(${list})=>${callee}(${list})`
}

/** The function that an entry of a table is, if it is one. */
const functionIn = (path, property) => {
  if (ts.isMethodDeclaration(property)) return property
  if (ts.isShorthandPropertyAssignment(property)) return functionOf(path, property.name.text)
  if (!ts.isPropertyAssignment(property)) return undefined
  const value = bare(property.initializer)
  if (ts.isIdentifier(value)) return functionOf(path, value.text)
  return isFunction(value) ? value : undefined
}

const ofTable = (path, { properties }, callee) => {
  const entries = properties.map((property) => {
    const name = property.name?.getText() ?? ''
    const node = functionIn(path, property)
    return node === undefined || !/^\w+$/.test(name) ? null : `${name}:${ofFunction(node, `${callee}.${name}`)}`
  })
  return entries.length === 0 || entries.includes(null) ? null : `{${entries}}`
}

const usesThis = ({ parameters: [first] }) => first?.name.getText() === 'this'

/** The text of the stand-in for an export of the module, which calls `callee`; null if there is none. */
export const standInFor = (path, name, callee) => {
  const node = moduleOf(path).declared.get(name)
  if (isFunction(node)) return usesThis(node) ? null : ofFunction(node, callee)
  if (ts.isNumericLiteral(node) || ts.isStringLiteral(node)) return node.getText()
  return ts.isObjectLiteralExpression(node) ? ofTable(path, node, callee) : null
}
