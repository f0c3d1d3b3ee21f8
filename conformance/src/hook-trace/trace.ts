/** The hooks one system call asks, as the recorded table writes them: in order, a dot for each dispatch they are asked from. */
import { hookNames } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'

export interface Traced {
  readonly rc: number
  readonly hooks: readonly string[]
}

export class HookTrace {
  private seen: string[] | null = null
  private depth = 0

  constructor(stack: Stack, { machine }: Kernel) {
    for (const name of hookNames) {
      stack.observe(name, {
        entry: () => {
          // work that is put off until after the call is left out, as in the recording
          if (!machine.inRcu) this.seen?.push('.'.repeat(this.depth) + name)
          this.depth++
        },
        exit: () => {
          this.depth--
        },
      })
    }
  }

  during(call: () => number): Traced {
    const seen: string[] = []
    this.seen = seen
    this.depth = 0
    try {
      return { rc: call(), hooks: seen }
    } finally {
      this.seen = null
    }
  }
}
