/** Finds members of classes that are private in types only: `#name` is private when the program runs, too. */
import type { Finding, Node } from './closures.ts'

interface Member extends Node {
  readonly accessibility?: string | null
  readonly kind?: string
}

/** A constructor has no `#` form, so `private constructor` stays. */
export const privateMember = (node: Node): Finding | null => {
  const { accessibility, kind } = node as Member
  if (accessibility !== 'private' || kind === 'constructor') return null
  return { node, message: 'Write `#name` for a private member, not the word `private`.' }
}
