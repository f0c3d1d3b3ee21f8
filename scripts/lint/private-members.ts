/** Finds members of classes that are private in types only: `#name` is private when the program runs, too. */
import type { Finding, Node } from './closures.ts'

interface Member extends Node {
  readonly accessibility?: string | null
  readonly kind?: string
}

/** Whose members are converted room by room. */
const NOT_YET = 'packages/kernel/'

/** A constructor has no `#` form, so `private constructor` stays. */
export const privateMember = (node: Node, file = ''): Finding | null => {
  if (file.startsWith(NOT_YET)) return null
  const { accessibility, kind } = node as Member
  if (accessibility !== 'private' || kind === 'constructor') return null
  return { node, message: 'Write `#name` for a private member, not the word `private`.' }
}
