import {
  EPERM, PR_SET_PTRACER, PR_SET_PTRACER_ANY, PTRACE_MODE_ATTACH_FSCREDS, PTRACE_MODE_ATTACH_REALCREDS,
  PTRACE_MODE_NOAUDIT, PTRACE_MODE_READ_FSCREDS, PT_PTRACED,
} from '@lsmkit/abi'
import { lsmMatchers } from '@lsmkit/testkit'
import type { LsmMatchers } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import type { PtraceScope } from './scope.ts'
import { aFamily } from '../test/family.ts'
import type { Family, Member } from '../test/family.ts'

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends LsmMatchers<R> {}
}
expect.extend(lsmMatchers)

interface Row {
  readonly rule: string
  readonly tracer: Member
  readonly target: Member
  readonly before?: (family: Family) => void
  readonly mode?: number
}

const named = (tracer: Member) => (f: Family) => void f.prctl(f.debuggee, PR_SET_PTRACER, f[tracer].pid)
const anybody = (f: Family) => void f.prctl(f.debuggee, PR_SET_PTRACER, PR_SET_PTRACER_ANY)
const traced = (tracer: Member) => (f: Family) => {
  f.debuggee.ptrace = PT_PTRACED
  f.debuggee.parent = f[tracer]
}
const onceTraced = (tracer: Member) => (f: Family) => {
  traced(tracer)(f)
  f.debuggee.ptrace = 0
}

/** By scope. */
const allowed: Readonly<Record<PtraceScope, readonly Row[]>> = {
  0: [
    { rule: 'anybody', tracer: 'stranger', target: 'debuggee' },
    { rule: 'a task that is gone', tracer: 'stranger', target: 'dead' },
  ],
  1: [
    { rule: 'a child', tracer: 'shell', target: 'debuggee' },
    { rule: 'a grandchild, by way of a thread', tracer: 'shell', target: 'grandchild' },
    { rule: 'a thread of a child', tracer: 'shell', target: 'debuggeeThread' },
    { rule: 'a child, from a thread that is no leader', tracer: 'debugThread', target: 'debugChild' },
    { rule: 'itself', tracer: 'debug', target: 'debugThread' },
    { rule: 'with CAP_SYS_PTRACE', tracer: 'root', target: 'debuggee' },
    { rule: 'the capability counts in the namespace of the target', tracer: 'stranger', target: 'contained' },
    { rule: 'who traces it already', tracer: 'stranger', target: 'debuggee', before: traced('stranger') },
    { rule: 'a thread of who traces it', tracer: 'debug', target: 'debuggee', before: traced('debugThread') },
    { rule: 'who was named', tracer: 'debug', target: 'debuggee', before: named('debug') },
    { rule: 'a thread of who was named', tracer: 'debugThread', target: 'debuggee', before: named('debug') },
    { rule: 'a thread was named: its process', tracer: 'debug', target: 'debuggee', before: named('debugThread') },
    { rule: 'a child of who was named', tracer: 'debugChild', target: 'debuggee', before: named('debug') },
    { rule: 'a thread of who did the naming', tracer: 'debug', target: 'debuggeeThread', before: named('debug') },
    { rule: 'anybody, if anybody was named', tracer: 'stranger', target: 'debuggee', before: anybody },
    { rule: 'reading', tracer: 'stranger', target: 'debuggee', mode: PTRACE_MODE_READ_FSCREDS },
  ],
  2: [
    { rule: 'with CAP_SYS_PTRACE', tracer: 'root', target: 'debuggee' },
    { rule: 'the capability counts in the namespace of the target', tracer: 'stranger', target: 'contained' },
    { rule: 'that the target is gone is not looked at', tracer: 'root', target: 'dead' },
    { rule: 'reading', tracer: 'stranger', target: 'debuggee', mode: PTRACE_MODE_READ_FSCREDS },
  ],
  3: [
    { rule: 'reading', tracer: 'stranger', target: 'debuggee', mode: PTRACE_MODE_READ_FSCREDS },
  ],
}

const refused: Readonly<Record<Exclude<PtraceScope, 0>, readonly Row[]>> = {
  1: [
    { rule: 'a sister', tracer: 'debug', target: 'debuggee' },
    { rule: 'a parent', tracer: 'debuggee', target: 'shell' },
    { rule: 'a stranger', tracer: 'stranger', target: 'debuggee' },
    { rule: 'a stranger, by a file', tracer: 'stranger', target: 'debuggee', mode: PTRACE_MODE_ATTACH_FSCREDS },
    { rule: 'the capability does not reach out of its namespace', tracer: 'contained', target: 'debuggee' },
    { rule: 'a child that is gone', tracer: 'shell', target: 'dead' },
    { rule: 'one that is gone, by root', tracer: 'root', target: 'dead' },
    { rule: 'a child of who is traced', tracer: 'stranger', target: 'grandchild', before: traced('stranger') },
    { rule: 'who once traced it', tracer: 'stranger', target: 'debuggee', before: onceTraced('stranger') },
    { rule: 'the parent of who was named', tracer: 'debug', target: 'debuggee', before: named('debugChild') },
    { rule: 'a child of who did the naming', tracer: 'debug', target: 'grandchild', before: named('debug') },
  ],
  2: [
    { rule: 'a child', tracer: 'shell', target: 'debuggee' },
    { rule: 'who was named', tracer: 'debug', target: 'debuggee', before: named('debug') },
    { rule: 'anybody, though anybody was named', tracer: 'stranger', target: 'debuggee', before: anybody },
    { rule: 'who traces it already', tracer: 'stranger', target: 'debuggee', before: traced('stranger') },
    { rule: 'the capability does not reach out of its namespace', tracer: 'contained', target: 'debuggee' },
  ],
  3: [
    { rule: 'a child', tracer: 'shell', target: 'debuggee' },
    { rule: 'who was named', tracer: 'debug', target: 'debuggee', before: named('debug') },
    { rule: 'with CAP_SYS_PTRACE', tracer: 'root', target: 'debuggee' },
  ],
}

const rowsOf = (table: Readonly<Partial<Record<PtraceScope, readonly Row[]>>>) =>
  ([0, 1, 2, 3] as const).flatMap((ptraceScope) => (table[ptraceScope] ?? []).map((row) => ({ ...row, ptraceScope })))

const answerTo = ({ tracer, target, before, mode, ptraceScope }: Row & { readonly ptraceScope: PtraceScope }) => {
  const f = aFamily({ ptraceScope })
  before?.(f)
  return f.attach(f[tracer], f[target], mode ?? PTRACE_MODE_ATTACH_REALCREDS)
}

describe('ptrace_access_check', () => {
  test.each(rowsOf(allowed))('scope $ptraceScope allows: $rule', (row) => {
    expect(answerTo(row)).toBeAllowed()
  })

  test.each(rowsOf(refused))('scope $ptraceScope refuses: $rule', (row) => {
    expect(answerTo(row)).toBeDenied('yama', EPERM)
  })

  test('the scope is 1 unless told otherwise', () => {
    const f = aFamily()
    expect(f.attach(f.shell, f.debuggee)).toBeAllowed()
    expect(f.attach(f.stranger, f.debuggee)).toBeDenied('yama', EPERM)
  })

  test('PTRACE_MODE_NOAUDIT: refused without a word', () => {
    const lines: string[] = []
    const f = aFamily({ printk: (line) => lines.push(line) })
    const answer = f.attach(f.stranger, f.debuggee, PTRACE_MODE_ATTACH_REALCREDS | PTRACE_MODE_NOAUDIT)
    expect(answer).toBeDenied('yama', EPERM)
    expect(answer.reason).toBeNull()
    expect(lines).toEqual(['Yama: becoming mindful.'])
  })
})

describe('ptrace_traceme', () => {
  test.each([
    { rule: 'scope 0: allowed', ptraceScope: 0, parent: 'shell', rc: 0 },
    { rule: 'scope 1: allowed', ptraceScope: 1, parent: 'shell', rc: 0 },
    { rule: 'scope 2: the parent needs CAP_SYS_PTRACE', ptraceScope: 2, parent: 'shell', rc: -EPERM },
    { rule: 'scope 2: root as a parent has it', ptraceScope: 2, parent: 'root', rc: 0 },
    { rule: 'scope 3: refused', ptraceScope: 3, parent: 'root', rc: -EPERM },
  ] as const)('$rule', ({ ptraceScope, parent, rc }) => {
    const f = aFamily({ ptraceScope })
    expect(f.traceme(f.debuggee, f[parent]).rc).toBe(rc)
  })

  test('scope 2: the capability counts in the namespace of who wants to be traced', () => {
    const f = aFamily({ ptraceScope: 2 })
    const inside = f.build.aTask({ user_ns: f.contained.cred.user_ns, comm: 'inside' })
    expect(f.traceme(inside, f.contained)).toBeAllowed()
    expect(f.traceme(f.debuggee, f.contained)).toBeDenied('yama', EPERM)
  })
})
