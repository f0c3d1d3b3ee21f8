/** What a policy is made of, apart from type enforcement rules: one thing, and what of it can differ. */
import type { PolicyView } from '../view.ts'

export interface Component {
  /** What it is known by, in one policy and in another: a name, or a statement without what it gives. */
  readonly name: string
  /** The statement in the syntax of policy source, as setools prints it. */
  readonly statement: string
  /** A text is one value; a list is a set of names. */
  readonly has: Readonly<Record<string, string | readonly string[]>>
}

export interface ComponentKind {
  /** What sediff calls them. */
  readonly title: string
  /** Symbols are told by name, all else by statement. */
  readonly isSymbol: boolean
  /** In the order of the policy. */
  list(view: PolicyView): Component[]
}

/** `x`, or `{ x y }`. */
export const braced = (names: readonly string[]): string => names.length === 1 ? names[0]! : `{ ${names.join(' ')} }`
