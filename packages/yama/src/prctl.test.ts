import { EINVAL, ENOSYS, PR_GET_DUMPABLE, PR_SET_PTRACER, PR_SET_PTRACER_ANY } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { Relations } from './relations.ts'
import { aFamily } from '../test/family.ts'

const mayDebug = (f: ReturnType<typeof aFamily>): boolean => f.attach(f.debug, f.debuggee).rc === 0

describe('PR_SET_PTRACER', () => {
  test.each([
    { rule: 'a pid', arg: 'debug', rc: 0, may: true },
    { rule: 'anybody', arg: PR_SET_PTRACER_ANY, rc: 0, may: true },
    { rule: 'anybody, as an unsigned int', arg: 0xffffffff, rc: 0, may: true },
    { rule: 'anybody, as the number nearest to ULONG_MAX', arg: 2 ** 64, rc: 0, may: true },
    { rule: 'a pid that nobody has', arg: 4_000_000, rc: -EINVAL, may: false },
    { rule: 'a negative pid', arg: -2, rc: -EINVAL, may: false },
    { rule: 'somebody else', arg: 'stranger', rc: 0, may: false },
    { rule: 'nobody', arg: 0, rc: 0, may: false },
  ] as const)('$rule -> $rc', ({ arg, rc, may }) => {
    const f = aFamily()
    expect(f.prctl(f.debuggee, PR_SET_PTRACER, typeof arg === 'string' ? f[arg].pid : arg)).toBe(rc)
    expect(mayDebug(f)).toBe(may)
  })

  test('a new wish replaces the old one', () => {
    const f = aFamily()
    f.prctl(f.debuggee, PR_SET_PTRACER, f.debug.pid)
    f.prctl(f.debuggee, PR_SET_PTRACER, f.stranger.pid)
    expect(mayDebug(f)).toBe(false)
    expect(f.attach(f.stranger, f.debuggee).rc).toBe(0)
  })

  test('a wish that cannot be granted leaves the old one', () => {
    const f = aFamily()
    f.prctl(f.debuggee, PR_SET_PTRACER, f.debug.pid)
    expect(f.prctl(f.debuggee, PR_SET_PTRACER, 4_000_000)).toBe(-EINVAL)
    expect(mayDebug(f)).toBe(true)
  })

  test('0 takes back one\'s own wish only', () => {
    const f = aFamily()
    f.prctl(f.debuggee, PR_SET_PTRACER, f.debug.pid)
    f.prctl(f.stranger, PR_SET_PTRACER, f.debug.pid)
    f.prctl(f.stranger, PR_SET_PTRACER, 0)
    expect(mayDebug(f)).toBe(true)
  })

  test('a thread speaks for its process', () => {
    const f = aFamily()
    f.prctl(f.debuggeeThread, PR_SET_PTRACER, f.debug.pid)
    expect(mayDebug(f)).toBe(true)
    f.prctl(f.debuggeeThread, PR_SET_PTRACER, 0)
    expect(mayDebug(f)).toBe(false)
  })

  test.each([0, 2, 3] as const)('is taken in scope %i too', (ptraceScope) => {
    const f = aFamily({ ptraceScope })
    expect(f.prctl(f.debuggee, PR_SET_PTRACER, f.debug.pid)).toBe(0)
  })

  test('other options are no business of Yama', () => {
    const f = aFamily()
    expect(f.prctl(f.debuggee, PR_GET_DUMPABLE, 0)).toBe(-ENOSYS)
  })
})

describe('task_free', () => {
  test.each([
    { rule: 'the tracer ends', ends: 'debug', wish: 'debug', may: false },
    { rule: 'the thread that was named ends', ends: 'debugThread', wish: 'debugThread', may: false },
    { rule: 'another thread of the tracer ends', ends: 'debugThread', wish: 'debug', may: true },
    { rule: 'the tracee ends', ends: 'debuggee', wish: 'debug', may: false },
    { rule: 'a thread of the tracee ends', ends: 'debuggeeThread', wish: 'debug', may: true },
    { rule: 'somebody else ends', ends: 'stranger', wish: 'debug', may: true },
    { rule: 'anybody was named: only the tracee\'s end counts', ends: 'debug', wish: null, may: true },
    { rule: 'anybody was named, and the tracee ends', ends: 'debuggee', wish: null, may: false },
  ] as const)('$rule -> $may', ({ ends, wish, may }) => {
    const f = aFamily()
    f.prctl(f.debuggee, PR_SET_PTRACER, wish === null ? PR_SET_PTRACER_ANY : f[wish].pid)
    expect(mayDebug(f)).toBe(true)
    f.stack.lsm.task_free.tell(f[ends])
    expect(mayDebug(f)).toBe(may)
  })

  test('nothing is left of what is gone', () => {
    const { build } = aFamily()
    const relations = new Relations()
    const tracer = build.aTask()
    const tracees = Array.from({ length: 1000 }, () => build.aTask())
    for (const tracee of tracees) relations.set(tracee, tracer)
    expect(relations.size).toBe(1000)
    relations.forget(tracees[0]!)
    expect(relations.size).toBe(999)
    relations.forget(tracer)
    expect(relations.size).toBe(0)
  })
})
