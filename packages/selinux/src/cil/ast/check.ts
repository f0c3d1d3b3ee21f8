/**
 * Looks at each statement by itself: a keyword of the language, arguments of the right shape, at a place that takes it.
 */
import { POLICYDB_VERSION_COND_XPERMS } from '../../policydb/constants.ts'
import { CilError } from '../errors.ts'
import { W, statementWords } from '../keywords.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { Tree } from '../parse.ts'
import { checkParts } from './parts.ts'
import * as places from './places.ts'
import { EMPTY, LIST, NAME, OPTIONAL, REPEATED, describeShape, shapeOf } from './statements.ts'

export interface Language {
  /** Statements of libsepol 3.10 besides those of 3.8: typeneveraudit. */
  readonly dialect: '3.8' | '3.10'
  /** The version of the policy to be made: before 34, conditions have no extended permissions. */
  readonly version: number
}

/** What makes names with dots, which qualified names are without it. */
const blocks: ReadonlySet<number> = new Set([W.block, W.blockinherit, W.blockabstract, W.in])

const extended: ReadonlySet<number> = new Set([W.allowx, W.auditallowx, W.dontauditx])

/** Throws CilError for the first statement that is wrong in itself. */
export const checkStatements = (tree: Tree, language: Language): void => {
  const checker = new Checker(tree, language)
  for (const { from, to } of tree.roots) checker.statements(from, to, 0)
}

class Checker {
  readonly #tree: Tree
  readonly #language: Language

  constructor(tree: Tree, language: Language) {
    this.#tree = tree
    this.#language = language
  }

  statements(from: number, to: number, around: number): void {
    for (let at = from; at < to; at = this.#tree.next[at]!) this.#statement(at, around)
  }

  #statement(node: number, around: number): void {
    const tree = this.#tree
    const keyword = this.#keyword(node)
    const place = places.misplaced(keyword, around)
    if ((around & places.IN_BOOLEANIF) !== 0 && extended.has(keyword)) this.#conditionalExtended(node, keyword)
    if (tree.names.areQualified && blocks.has(keyword)) {
      throw new CilError('misplaced', `\`${statementWords[keyword]}\` is not allowed beside qualified names`,
        tree.place(node))
    }
    if (place !== null) {
      throw new CilError('misplaced', `\`${statementWords[keyword]}\` is not allowed in ${place}`, tree.place(node))
    }
    if (!this.#fits(node, shapeOf[keyword]!)) {
      throw new CilError('bad-syntax', `these are not arguments of \`${statementWords[keyword]}\``, tree.place(node),
        { hint: `written as: ${describeShape(statementWords[keyword]!)}` })
    }
    checkParts(tree, node, keyword)
    switch (keyword) {
      case W.block:
        return this.#body(node, 2, around | places.IN_BLOCK)
      case W.macro:
        return this.#body(node, 3, around | places.IN_MACRO)
      case W.optional:
        return this.#body(node, 2, around | places.IN_OPTIONAL)
      case W.in:
        return this.#inStatement(node, around | places.IN_IN)
      case W.booleanif:
        return this.#branches(node, around | places.IN_BOOLEANIF)
      case W.tunableif:
        return this.#branches(node, around | places.IN_TUNABLEIF)
    }
  }

  #conditionalExtended(node: number, keyword: number): void {
    const { version } = this.#language
    if (version >= POLICYDB_VERSION_COND_XPERMS) return
    const message = `\`${statementWords[keyword]}\` cannot be conditional in a policy of version ${version}`
    throw new CilError('misplaced', message, this.#tree.place(node), { hint: 'since version 34 it can' })
  }

  #keyword(node: number): number {
    const tree = this.#tree
    const place = tree.place.bind(tree)
    if (!tree.isList(node)) {
      throw new CilError('bad-syntax', `\`${tree.text(node)}\` stands where a statement should be`, place(node))
    }
    if (tree.isEmpty(node)) throw new CilError('bad-syntax', 'an empty list is not a statement', place(node))
    const first = node + 1
    if (tree.isList(first)) throw new CilError('bad-syntax', 'a statement begins with a keyword', place(first))
    const keyword = tree.word[first]!
    if (keyword >= statementWords.length) {
      throw new CilError('unknown-keyword', `\`${tree.text(first)}\` is not a statement`, place(first),
        { hint: didYouMean(tree.text(first), statementWords) })
    }
    if (keyword === W.typeneveraudit && this.#language.dialect === '3.8') {
      throw new CilError('unknown-keyword', '`typeneveraudit` is not a statement of libsepol 3.8', place(first),
        { hint: 'it came with 3.10 and policy version 35: compile with that dialect' })
    }
    return keyword
  }

  #fits(node: number, shape: readonly number[]): boolean {
    const { word, next } = this.#tree
    const end = next[node]!
    let at = next[node + 1]!
    for (const mask of shape) {
      if ((mask & REPEATED) !== 0) {
        while (at < end) {
          if ((this.#kindOf(at) & mask) === 0) return false
          at = next[at]!
        }
      } else if (at === end) {
        if ((mask & OPTIONAL) === 0) return false
      } else {
        const kind = word[at]! >= 0 ? NAME : this.#kindOf(at)
        if ((kind & mask) === 0) return false
        at = next[at]!
      }
    }
    return at === end
  }

  #kindOf(node: number): number {
    return !this.#tree.isList(node) ? NAME : this.#tree.isEmpty(node) ? EMPTY : LIST
  }

  #body(node: number, first: number, around: number): void {
    const start = this.#tree.child(node, first)
    if (start >= 0) this.statements(start, this.#tree.next[node]!, around)
  }

  #inStatement(node: number, around: number): void {
    const tree = this.#tree
    const when = tree.child(node, 1)
    if (tree.isList(tree.child(node, 2))) return this.#body(node, 2, around)
    const word = tree.word[when]!
    if (word !== W.before && word !== W.after) {
      throw new CilError('bad-value', `\`${tree.text(when)}\` is neither \`before\` nor \`after\``, tree.place(when))
    }
    this.#body(node, 3, word === W.after ? around | places.IN_IN_AFTER : around)
  }

  #branches(node: number, around: number): void {
    const tree = this.#tree
    const seen = new Set<number>()
    for (const branch of tree.children(node, 2)) {
      const word = tree.word[branch + 1]!
      if ((word !== W.true && word !== W.false) || seen.has(word)) {
        throw new CilError('bad-syntax', 'a condition has one `(true …)`, one `(false …)`, or both', tree.place(branch))
      }
      seen.add(word)
      const first = tree.child(branch, 1)
      if (first < 0) throw new CilError('bad-syntax', 'a branch without statements', tree.place(branch))
      this.statements(first, tree.next[branch]!, around)
    }
  }
}
