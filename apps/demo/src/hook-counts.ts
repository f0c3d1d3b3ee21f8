/** Which hooks each system call asks, counted by observers on all of them. */
import { hookNames } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'

export interface CallCount {
  calls: number
  /** How often each hook was asked, nested questions included. */
  readonly hooks: Map<string, number>
}
export type HookCounts = ReadonlyMap<string, CallCount>

export interface HookCounter {
  readonly counts: HookCounts
  /** A system call begins. */
  readonly enter: (name: string) => void
  stop(): void
}

export const countHooks = (stack: Stack | null): HookCounter => {
  const counts = new Map<string, CallCount>()
  let now: CallCount = { calls: 0, hooks: new Map() }
  const links = (stack === null ? [] : hookNames).map((hook) =>
    stack!.observe(hook, { entry: () => void now.hooks.set(hook, (now.hooks.get(hook) ?? 0) + 1) }),
  )
  return {
    counts,
    enter(name) {
      now = counts.get(name) ?? { calls: 0, hooks: new Map() }
      now.calls++
      counts.set(name, now)
    },
    stop() {
      for (const link of links) link.detach()
    },
  }
}
