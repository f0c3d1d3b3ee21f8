/** The components of a policy, apart from type enforcement rules: one thing, and the parts of it that can differ. */
import type { PolicyView } from '../view.ts'

export interface Component {
  /** The key that identifies it in one policy and in another: a name, or a statement without its result. */
  readonly name: string
  /** The statement in the syntax of policy source, as setools prints it. */
  readonly statement: string
  /** A text is one value; a list is a set of names. */
  readonly has: Readonly<Record<string, string | readonly string[]>>
}

export interface ComponentKind {
  /** The title that sediff uses for them. */
  readonly title: string
  /** Symbols are listed by name, all others by statement. */
  readonly isSymbol: boolean
  /** In the order of the policy. */
  list(view: PolicyView): Component[]
}

/** `x`, or `{ x y }`. */
export const braced = (names: readonly string[]): string => names.length === 1 ? names[0]! : `{ ${names.join(' ')} }`
