/** So many decisions of one hook, as a busy machine would make them: to measure what the page bears. */
import { AT_FDCWD, ECHILD, F_OK } from '@lsmkit/abi'
import type { Machine } from './machine.ts'

/** Milliseconds between two turns of the event loop. */
const SLICE = 16

/** Milliseconds it took. */
export const flood = async (
  { kernel: { sys, init }, stack }: Machine,
  wanted: number,
  send: () => void,
): Promise<number> => {
  const from = performance.now()
  const made = { count: 0 }
  // -ECHILD is no decision: the hook is asked again where it may wait
  const link = stack.observe('inode_permission', {
    exit: (_inode, _mask, rc) => {
      if (rc !== -ECHILD) made.count++
    },
  })
  try {
    while (made.count < wanted) {
      const end = performance.now() + SLICE
      while (made.count < wanted && performance.now() < end) sys.faccessat(init, AT_FDCWD, '/usr/bin/login', F_OK)
      send()
      await new Promise((resolve) => void setTimeout(resolve))
    }
  } finally {
    link.detach()
  }
  return performance.now() - from
}
