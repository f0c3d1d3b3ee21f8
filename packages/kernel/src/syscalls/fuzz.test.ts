/** All system calls with arguments nobody should pass: an answer each time, and a kernel that goes on. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { argumentsOf, CALL_SHAPES, ENDING_CALLS } from '../testing/call-shapes.ts'
import { bootForTest } from '../testing/boot.ts'
import type { TestKernel } from '../testing/boot.ts'
import { openAll } from '../testing/open-all.ts'
import { callNames } from './call-table.ts'

const ANY_NAMES = Object.keys(CALL_SHAPES)
const call = fc.constantFrom(...ANY_NAMES).chain((name) =>
  fc.record({
    name: fc.constant(name), args: argumentsOf(CALL_SHAPES[name]!), uid: fc.constantFrom(0, 1000),
  }))

const taskWithFiles = ({ sys, init, fork }: TestKernel, uid: number) => {
  const task = fork(init, uid)
  openAll(sys, task)
  return task
}

const boot = () => {
  const panics = new Set<string>()
  const kernel = bootForTest({ onPanic: (name, error) => void panics.add(`${name}: ${String(error)}`) })
  kernel.file('/prog', Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00), 0o755)
  return { kernel, panics }
}

const isAnswer = (rc: unknown): boolean => typeof rc === 'number' && !Number.isNaN(rc)

/** Ends all but init, and collects them. */
const cleanUp = ({ machine, init, sys }: TestKernel): void => {
  for (const task of machine.tasks.threads()) if (task !== init && task.exit_state === 0) sys.exit_group(task, 0)
  while (sys.wait4(init, -1, null, 1, null) > 0);
}

test('every call has a shape', () => {
  const { kernel } = boot()
  const names = callNames(kernel.sys).filter((name) => !ENDING_CALLS.includes(name))
  expect(names.sort()).toEqual([...ANY_NAMES].sort())
})

test('numbers of all sizes, and null for what is a pointer', () => {
  const { kernel, panics } = boot()
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 30 }), (calls) => {
      const tasks = new Map([0, 1000].map((uid) => [uid, taskWithFiles(kernel, uid)]))
      for (const { name, args, uid } of calls) {
        const task = tasks.get(uid)!
        if (task.exit_state !== 0) continue
        const rc = kernel.syscall(task, name, ...args)
        if (!isAnswer(rc)) throw new Error(`${name}: ${String(rc)}`)
      }
      cleanUp(kernel)
      return kernel.sys.getpid(kernel.init) === 1 && !kernel.machine.inRcu
    }),
    { numRuns: 700 },
  )
  expect([...panics]).toEqual([])
})

test('arguments of any type: a call that cannot make sense of them denies', () => {
  const { kernel } = boot()
  const name = fc.constantFrom(...ANY_NAMES)
  fc.assert(
    fc.property(name, fc.array(fc.anything(), { maxLength: 6 }), (called, args) => {
      const task = taskWithFiles(kernel, 1000)
      const rc = kernel.syscall(task, called, ...args)
      cleanUp(kernel)
      return isAnswer(rc) && kernel.sys.getpid(kernel.init) === 1
    }),
    { numRuns: 1500 },
  )
})
