/** Counts handles, and notifies the owner of an object of the first and the last. */
import { BR_ACQUIRE, BR_DECREFS, BR_INCREFS, BR_RELEASE } from '@lsmkit/abi'
import type { BinderNode, BinderRef } from '../../../state/binder/process.ts'

const notify = ({ proc, ptr, cookie }: BinderNode, ...cmds: readonly number[]): void => {
  if (proc.isDead) return
  for (const cmd of cmds) proc.todo.push({ kind: 'return', value: { cmd, ptr, cookie } })
  proc.wait.wake()
}

const isHeld = ({ refs }: BinderNode): boolean => [...refs].some(({ strong, weak }) => strong + weak > 0)

export const incRef = (ref: BinderRef, kind: 'strong' | 'weak'): void => {
  if (!isHeld(ref.node)) notify(ref.node, BR_INCREFS, BR_ACQUIRE)
  ref[kind]++
}

/** A handle that nothing holds any more is forgotten. */
export const decRef = (ref: BinderRef, kind: 'strong' | 'weak'): void => {
  if (ref[kind] === 0) return
  ref[kind]--
  if (ref.strong + ref.weak > 0) return
  ref.proc.refs.delete(ref.handle)
  ref.node.refs.delete(ref)
  if (!isHeld(ref.node)) notify(ref.node, BR_RELEASE, BR_DECREFS)
}
