/**
 * Modules that have no answer for who must not block. A path walk asks with MAY_NOT_BLOCK first. A module that may have
 * to sleep answers -ECHILD, and is asked the same again without. One that answers so whatever it is asked says it here,
 * and the walk leaves the first question out: it would have learned nothing.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Slot } from './slot.ts'

/** Whether it is so now; the module changes it. */
export interface Blocks {
  always: boolean
}

interface Marked {
  readonly blocks?: Blocks | undefined
}

const blocksOf = (fn: HookFn): Blocks | undefined => (fn as Marked).blocks

/**
 * Says of a module's `inode_permission`: while `blocks.always`, it answers -ECHILD to who asks for some permission with
 * MAY_NOT_BLOCK, and does nothing else. Returns `fn`, which carries the mark and so must be this instance's own; a
 * function that wraps it has none.
 */
export const alwaysBlocks = <F extends HookFn>(fn: F, blocks: Blocks): F => Object.assign(fn, { blocks })

/** A function for a whole hook carries the mark if only a gate would be asked before the member that has it. */
export const passOnBlocks = ({ chain, walk, around, trampoline }: Slot, fn: HookFn): HookFn => {
  if (walk !== null || around !== null || trampoline !== null) return fn
  const first = chain.find(({ verdict }) => verdict === null)
  const blocks = first === undefined ? undefined : blocksOf(first.fn)
  return blocks === undefined ? fn : alwaysBlocks(fn, blocks)
}

/**
 * True when a question with MAY_NOT_BLOCK would be answered -ECHILD, and nobody would notice that it was asked: no
 * program, no observer, no module in front. False says nothing. A gate may still answer 0: it lets private inodes pass.
 */
export const isAlwaysBlocking = ({ ask }: { readonly ask: HookFn }): boolean => blocksOf(ask)?.always === true
