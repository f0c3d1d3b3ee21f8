/**
 * Answers by hook and ordered functions: stacks whose members are the same functions get the same prototype, and one
 * call site that serves them all stays monomorphic. Held weakly: it dies with the functions.
 */
import type { AnyHookDef, HookFn } from '../hooks/hook-types.ts'
import type { ChainMember } from './slot.ts'
import type { Answer } from './key.ts'

interface Node {
  /** Answers for the functions that lead here, with the members they were made of. */
  readonly answers: { readonly chain: readonly ChainMember[]; readonly answer: Answer }[]
  readonly next: WeakMap<HookFn, Node>
}

const node = (): Node => ({ answers: [], next: new WeakMap() })
const roots = new WeakMap<AnyHookDef, Node>()

const childOf = <K extends object>(map: WeakMap<K, Node>, key: K): Node => {
  let child = map.get(key)
  if (child === undefined) map.set(key, (child = node()))
  return child
}

const sameMember = (a: ChainMember, b: ChainMember): boolean =>
  a.lsm === b.lsm && a.id === b.id && a.position === b.position && a.program === b.program && a.range === b.range &&
  a.verdict === b.verdict

/** The answer for this chain, made by `make` when there is none yet. */
export const cachedAnswer = (def: AnyHookDef, chain: readonly ChainMember[], make: () => Answer): Answer => {
  let at = childOf(roots, def)
  for (const { fn } of chain) at = childOf(at.next, fn)
  const known = at.answers.find((entry) => entry.chain.every((member, i) => sameMember(member, chain[i]!)))
  if (known !== undefined) return known.answer
  const answer = make()
  at.answers.push({ chain, answer })
  return answer
}
