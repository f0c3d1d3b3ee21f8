/** The text about a word in a module: its type, its documentation, and the kernel's words about hooks. */
import { syscallByName } from '@lsmkit/abi'
import ts from 'typescript'
import { FILE } from './language.ts'
import { hookNamedBy, hookTexts, parameterText } from './hook-places.ts'
import type { Explained, Hover, Signature } from './protocol.ts'

/** Links in documentation become their words. */
const wordsOf = (parts: readonly ts.SymbolDisplayPart[] | undefined): string =>
  ts.displayPartsToString(parts as ts.SymbolDisplayPart[] | undefined)
    .replace(/\{@link(?:code|plain)? ([^}|]*?)(?:\|[^}]*| [^}]*)?\}/g, '$1')

const paragraphs = (text: string): readonly string[] =>
  text.split(/\n\s*\n/).map((one) => one.trim().replace(/\n(?![-*|])/g, ' ')).filter((one) => one !== '')

const tagText = ({ name, text }: ts.JSDocTagInfo): string => `@${name} ${wordsOf(text)}`.trim()

/** A type, documentation and tags as TypeScript gives them. */
export const explained = (
  { displayParts, documentation, tags = [] }: Pick<ts.QuickInfo, 'displayParts' | 'documentation' | 'tags'>,
): Explained => ({
  type: wordsOf(displayParts),
  texts: [...paragraphs(wordsOf(documentation)), ...tags.map(tagText).flatMap(paragraphs)],
})

/** The innermost token that touches an offset. */
export const tokenAt = (file: ts.SourceFile, at: number): ts.Node => {
  const within = (node: ts.Node): ts.Node =>
    ts.forEachChild(node, (child) => (child.pos <= at && at <= child.end ? child : undefined)) ?? node
  let node: ts.Node = file
  for (let next = within(node); next !== node; next = within(node)) node = next
  return node
}

/** The documentation of the type that a value has: of `inode`, what an `Inode` is. */
const typeTexts = (checker: ts.TypeChecker, symbol: ts.Symbol, node: ts.Node): readonly string[] => {
  const type = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(symbol, node))
  const named = type.aliasSymbol ?? type.symbol as ts.Symbol | undefined
  if (named === undefined || named === symbol || named.name.startsWith('__')) return []
  const [first] = paragraphs(wordsOf(named.getDocumentationComment(checker)))
  return first === undefined ? [] : [`${named.name}: ${first}`]
}

/** A call of `kernel.sys`, which has no documentation of its own. */
const callText = (checker: ts.TypeChecker, node: ts.Node): string | null => {
  if (!ts.isIdentifier(node) || !ts.isPropertyAccessExpression(node.parent) || node.parent.name !== node) return null
  const number = syscallByName(node.text)
  const isCall = checker.getTypeAtLocation(node.parent.expression).aliasSymbol?.name === 'SysCalls'
  if (!isCall || number === undefined) return null
  return `${node.text}(2), system call ${number}. The first argument is the task that makes it; the answer is its ` +
    'result or -errno, and is never thrown.'
}

export const hoverAt = (service: ts.LanguageService, at: number): Hover | null => {
  const info = service.getQuickInfoAtPosition(FILE, at)
  if (info === undefined) return null
  const { start, length } = info.textSpan
  const program = service.getProgram()!
  const checker = program.getTypeChecker()
  const node = tokenAt(program.getSourceFile(FILE)!, start + 1)
  const { type, texts } = explained(info)
  const place = { from: start, to: start + length, type }
  const hook = hookNamedBy(node)
  if (hook !== null) return { ...place, texts: hookTexts(hook) }
  const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined
  if (symbol === undefined) return { ...place, texts }
  const parameter = parameterText(symbol.valueDeclaration)
  const own = [parameter ?? callText(checker, node) ?? [], texts].flat()
  return { ...place, texts: [...own, ...typeTexts(checker, symbol, node)] }
}

export const signatureAt = (service: ts.LanguageService, at: number): Signature | null => {
  const help = service.getSignatureHelpItems(FILE, at, {})
  const item = help?.items[help.selectedItemIndex]
  if (help === undefined || item === undefined) return null
  const parameter = item.parameters[help.argumentIndex]
  return {
    before: wordsOf(item.prefixDisplayParts),
    parameters: item.parameters.map(({ displayParts }) => wordsOf(displayParts)),
    after: wordsOf(item.suffixDisplayParts),
    active: help.argumentIndex,
    texts: [...paragraphs(wordsOf(parameter?.documentation)), ...paragraphs(wordsOf(item.documentation))],
  }
}
