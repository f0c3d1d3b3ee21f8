/** Hooks in the text of a module: which one a word belongs to, and what there is to say of it and its parameters. */
import { hookNames } from '@lsmkit/core'
import type { HookName } from '@lsmkit/core'
import { hookDoc, hookParagraphs } from '@lsmkit/core/hook-docs'
import ts from 'typescript'

const known: ReadonlySet<string> = new Set(hookNames)

const hookOf = (name: ts.PropertyName): HookName | null =>
  ts.isIdentifier(name) && known.has(name.text) ? (name.text as HookName) : null

/** The property of a group of hooks that a node is the name or the function of. */
const hookProperty = (node: ts.Node): HookName | null => {
  if (ts.isMethodDeclaration(node) || ts.isPropertyAssignment(node)) return hookOf(node.name)
  const { parent } = node
  return ts.isPropertyAssignment(parent) && parent.initializer === node ? hookOf(parent.name) : null
}

/** Paragraphs of a hook: its prototype in C, when it is asked, what its answer means, each parameter. */
export const hookTexts = (name: HookName): readonly string[] => {
  const doc = hookDoc(name)
  const parameters = doc.parameters.map((one) => `${one.name}: ${one.says}`)
  return [doc.signature, ...hookParagraphs(doc, 6), ...parameters]
}

/** The hook whose name a word is, where hooks are written. */
export const hookNamedBy = (word: ts.Node): HookName | null => {
  const { parent } = word
  const isName = (ts.isMethodDeclaration(parent) || ts.isPropertyAssignment(parent)) && parent.name === word
  return isName ? hookProperty(parent) : null
}

/** The kernel's words about a parameter of a hook; null for parameters of other functions. */
export const parameterText = (declaration: ts.Declaration | undefined): string | null => {
  if (declaration === undefined || !ts.isParameter(declaration)) return null
  const { parent } = declaration
  const name = hookProperty(parent)
  if (name === null) return null
  const says = hookDoc(name).parameters[parent.parameters.indexOf(declaration)]
  return says === undefined ? null : `${says.name} of ${name}: ${says.says}`
}

/** Names of a group that no hook has, where a module has no hooks of its own beside the kernel's. */
export const unknownHooks = (file: ts.SourceFile): readonly ts.Identifier[] => {
  const found: ts.Identifier[] = []
  let hasOwn = false
  const look = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText(file) === 'ownHooks') hasOwn = true
    if (ts.isObjectLiteralExpression(node) && isHookGroup(node)) {
      const names = node.properties.flatMap(({ name }) => (name !== undefined && ts.isIdentifier(name) ? [name] : []))
      found.push(...names.filter(({ text }) => !known.has(text)))
    }
    ts.forEachChild(node, look)
  }
  look(file)
  return hasOwn ? [] : found
}

/** Whether hooks are the names that belong into an object: what a function at `hooks` answers, or `hooks` itself. */
export const isHookGroup = (object: ts.ObjectLiteralExpression): boolean => {
  let node: ts.Node = object
  while (ts.isParenthesizedExpression(node.parent) || ts.isArrayLiteralExpression(node.parent)) node = node.parent
  const { parent } = node
  const answered = ts.isArrowFunction(parent) && parent.body === node ? parent : answeredBy(parent)
  const owner = answered?.parent ?? parent
  return ts.isPropertyAssignment(owner) && ts.isIdentifier(owner.name) && owner.name.text === 'hooks'
}

const answeredBy = (node: ts.Node): ts.Node | null => {
  if (!ts.isReturnStatement(node)) return null
  return ts.findAncestor(node, (one) => ts.isArrowFunction(one) || ts.isFunctionExpression(one)) ?? null
}
