/** Attaching while the kernel runs: what it costs, whether the hot loop gets its speed back, whom it disturbs. */
import type { HookName, Stack } from '@lsmkit/core'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { median } from '../harness/stats.ts'
import { SYS } from './mini-kernel/boot.ts'
import type { bootMini } from './mini-kernel/boot.ts'
import type { MiniTable } from './mini-kernel/syscalls.ts'

const SWITCHES = 20
const SPACE_MS = 30
/** Calls after which a switch has to be forgotten. */
const SETTLE_CALLS = 400_000
const TOLERANCE = 1.15

const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** The process needs --allow-natives-syntax. */
export const switching = (stack: Stack, boot: typeof bootMini): Cell => {
  const optimised = new Function('f', 'return (%GetOptimizationStatus(f) & 16) !== 0') as (f: unknown) => boolean
  const { call, sys_read } = boot(stack.lsm as unknown as MiniTable)
  const buf = new Uint8Array(16)
  const run = (count: number) => {
    let sum = 0
    for (let i = 0; i < count; i++) sum += call(SYS.read, i & 1, buf, 8)
    return sum
  }
  const pass = timedPass(40_000, run)
  const program = (): number => 0
  const switchHook = (hook: HookName) => stack.attach(hook, program)
  const warm = () => {
    for (let i = 0; i < 6; i++) pass()
  }

  return {
    pass,
    ask: {
      /** Median microseconds of one attach, with the detach that follows left out. */
      attachMicroseconds() {
        warm()
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
        return median(took)
      },
      /** Of SWITCHES spaced attach and detach pairs, how many found the loop back at its floor. */
      recovered() {
        warm()
        const floor = median(Array.from({ length: 9 }, pass))
        let back = 0
        for (let i = 0; i < SWITCHES; i++) {
          const link = switchHook('file_permission')
          run(SETTLE_CALLS)
          sleep(SPACE_MS)
          link.detach()
          run(SETTLE_CALLS)
          sleep(SPACE_MS)
          if (Math.min(...Array.from({ length: 6 }, pass)) <= floor * TOLERANCE) back++
        }
        return back
      },
      /** How often the loop's code was thrown away by switches on other hooks. */
      deoptimised() {
        warm()
        let lost = 0
        const others: HookName[] = ['task_kill', 'inode_permission', 'socket_bind', 'file_open', 'bprm_check_security']
        for (let i = 0; i < SWITCHES; i++) {
          const before = optimised(run)
          const link = switchHook(others[i % others.length]!)
          if (before && !optimised(run)) lost++
          run(1000)
          link.detach()
          if (before && !optimised(run)) lost++
          sleep(SPACE_MS)
        }
        return lost + (optimised(sys_read) || optimised(run) ? 0 : 1)
      },
    },
  }
}
