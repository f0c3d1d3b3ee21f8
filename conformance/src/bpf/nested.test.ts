/** What a host is called back by while a program runs may make system calls as somebody else: the caller stays. */
import { AT_FDCWD, EACCES, O_RDONLY } from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import type { BpfObject, BpfOptions } from '@lsmkit/bpf'
import { assemble } from '@lsmkit/bpf/insn'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { constantProgram } from './constant-program.ts'

/** A program on file_open; `nested` opens a file as process 1, and the program with it, once for each outer call. */
const world = (text: string, options: (nested: () => void) => BpfOptions) => {
  const seen: number[] = []
  let busy = false
  const nested = (): void => {
    if (busy) return
    busy = true
    const { sys, init } = kernel
    sys.close(init, sys.openat(init, AT_FDCWD, '/', O_RDONLY, 0))
    seen.push(stack.current.task.pid)
    busy = false
  }
  const programs = bpf(options(nested))
  const stack = createStack({ lsms: [capability(), programs] })
  const kernel = bootKernel({ stack })
  const [program] = constantProgram('p', 'file_open', 0).programs
  const code = assemble(text)
  const object: BpfObject = { ...constantProgram('p', 'file_open', 0), programs: [{ ...program!, code }] }
  programs.load(stack, object).attachAll()
  const user = kernel.machine.tasks.find(kernel.sys.fork(kernel.init))!
  const open = (): number => kernel.sys.openat(user, AT_FDCWD, '/', O_RDONLY, 0)
  return { open, seen, user, programs }
}

const IDENTITY = `
r7 = r1
call bpf_get_current_pid_tgid
r6 = r0
r1 = 120
*(u64 *)(r10 -8) = r1
r1 = r10
r1 += -8
r2 = 2
call bpf_trace_printk
call bpf_get_current_pid_tgid
if r0 == r6 goto same
r0 = -1
exit
same:
r7 = *(u64 *)(r7 +0)
r1 = *(u64 *)(r10 -8)
if r1 == 120 goto whole
r0 = -2
exit
whole:
r0 = 0
exit`

test('a line of the trace: the program goes on as its caller, with its own registers and stack', () => {
  const { open, seen, user } = world(IDENTITY, (nested) => ({ onTrace: nested }))
  expect(open()).toBeGreaterThanOrEqual(0)
  expect(seen).toEqual([user.pid])
})

test('a report of a stop', () => {
  const loop = 'r0 = 0\nr1 = 5000\nl:\nr1 -= 1\nif r1 != 0 goto l\nexit'
  const { open, seen, user, programs } = world(loop, (nested) => ({ budget: 1000, onFaultReport: nested }))
  expect(open()).toBe(-EACCES)
  expect(seen).toEqual([user.pid])
  expect(programs.faults).toBe(2)
})
