/** A program that is about to run out of stack does so in front of a system call, never inside of one. */
import { SIGSEGV } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, wrapCalls } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { runWasi } from './index.ts'
import { call, i32, i64, op, testModule } from './testing/module.ts'

const WASI = 'wasi_snapshot_preview1'
const CREAT = 1
const WRITE = 0x40
const NAME = 'sub/file'
const DOWN = 3
const ok = [op.if, op.void, op.unreachable, op.end]

/** Goes `skip` levels down and then, before each level more, makes a file, closes it and removes it. No end. */
const diver = (skip: number) =>
  testModule({
    imports: [
      [WASI, 'path_open', 'iiiiiIIii:i'], [WASI, 'fd_close', 'i:i'], [WASI, 'path_unlink_file', 'iii:i'],
    ],
    memory: [1],
    data: { 64: NAME },
    functions: {
      down: {
        signature: 'i:',
        code: [
          ...i32(48), op.local_get, 0, op.i32_store, 2, 0,
          ...i32(skip), op.local_get, 0, op.i32_lt_u, op.if, op.void,
          ...i32(3), ...i32(0), ...i32(64), ...i32(NAME.length), ...i32(CREAT), ...i64(WRITE), ...i64(0), ...i32(0),
          ...i32(32), ...call(0), ...ok,
          ...i32(32), op.i32_load, 2, 0, ...call(1), ...ok,
          ...i32(3), ...i32(64), ...i32(NAME.length), ...call(2), ...ok,
          op.end,
          op.local_get, 0, ...i32(1), op.i32_add, ...call(DOWN),
        ],
      },
      _start: { code: [...i32(0), ...call(DOWN)] },
    },
  })

/** How many levels the stack has room for from here, without any call. */
const levels = (): number => {
  const nothing = { path_open: () => 0, fd_close: () => 0, path_unlink_file: () => 0 }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(diver(0x7fffffff)), { [WASI]: nothing })
  expect(() => (exports._start as () => void)()).toThrow(RangeError)
  return new DataView((exports.memory as WebAssembly.Memory).buffer).getInt32(48, true)
}

/** The kernel, with every system call counted as it begins and as it ends. */
const counted = (kernel: Kernel) => {
  const count = { begun: 0, ended: 0 }
  const watch = (run: (task: Task, ...args: unknown[]) => number) => (task: Task, ...args: unknown[]) => {
    count.begun++
    const rc = run(task, ...args)
    count.ended++
    return rc
  }
  return { count, kernel: wrapCalls(kernel, (_name, run) => watch(run)) }
}

test('every call that was begun has ended, and without an error', () => {
  const panics: string[] = []
  const onPanic = (syscall: string) => void panics.push(syscall)
  const { kernel, count } = counted(bootKernel({ stack: createStack({ lsms: [capability()] }), onPanic }))
  expect(kernel.sys.mkdir(kernel.init, '/sub', 0o755)).toBe(0)
  for (const part of [0.6, 0.7, 0.8]) {
    const before = count.begun
    const { status, reason } = runWasi(kernel, kernel.init, { program: diver(Math.floor(levels() * part)) })
    expect([status, reason]).toEqual([128 + SIGSEGV, expect.stringContaining('stack overflow')])
    expect(count.begun - before).toBeGreaterThan(10)
    expect([count.begun - count.ended, panics]).toEqual([0, []])
  }
})
