/**
 * Object literals that are used as dictionaries: an index by any string (`table[name]`, `name in table`). Every literal
 * has `constructor` and `__proto__`, so a name that somebody else chooses finds what nobody has put there.
 */
import ts from 'typescript'

export interface Found {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The expression. */
  readonly text: string
}

/** Whether a type holds strings beyond known ones. */
const isOpen = (type: ts.Type): boolean =>
  type.isUnion() ? type.types.some(isOpen) : (type.flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral)) !== 0

class Finder {
  readonly found: Found[] = []
  readonly #checker: ts.TypeChecker
  readonly #file: ts.SourceFile

  constructor(checker: ts.TypeChecker, file: ts.SourceFile) {
    this.#checker = checker
    this.#file = file
  }

  readonly visit = (node: ts.Node): void => {
    if (this.#isIndex(node) || this.#isIn(node)) this.#add(node)
    ts.forEachChild(node, this.visit)
  }

  #add(node: ts.Node): void {
    const { line } = this.#file.getLineAndCharacterOfPosition(node.getStart())
    this.found.push({ file: this.#file.fileName, line: line + 1, text: node.getText() })
  }

  #isIndex(node: ts.Node): boolean {
    if (!ts.isElementAccessExpression(node)) return false
    const { expression, argumentExpression: key } = node
    return this.#isOpenKey(key) && this.#isTable(expression) && this.#isLiteral(expression) &&
      !this.#isGuarded(node, `Object.hasOwn(${textOf(expression)}, ${textOf(key)})`)
  }

  #isIn(node: ts.Node): boolean {
    return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword &&
      this.#isOpenKey(node.left) && this.#isLiteral(node.right)
  }

  #isOpenKey(key: ts.Expression): boolean {
    return !ts.isStringLiteralLike(key) && isOpen(this.#checker.getTypeAtLocation(key))
  }

  /** Fields of any name. */
  #isTable(expression: ts.Expression): boolean {
    const of = (type: ts.Type): boolean => {
      if (type.isUnion()) return type.types.some(of)
      if (this.#checker.isArrayType(type) || this.#checker.isTupleType(type)) return false
      return (type.flags & ts.TypeFlags.Any) !== 0 ||
        this.#checker.getIndexTypeOfType(type, ts.IndexKind.String) !== undefined
    }
    return of(this.#checker.getTypeAtLocation(expression))
  }

  /** Whether an object literal, or a field of one, is behind it. */
  #isLiteral(node: ts.Expression): boolean {
    const inner = bare(node)
    if (ts.isObjectLiteralExpression(inner)) return true
    if (ts.isBinaryExpression(inner)) return DEFAULTS.has(inner.operatorToken.kind) && this.#isLiteral(inner.right)
    if (ts.isElementAccessExpression(inner) || ts.isPropertyAccessExpression(inner))
      return this.#isLiteral(inner.expression)
    return ts.isIdentifier(inner) && this.#declarations(inner).some((one) =>
      ts.isVariableDeclaration(one) && one.initializer !== undefined && this.#isLiteral(one.initializer))
  }

  #declarations(name: ts.Identifier): readonly ts.Declaration[] {
    const symbol = this.#checker.getSymbolAtLocation(name)
    if (symbol === undefined) return []
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
    return (isAlias ? this.#checker.getAliasedSymbol(symbol) : symbol).declarations ?? []
  }

  /** Within the function around it. */
  #isGuarded(node: ts.Node, guard: string): boolean {
    for (let at = node.parent; at !== undefined; at = at.parent) {
      if (textOf(at).includes(guard)) return true
      if (ts.isFunctionLike(at)) return false
    }
    return false
  }
}

const DEFAULTS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.QuestionQuestionEqualsToken, ts.SyntaxKind.BarBarToken,
])
/** Without parentheses and assertions of types. */
const bare = (node: ts.Expression): ts.Expression =>
  ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ? bare(node.expression) : node

const textOf = (node: ts.Node): string => node.getText().replaceAll('!', '')

/** In these files of the program. */
export const findDictionaries = (program: ts.Program, files: readonly string[]): Found[] => {
  const wanted = new Set(files)
  return program.getSourceFiles().filter(({ fileName }) => wanted.has(fileName)).flatMap((file) => {
    const finder = new Finder(program.getTypeChecker(), file)
    finder.visit(file)
    return finder.found
  })
}
