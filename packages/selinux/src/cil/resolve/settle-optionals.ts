/**
 * Which optionals stay. Every name in one is asked for; those in which one stands for nothing are taken out, with what
 * they declare, and then only what went through a name that is gone is asked again: optionals in a chain, each needing
 * the next, take as long as the chain and not as its square.
 */
import { IN_OPTIONAL } from '../ast/places.ts'
import { CilError } from '../errors.ts'
import { bindAlias, settleAlias } from './aliases.ts'
import { bind, bindArgument } from './bind.ts'
import { bindCommon } from './class-statements.ts'
import type { Resolver } from './resolver.ts'
import type { Argument, Declared, Question, Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import { statementResolvers } from './statements.ts'
import type * as symbols from './symbols.ts'
import { isSkipped } from './walk.ts'

/** Throws CilError for a name outside of optionals that stands for nothing. */
export const settleOptionals = (r: Resolver, policy: Scope): void => new Settling(r).settle(policy)

class Settling {
  readonly #r: Resolver
  #asked = 0
  #changed: Declared[] = []

  constructor(r: Resolver) {
    this.#r = r
  }

  settle(policy: Scope): void {
    bind(this.#r, policy, {
      alias: (scope, node) => this.#first(scope, 'alias', node, null),
      common: (scope, node) => this.#first(scope, 'common', node, null),
      argument: (scope, argument) => this.#first(scope, 'argument', argument.node, argument),
    })
    this.#tryOptionals(policy, false)
    for (;;) {
      this.#changed.push(...this.#r.optionals.drop())
      if (this.#changed.length === 0) break
      const again = new Set(this.#changed.flatMap((symbol) => symbol.dependents))
      for (const symbol of this.#changed) symbol.dependents = []
      this.#changed = []
      for (const question of [...again].sort((a, b) => a.order - b.order)) {
        if (!question.scope.isDropped) this.#ask(question)
      }
    }
    this.#r.lookup.question = null
  }

  #first(scope: Scope, what: Question['what'], node: number, argument: Argument | null): void {
    this.#ask({ order: this.#asked++, scope, what, node, argument, bound: null })
  }

  #ask(question: Question): void {
    const r = this.#r
    const { scope, what, node } = question
    r.lookup.question = question
    switch (what) {
      case 'alias': return this.#bindAlias(question)
      case 'common': return this.#bindCommon(question)
      case 'argument': return bindArgument(r, scope, question.argument!)
      case 'statement': return this.#attempt(() => statementResolvers[r.word(node + 1)]!(r, scope, node))
      case 'condition': return this.#attempt(() => r.expression(scope.parent!, spaces.BOOLEANS, r.arg(node, 1)))
    }
  }

  /** A mistake of another kind is told later, if the statement stays. */
  #attempt(ask: () => unknown): void {
    this.#r.isTrial = true
    try {
      ask()
    } catch (error) {
      if (!(error instanceof CilError) || error.code === 'too-many') throw error
    } finally {
      this.#r.isTrial = false
    }
  }

  #bindAlias(question: Question): void {
    const before = question.bound as symbols.Alias | null
    const stood = before?.actual ?? null
    if (before !== null) before.bound = before.actual = null
    const alias = bindAlias(this.#r, question.scope, question.node)
    if (before === null) (question.scope.bindings ??= []).push(question)
    // The first time nothing has gone through it yet, and all are settled together.
    else if (alias !== null) settleAlias(alias)
    if (before !== null && (before !== alias || before.actual !== stood)) this.#changed.push(before)
    question.bound = alias ?? before
  }

  #bindCommon(question: Question): void {
    const before = question.bound as symbols.ClassSymbol | null
    const stood = before?.common ?? null
    if (before !== null) before.common = null
    const tclass = bindCommon(this.#r, question.scope, question.node)
    if (tclass !== null && (question.scope.places & IN_OPTIONAL) !== 0) tclass.mayChange = true
    if (before === null) (question.scope.bindings ??= []).push(question)
    else if (before !== tclass || before.common !== stood) this.#changed.push(before)
    question.bound = tclass ?? before
  }

  #tryOptionals(scope: Scope, isInside: boolean): void {
    if (isInside && scope.kind === 'booleanif') this.#first(scope, 'condition', scope.node, null)
    for (const item of scope.items) {
      if (typeof item !== 'number') {
        if (!isSkipped(item)) this.#tryOptionals(item, isInside || item.kind === 'optional')
      } else if (isInside && statementResolvers[this.#r.word(item + 1)] !== undefined) {
        this.#first(scope, 'statement', item, null)
      }
    }
  }
}
