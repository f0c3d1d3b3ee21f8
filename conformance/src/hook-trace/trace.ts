/**
 * The hooks one system call asks, as the recorded table writes them: in order, a dot for each dispatch they are
 * asked from.
 */
import { PF_IO_WORKER } from '@lsmkit/abi'
import { hookProfile } from '@lsmkit/core'
import type { AnyKeyMap, HookName, Stack } from '@lsmkit/core'
import type { Machine } from '@lsmkit/kernel'
import { LATER } from './later.ts'

export interface Traced {
  readonly rc: number
  readonly hooks: readonly string[]
}

type AnyFn = (...args: unknown[]) => unknown

export class HookTrace {
  #seen: string[] | null = null
  #depth = 0
  /** Hooks that the window put off, or that were asked in other contexts. */
  readonly later = new Set<string>()
  isOn = false
  /** Set once it has booted. */
  machine: Machine | null = null

  constructor(stack: Stack) {
    for (const name of Object.keys(hookProfile(stack.profile).hooks) as HookName[]) {
      stack.observe(name, {
        entry: () => {
          this.#note(name)
          this.#depth++
        },
        exit: () => {
          this.#depth--
        },
      })
    }
  }

  #note(name: string): void {
    // work put off until after the call, other threads, and the receiving side of packets are left out, as in the
    // recording
    const isWorker = ((this.machine?.current.task.flags ?? 0) & PF_IO_WORKER) !== 0
    const isOwn = this.machine?.inRcu !== true && this.machine?.inSoftirq !== true && !isWorker
    if (isOwn && this.#seen !== null) this.#seen.push('.'.repeat(this.#depth) + name)
    else if (this.isOn && LATER.has(name)) this.later.add(name)
  }

  /**
   * The hook table for the kernel: it notes what observers do not see, a function that was entered and asked nobody
   * (the inode is private). The recording shows entries.
   */
  keysOf<Keys extends AnyKeyMap>(lsm: Keys): Keys {
    const noting = (name: string, fn: AnyFn): AnyFn => (...args) => {
      const before = this.#seen?.length
      const answer = fn(...args)
      if (this.#seen?.length === before) this.#note(name)
      return answer
    }
    return Object.fromEntries(
      Object.keys(lsm).map((name) => {
        const key = lsm[name as keyof Keys] as unknown as Record<'ask' | 'tell', AnyFn | undefined>
        const kind = key.ask === undefined ? 'tell' : 'ask'
        return [name, { [kind]: noting(name, (...args) => key[kind]!(...args)) }]
      }),
    ) as unknown as Keys
  }

  during(call: () => number): Traced {
    const seen: string[] = []
    this.#seen = seen
    this.#depth = 0
    try {
      return { rc: call(), hooks: seen }
    } finally {
      this.#seen = null
    }
  }
}
