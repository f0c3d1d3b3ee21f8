import { EACCES, ECHILD, EPERM } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { aDispatch, anEnv, argumentsOf, membersOf, ordinaryHooks, strategyNames } from '../../test/dispatch-support.ts'
import { hookDefs } from '../hooks/hook-defs.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import type { HookFn } from '../hooks/hook-types.ts'
import { answersPositive } from './range.ts'

const asked = ordinaryHooks.filter((hook) => hookDefs[hook].ret === 'int')
const told = ordinaryHooks.filter((hook) => hookDefs[hook].ret === 'void')

/** Members on many hooks, which write their calls into a list a hook: some framework functions ask two hooks. */
const onAll = (hooks: readonly HookName[], fnsOf: (hook: HookName, calls: unknown[][]) => readonly HookFn[]) => {
  const callsOf = Object.fromEntries(hooks.map((hook) => [hook, [] as unknown[][]]))
  return {
    members: Object.fromEntries(hooks.map((hook) => [hook, membersOf(...fnsOf(hook, callsOf[hook]!))])),
    callsOf,
  }
}

/** A hook function that writes down its calls and returns `value`. */
const spy = (value: unknown, calls: unknown[][]): HookFn => (...args: unknown[]) => {
  calls.push(args)
  return value
}

describe.each(strategyNames)('%s', (strategy) => {
  test('with nobody on them int hooks answer their default and void hooks return', () => {
    const { call } = aDispatch(strategy, {})
    for (const hook of ordinaryHooks) {
      const { ret, default: value } = hookDefs[hook]
      expect(call(hook, ...argumentsOf(hook)), hook).toBe(ret === 'void' ? undefined : value)
    }
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 9])(
    '%i members without an opinion: all are asked, in order, with the arguments',
    (count) => {
      const { members, callsOf } = onAll(asked, (hook, calls) =>
        Array(count).fill(spy(hookDefs[hook].default, calls)),
      )
      const { call, settled } = aDispatch(strategy, members)
      for (const hook of asked) {
        const { default: value } = hookDefs[hook]
        callsOf[hook]!.length = 0
        const args = argumentsOf(hook)
        expect(call(hook, ...args), hook).toBe(value)
        expect(callsOf[hook], hook).toEqual(Array(count).fill(args))
        expect(settled, hook).toEqual([])
      }
    },
  )

  test.each([
    { hook: 'inode_permission', answer: -ECHILD, reports: 0 },
    { hook: 'inode_follow_link', answer: -ECHILD, reports: 0 },
    { hook: 'inode_permission', answer: -EACCES, reports: 1 },
    { hook: 'inode_getattr', answer: -ECHILD, reports: 1 },
  ] as const)('$hook: $answer ends the chain and is reported $reports times', ({ hook, answer, reports }) => {
    const calls: unknown[][] = []
    const { call, settled } = aDispatch(strategy, { [hook]: membersOf(() => 0, () => answer, spy(0, calls)) })
    expect(call(hook, ...argumentsOf(hook))).toBe(answer)
    expect(settled).toHaveLength(reports)
    expect(calls).toEqual([])
  })

  test.each([
    { answer: -EPERM, at: 0, of: 1 },
    { answer: -EPERM, at: 0, of: 3 },
    { answer: -EACCES, at: 2, of: 3 },
    { answer: -EPERM, at: 4, of: 5 },
    { answer: -EPERM, at: 7, of: 9 },
  ])('member $at of $of answers $answer: the rest are not asked, and the answer is reported', ({ answer, at, of }) => {
    const { members, callsOf } = onAll(asked, (hook, calls) =>
      Array.from({ length: of }, (_, i) => spy(i === at ? answer : hookDefs[hook].default, calls)))
    const { call, settled } = aDispatch(strategy, { ...members, inode_xattr_skipcap: [] })
    for (const hook of asked.filter((name) => name !== 'inode_xattr_skipcap')) {
      settled.length = 0
      const args = argumentsOf(hook)
      expect(call(hook, ...args), hook).toBe(answer)
      expect(callsOf[hook], hook).toHaveLength(at + 1)
      expect(settled, hook).toEqual([{ hook, lsm: `m${at}`, rc: answer, args }])
    }
  })

  test('a positive answer is one where the hook has such, or the stack is as a kernel; elsewhere it denies', () => {
    const { members } = onAll(asked, () => [() => 17])
    const asModules = { ...members, inode_xattr_skipcap: [] }
    const [here, exact] = [{}, { kernelExact: true }].map((options) => aDispatch(strategy, asModules, options))
    for (const hook of asked.filter((name) => name !== 'inode_xattr_skipcap' && hookDefs[name].default !== 17)) {
      expect(exact!.call(hook, ...argumentsOf(hook)), hook).toBe(17)
      const { positive } = hookDefs[hook]
      here!.settled.length = here!.faults.length = 0
      expect(here!.call(hook, ...argumentsOf(hook)), hook).toBe(positive ? 17 : -EACCES)
      expect(here!.faults, hook).toEqual(positive ? [] : [{ hook, lsm: 'm0', kind: 'positive', error: 17 }])
      expect(here!.settled.map(({ rc }) => rc), hook).toEqual([positive ? 17 : -EACCES])
    }
  })

  test('a function may say that its positive answers are meant', () => {
    const { call, faults } = aDispatch(strategy, { file_open: membersOf(answersPositive(() => 17)) })
    expect([call('file_open', ...argumentsOf('file_open')), faults]).toEqual([17, []])
  })

  test('success is an opinion where the default is not 0', () => {
    const hooks = asked.filter((name) => hookDefs[name].default !== 0)
    const { members, callsOf } = onAll(hooks, (_, calls) => [spy(0, calls), spy(-EPERM, calls)])
    const { call } = aDispatch(strategy, members)
    for (const hook of hooks) {
      expect(call(hook, ...argumentsOf(hook)), hook).toBe(0)
      expect(callsOf[hook], hook).toHaveLength(1)
    }
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 9])('%i members of a void hook: all are told', (count) => {
    const { members, callsOf } = onAll(told, (_, calls) => Array(count).fill(spy(undefined, calls)))
    const { call, faults } = aDispatch(strategy, members)
    for (const hook of told) {
      const args = argumentsOf(hook)
      expect(call(hook, ...args), hook).toBeUndefined()
      expect(callsOf[hook], hook).toEqual(Array(count).fill(args))
      expect(faults, hook).toEqual([])
    }
  })

  const bug = new Error('bug')
  test.each([
    { what: 'throws', fn: () => { throw bug }, kind: 'throw', error: bug },
    { what: 'throws undefined', fn: () => { throw undefined }, kind: 'throw', error: undefined },
    { what: 'returns nothing', fn: () => {}, kind: 'not-an-int', error: undefined },
    { what: 'returns true', fn: () => true, kind: 'not-an-int', error: true },
    { what: 'returns a fraction', fn: () => -0.5, kind: 'not-an-int', error: -0.5 },
    { what: 'returns NaN', fn: () => NaN, kind: 'not-an-int', error: NaN },
    { what: 'returns more than an int32', fn: () => 2 ** 31, kind: 'not-an-int', error: 2 ** 31 },
    { what: 'returns a text', fn: () => '0', kind: 'not-an-int', error: '0' },
    { what: 'returns a bigint', fn: () => 0n, kind: 'not-an-int', error: 0n },
  ])('a member that $what denies with -EACCES and is named', ({ fn, kind, error }) => {
    const { members, callsOf } = onAll(asked, (hook, calls) => [spy(hookDefs[hook].default, calls), fn, spy(0, calls)])
    const { call, faults, settled } = aDispatch(strategy, { ...members, inode_xattr_skipcap: [] })
    for (const hook of asked.filter((name) => name !== 'inode_xattr_skipcap')) {
      for (const list of [faults, settled]) list.length = 0
      expect(call(hook, ...argumentsOf(hook)), hook).toBe(-EACCES)
      expect(callsOf[hook], hook).toHaveLength(1)
      expect(faults, hook).toEqual([{ hook, lsm: 'm1', kind, error }])
      expect(settled.map(({ lsm, rc }) => ({ lsm, rc })), hook).toEqual([{ lsm: 'm1', rc: -EACCES }])
    }
  })

  test('a member that answers later denies now', () => {
    const { call, faults } = aDispatch(strategy, { file_open: membersOf(async () => 0) })
    expect(call('file_open', ...argumentsOf('file_open'))).toBe(-EACCES)
    expect(faults).toMatchObject([{ hook: 'file_open', lsm: 'm0', kind: 'async-hook' }])
  })

  const thrower = (): never => { throw bug }
  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const hostile: readonly { readonly what: string; readonly make: () => unknown }[] = [
    { what: 'an object whose `then` throws', make: () => Object.defineProperty({}, 'then', { get: thrower }) },
    { what: 'a proxy that throws at everything', make: () => new Proxy({}, { get: thrower, getPrototypeOf: thrower }) },
    { what: 'a revoked proxy', make: revoked },
    { what: 'an object without a text', make: () => Object.create(null) as unknown },
    { what: 'an error whose message throws', make: () => Object.defineProperty(new Error('x'), 'message', {
      get: thrower,
    }) },
  ]
  describe.each(hostile)('$what', ({ make }) => {
    const hooks = ['file_open', 'task_prctl', 'inode_init_security'] as const
    test.each(['answered', 'thrown'] as const)('%s: denies, and is reported', (how) => {
      for (const hook of hooks) {
        const fn = () => {
          if (how === 'thrown') throw make()
          return make()
        }
        const env = anEnv({ xattr_count: 1 })
        const { call, faults, missed } = aDispatch(strategy, { [hook]: membersOf(fn) }, { env })
        expect(call(hook, ...(hook === 'task_prctl' ? [1, 0, 0, 0, 0] : argumentsOf(hook))), hook).toBe(-EACCES)
        expect(faults.map(({ kind }) => kind), hook).toEqual([how === 'thrown' ? 'throw' : 'not-an-int'])
        expect(missed.count).toBe(0)
      }
    })

    test('of a void hook is no promise', () => {
      const { call, faults } = aDispatch(strategy, { file_release: membersOf(make) })
      expect(call('file_release', ...argumentsOf('file_release'))).toBe(undefined)
      expect(faults).toEqual([])
    })

    test("with `onFault: 'throw'` an error comes out", () => {
      const { call } = aDispatch(strategy, { file_open: membersOf(make) }, { onFault: 'throw' })
      let threw = false
      try {
        call('file_open', ...argumentsOf('file_open'))
      } catch {
        threw = true
      }
      expect(threw).toBe(true)
    })
  })

  test('near the end of the stack a call denies, and what is not reported is counted', () => {
    const { call, settled, faults, missed } = aDispatch(strategy, { file_open: membersOf(() => -EPERM) })
    const args = argumentsOf('file_open')
    let answered = 0
    let other = 0
    const dive = (): void => {
      let rc: unknown
      try {
        rc = call('file_open', ...args)
      } catch (error) {
        // nobody was answered
        if (!(error instanceof RangeError)) throw error
        other++
      }
      if (rc === -EPERM || rc === -EACCES) answered++
      else if (rc !== undefined) throw new Error(`allowed with ${String(rc)}`)
      dive()
    }
    expect(dive).toThrow(RangeError)
    expect(answered).toBeGreaterThan(1000)
    expect(other).toBeLessThan(100)
    // a fault and the refusal that it becomes are two reports
    const reported = settled.length + missed.count
    expect(reported).toBeGreaterThanOrEqual(answered)
    expect(faults.length).toBeLessThan(100)
  })

  test('-0 is 0', () => {
    const { call, settled } = aDispatch(strategy, { file_open: membersOf(() => -0) })
    expect(call('file_open', ...argumentsOf('file_open'))).toBe(0)
    expect(settled).toEqual([])
  })

  test.each([1, 2, 5, 6, 9])('a void hook that throws is reported and the other %i members are told', (others) => {
    const { members, callsOf } = onAll(told, (_, calls) => {
      const fns = Array<HookFn>(others).fill(spy(undefined, calls))
      return [fns[0]!, () => { throw bug }, ...fns.slice(1)]
    })
    const { call, faults } = aDispatch(strategy, members)
    for (const hook of told) {
      faults.length = 0
      const args = argumentsOf(hook)
      expect(call(hook, ...args), hook).toBeUndefined()
      expect(callsOf[hook], hook).toEqual(Array(others).fill(args))
      expect(faults, hook).toEqual([{ hook, lsm: 'm1', kind: 'throw', error: bug }])
    }
  })

  test('two void members that throw are both reported', () => {
    const calls: unknown[][] = []
    const { call, faults } = aDispatch(strategy, {
      file_release: membersOf(() => { throw bug }, () => { throw bug }, spy(undefined, calls)),
    })
    call('file_release', ...argumentsOf('file_release'))
    expect(faults.map(({ lsm }) => lsm)).toEqual(['m0', 'm1'])
    expect(calls).toHaveLength(1)
  })

  test('a void member may return what it likes, but not a promise', () => {
    const calls: unknown[][] = []
    const { call, faults } = aDispatch(strategy, {
      file_release: membersOf(() => true, async () => {}, spy(undefined, calls)),
    })
    call('file_release', ...argumentsOf('file_release'))
    expect(faults.map(({ lsm, kind }) => ({ lsm, kind }))).toEqual([{ lsm: 'm1', kind: 'async-hook' }])
    expect(calls).toHaveLength(1)
  })

  describe("onFault: 'throw'", () => {
    const throwing = { onFault: 'throw' } as const

    test('what a hook threw comes out, after it was reported once', () => {
      const bench = aDispatch(strategy, {
        file_open: membersOf(() => { throw bug }),
        inode_permission: membersOf(() => bench.call('file_open', ...argumentsOf('file_open'))),
      }, throwing)
      expect(() => bench.call('inode_permission', ...argumentsOf('inode_permission'))).toThrow(bug)
      expect(bench.faults.map(({ hook }) => hook)).toEqual(['file_open'])
    })

    test.each([
      { hook: 'file_open', fn: () => true },
      { hook: 'file_release', fn: async () => {} },
      { hook: 'task_prctl', fn: () => '0' },
    ] as const)('a wrong value on $hook is an error that names the member', ({ hook, fn }) => {
      const { call, faults } = aDispatch(strategy, { [hook]: membersOf(fn) }, throwing)
      expect(() => call(hook, ...argumentsOf(hook))).toThrow(`m0 on ${hook}`)
      expect(faults).toHaveLength(1)
    })
  })

  test('a listener that throws changes no decision', () => {
    const cold = { onSettle() { throw bug }, onFault() { throw bug } }
    const { call } = aDispatch(strategy, { file_open: membersOf(() => -EPERM), syslog: membersOf(() => 'x') }, { cold })
    expect(call('file_open', ...argumentsOf('file_open'))).toBe(-EPERM)
    expect(call('syslog', 1)).toBe(-EACCES)
  })

  test('hooks call hooks, their own too', () => {
    const calls: string[] = []
    const bench = aDispatch(strategy, {
      task_getpgid: membersOf((depth: number) => {
        calls.push(`getpgid ${depth}`)
        return depth === 0 ? bench.call('task_getsid', 0) : bench.call('task_getpgid', depth - 1)
      }),
      task_getsid: membersOf(() => {
        calls.push('getsid')
        return -EPERM
      }),
    })
    expect(bench.call('task_getpgid', 2)).toBe(-EPERM)
    expect(calls).toEqual(['getpgid 2', 'getpgid 1', 'getpgid 0', 'getsid'])
    expect(bench.settled.map(({ hook }) => hook)).toEqual([
      'task_getsid',
      'task_getpgid',
      'task_getpgid',
      'task_getpgid',
    ])
  })
})

test.each(strategyNames)('%s: stacks that share functions report each to its own', (strategy) => {
  const members = { syslog: membersOf(() => -EPERM) }
  const [one, other] = [aDispatch(strategy, members), aDispatch(strategy, members)]
  expect(one.call('syslog', 1)).toBe(-EPERM)
  expect([one.settled.length, other.settled.length]).toEqual([1, 0])
  expect(other.call('syslog', 1)).toBe(-EPERM)
  expect([one.settled.length, other.settled.length]).toEqual([1, 1])
})
