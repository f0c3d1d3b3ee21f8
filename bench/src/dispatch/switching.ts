/** Attaching while the kernel runs: what it costs, whether the hot loop gets its speed back, whom it disturbs. */
import { hookDefs } from '@lsmkit/core'
import type { HookName, Stack } from '@lsmkit/core'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { median } from '../harness/stats.ts'
import { READ, readKernel } from './read-kernel.ts'
import type { HookTable } from './read-kernel.ts'

const SWITCHES = 20
const SPACE_MS = 30
/** Calls after which a switch has to be forgotten. */
const SETTLE_CALLS = 400_000
/** Calls of one burst: the loop is compiled as a function that is called often, not replaced on the stack. */
const BURST = 50
const REHEARSALS = 25

const disabled = (hook: HookName): boolean => hookDefs[hook].bpf.disabled

const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** The process needs --allow-natives-syntax. */
export const switching = (stack: Stack): Cell => {
  /** V8's kTurboFanned bit of %GetOptimizationStatus: code below that tier need not have folded anything. */
  const optimised = new Function('f', 'return (%GetOptimizationStatus(f) & 64) !== 0') as (f: unknown) => boolean
  const keepSlow = new Function('f', '%NeverOptimizeFunction(f)') as (f: unknown) => void
  const { call } = readKernel(stack.lsm as unknown as HookTable)
  const buf = new Uint8Array(16)
  const burst = (from: number) => {
    let sum = 0
    for (let i = from; i < from + BURST; i++) sum += call(READ, i & 1, buf, 8)
    return sum
  }
  const run = (count: number) => {
    let sum = 0
    for (let i = 0; i < count; i += BURST) sum += burst(i)
    return sum
  }
  keepSlow(run)
  const pass = timedPass(40_000, run)
  const program = (): number => 0
  const switchHook = (hook: HookName) => stack.attach(hook, program)
  const warm = () => {
    for (let i = 0; i < 6; i++) pass()
  }
  const settle = () => {
    run(SETTLE_CALLS)
    sleep(SPACE_MS)
    run(SETTLE_CALLS)
  }
  const attachTimes = () => {
    const took: number[] = []
    for (let i = 0; i < SWITCHES; i++) {
      const start = process.hrtime.bigint()
      const link = switchHook('file_permission')
      took.push(Number(process.hrtime.bigint() - start) / 1000)
      run(SETTLE_CALLS / 8)
      link.detach()
      sleep(SPACE_MS)
      run(SETTLE_CALLS / 8)
    }
    return took
  }
  /** Attaches to every other hook in turn, until V8 has compiled the way there. */
  const rehearse = () => {
    const others = Object.keys(hookDefs).filter((hook) => hook !== 'file_permission' && !disabled(hook as HookName))
    for (let i = 0; i < REHEARSALS; i++) {
      for (const hook of others) switchHook(hook as HookName).detach()
      sleep(SPACE_MS)
    }
  }

  return {
    pass,
    ask: {
      /** Microseconds of one attach under the loop, detaching left out: the first ones, and with the way warm. */
      attachMicroseconds() {
        warm()
        const first = attachTimes()
        rehearse()
        return { first: median(first), warm: median(attachTimes()) }
      },
      /**
       * Of SWITCHES spaced attach and detach pairs, how many found the loop in optimised code again that has folded the
       * hook: the next switch throws it away. Told by the code, not by the clock: the same machine code runs at one
       * speed or at twice it, by where V8 happens to put the objects.
       */
      recovered() {
        warm()
        let back = 0
        for (let i = 0; i < SWITCHES; i++) {
          const link = switchHook('file_permission')
          settle()
          const folded = optimised(burst)
          link.detach()
          const thrownAway = !optimised(burst)
          settle()
          if (folded && thrownAway && optimised(burst)) back++
        }
        return back
      },
      /** How often the loop's code was thrown away by switches on other hooks. */
      deoptimised() {
        warm()
        let lost = 0
        const others: HookName[] = ['task_kill', 'inode_permission', 'socket_bind', 'file_open', 'bprm_check_security']
        for (let i = 0; i < SWITCHES; i++) {
          const before = optimised(burst)
          const link = switchHook(others[i % others.length]!)
          if (before && !optimised(burst)) lost++
          run(1000)
          link.detach()
          if (before && !optimised(burst)) lost++
          sleep(SPACE_MS)
        }
        return lost + (optimised(burst) ? 0 : 1)
      },
    },
  }
}
