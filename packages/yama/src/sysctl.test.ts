import { EINVAL, EPERM } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { aFamily } from '../test/family.ts'

describe('kernel.yama.ptrace_scope', () => {
  test('is where the kernel has it', () => {
    const { file, stack } = aFamily()
    expect(file).toMatchObject({ name: 'kernel/yama/ptrace_scope', mode: 0o644 })
    expect(stack.pseudoFs.at(-1)).toMatchObject({ type: 'sysctl', mountPoint: '/proc/sys' })
  })

  test.each([
    { rule: 'a value', from: 1, text: '2', rc: 1, to: 2 },
    { rule: 'with its newline', from: 1, text: '0\n', rc: 2, to: 0 },
    { rule: 'values may go down', from: 2, text: '0', rc: 1, to: 0 },
    { rule: 'blanks around it', from: 1, text: ' \t3 \n', rc: 5, to: 3 },
    { rule: 'hexadecimal', from: 1, text: '0x2', rc: 3, to: 2 },
    { rule: 'octal', from: 1, text: '02', rc: 2, to: 2 },
    { rule: 'minus nothing', from: 1, text: '-0', rc: 2, to: 0 },
    { rule: 'what stands behind the number is not taken', from: 1, text: '2 3', rc: 2, to: 2 },
    { rule: 'too large', from: 1, text: '4', rc: -EINVAL, to: 1 },
    { rule: 'negative', from: 1, text: '-1', rc: -EINVAL, to: 1 },
    { rule: 'no octal digit', from: 1, text: '08', rc: -EINVAL, to: 1 },
    { rule: 'a sign that is not known', from: 1, text: '+2', rc: -EINVAL, to: 1 },
    { rule: 'letters behind it', from: 1, text: '2x', rc: -EINVAL, to: 1 },
    { rule: 'a NUL behind it', from: 1, text: '2\0', rc: -EINVAL, to: 1 },
    { rule: 'no number', from: 1, text: 'one', rc: -EINVAL, to: 1 },
    { rule: 'blanks only', from: 1, text: ' \n', rc: -EINVAL, to: 1 },
    { rule: 'more digits than a number has', from: 1, text: '000000000000000000002', rc: -EINVAL, to: 1 },
    { rule: 'nothing', from: 1, text: '', rc: 0, to: 1 },
    { rule: 'the lock: 3 stays 3', from: 3, text: '2', rc: -EINVAL, to: 3 },
    { rule: 'the lock: not even 0', from: 3, text: '0\n', rc: -EINVAL, to: 3 },
    { rule: 'the lock: 3 may be written again', from: 3, text: '3', rc: 1, to: 3 },
  ] as const)('$rule: $from <- $text -> $rc', ({ from, text, rc, to }) => {
    const f = aFamily({ ptraceScope: from })
    expect(f.write(f.root, text)).toBe(rc)
    expect(f.scope()).toBe(`${to}\n`)
  })

  test('writing needs CAP_SYS_PTRACE in the initial namespace', () => {
    const f = aFamily()
    expect(f.write(f.stranger, '0')).toBe(-EPERM)
    expect(f.write(f.contained, '0')).toBe(-EPERM)
    expect(f.write(f.stranger, 'nonsense')).toBe(-EPERM)
    expect(f.scope()).toBe('1\n')
  })

  test('a write that does not begin at 0 is taken and ignored', () => {
    const f = aFamily()
    expect(f.write(f.root, '3', 1)).toBe(1)
    expect(f.scope()).toBe('1\n')
  })

  test('a new value holds for the next question', () => {
    const f = aFamily()
    expect(f.attach(f.shell, f.debuggee).rc).toBe(0)
    f.write(f.root, '3')
    expect(f.attach(f.shell, f.debuggee).rc).toBe(-EPERM)
    expect(f.attach(f.root, f.debuggee).rc).toBe(-EPERM)
  })
})
