/**
 * Which system calls reach which hooks: noted while recorded operations run, the first that shows it standing for
 * all.
 */
import { hookNames } from '@lsmkit/core'
import type { HookName, Stack } from '@lsmkit/core'
import { strace } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { LATER } from '../hook-trace/later.ts'

export class CallSites {
  /** Hook to system call to the test that showed it first. */
  readonly seen = new Map<HookName, Map<string, string>>()
  #syscall: string | null = null
  #test = ''

  /** Takes what a table has as seen. */
  take(table: Readonly<Record<string, string>>): void {
    for (const [hook, sites] of Object.entries(table)) {
      this.seen.set(hook as HookName, new Map(sites.split(' ').map((site) => site.split('=') as [string, string])))
    }
  }

  /** The kernel of one test, watched. Questions outside a system call, as it boots, do not count. */
  watch(test: string, kernel: Kernel, stack: Stack): Kernel {
    this.#test = test
    // what is put off until after a call is nobody's call, but for what only that call makes the kernel do
    const { machine } = kernel
    for (const hook of hookNames)
      stack.observe(hook, { entry: () => (machine.inRcu && !LATER.has(hook)) || this.#note(hook) })
    return strace.watchCalls(kernel, stack, {
      enter: (name) => void (this.#syscall = name), leave: () => void (this.#syscall = null),
    })
  }

  #note(hook: HookName): void {
    if (this.#syscall === null) return
    let calls = this.seen.get(hook)
    if (calls === undefined) this.seen.set(hook, (calls = new Map()))
    if (!calls.has(this.#syscall)) calls.set(this.#syscall, this.#test)
  }

  /** As the table that `lsm hooks --coverage` reads: one line a hook, its calls in alphabetical order. */
  source(): string {
    const lines = hookNames.flatMap((hook) => {
      const calls = [...(this.seen.get(hook) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
      return calls.length === 0 ? [] : [`  ${hook}: '${calls.map(([call, test]) => `${call}=${test}`).join(' ')}',`]
    })
    return `${HEAD}export const callSites: Readonly<Record<string, string>> = {\n${lines.join('\n')}\n}\n`
  }
}

const HEAD = `/**
 * The system calls that reach each hook, each with a recorded operation that shows it: \`call=test\`. Written by
 * conformance/src/call-sites/record.ts; its test fails when the table no longer agrees with the kernel.
 */
`
