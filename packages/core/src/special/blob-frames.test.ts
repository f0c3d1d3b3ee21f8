import { EACCES, ENOMEM, EPERM } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { aDispatch, anEnv, aPool, member, strategyNames } from '../../test/dispatch-support.ts'
import { hookDefs, hookNames } from '../hooks/hook-defs.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import type { BlobKind } from '../hooks/hook-types.ts'
import type { StrategyName } from '../dispatch/strategy.ts'

/** Allocation and what undoes it. */
const pairs: readonly [alloc: HookName, free: HookName | null][] = [
  ['sb_alloc_security', 'sb_free_security'],
  ['inode_alloc_security', 'inode_free_security'],
  ['file_alloc_security', 'file_free_security'],
  ['backing_file_alloc', 'backing_file_free'],
  ['task_alloc', 'task_free'],
  ['cred_alloc_blank', 'cred_free'],
  ['cred_prepare', 'cred_free'],
  ['msg_msg_alloc_security', 'msg_msg_free_security'],
  ['msg_queue_alloc_security', 'msg_queue_free_security'],
  ['shm_alloc_security', 'shm_free_security'],
  ['sem_alloc_security', 'sem_free_security'],
  ['sk_alloc_security', 'sk_free_security'],
  ['bdev_alloc_security', 'bdev_free_security'],
  ['key_alloc', null],
  ['tun_dev_alloc_security', null],
  ['ib_alloc_security', null],
  ['perf_event_alloc', null],
]

const anObject = () => ({ security: null as object | null })

interface Setting {
  /** What each LSM's allocation answers, by position; null for an LSM that is only on the free hook. */
  readonly answers: readonly (number | null)[]
  readonly pool?: boolean
  readonly kernelExact?: boolean
}

/** A stack whose LSMs write down what they are told. */
const aStack = (strategy: StrategyName, [alloc, free]: (typeof pairs)[number], setting: Setting) => {
  const { answers, pool = true, kernelExact = false } = setting
  const log: string[] = []
  const kind = hookDefs[alloc].allocates as BlobKind
  const allocs = answers.flatMap((rc, i) => rc === null ? [] : [member(`m${i}`, i, (object) => {
    log.push(`m${i} ${object.security === null ? 'bare' : 'filled'}`)
    return rc
  })])
  const frees = answers.map((_, i) => member(`m${i}`, i, () => { log.push(`free m${i}`) }))
  const env = anEnv({ blobs: pool ? { [kind]: aPool(log) } : {} })
  const bench = aDispatch(
    strategy,
    { [alloc]: allocs, ...(free === null ? {} : { [free]: frees }) },
    { env, kernelExact },
  )
  return { ...bench, log }
}

test('every hook that allocates is paired here', () => {
  const allocating = hookNames.filter((hook) => hookDefs[hook].allocates !== null)
  expect(pairs.map(([alloc]) => alloc).sort()).toEqual([...allocating].sort())
})

describe.each(strategyNames)('%s', (strategy) => {
  describe.each(pairs)('%s', (alloc, free) => {
    const pair = [alloc, free] as (typeof pairs)[number]

    test('allocates before the LSMs are asked', () => {
      const { call, log } = aStack(strategy, pair, { answers: [0, 0] })
      const object = anObject()
      expect(call(alloc, object, 1, 2)).toBe(0)
      expect(log).toEqual(['alloc', 'm0 filled', 'm1 filled'])
      expect(object.security).not.toBeNull()
    })

    test('with nobody on the hook too', () => {
      const { call, log } = aStack(strategy, pair, { answers: [] })
      const object = anObject()
      expect(call(alloc, object, 1, 2)).toBe(0)
      expect(log).toEqual(['alloc'])
    })

    test('leaves the object bare where nobody keeps state', () => {
      const { call, log } = aStack(strategy, pair, { answers: [0], pool: false })
      const object = anObject()
      expect(call(alloc, object, 1, 2)).toBe(0)
      expect(log).toEqual(['m0 bare'])
    })

    test.each([-ENOMEM, 5])('a refusal (%i) undoes exactly the LSMs that had run', (rc) => {
      const { call, log } = aStack(strategy, pair, { answers: [0, null, rc, 0] })
      const object = anObject()
      expect(call(alloc, object, 1, 2)).toBe(rc < 0 ? rc : -EACCES)
      const undone = free === null ? [] : ['free m0', 'free m2']
      expect(log).toEqual(['alloc', 'm0 filled', 'm2 filled', ...undone, 'free'])
      expect(object.security).toBeNull()
    })

    test('kernelExact: a refusal runs every free hook', () => {
      const { call, log } = aStack(strategy, pair, { answers: [0, null, -ENOMEM, 0], kernelExact: true })
      call(alloc, anObject(), 1, 2)
      const undone = free === null ? [] : ['free m0', 'free m1', 'free m2', 'free m3']
      expect(log).toEqual(['alloc', 'm0 filled', 'm2 filled', ...undone, 'free'])
    })

    test('an initialiser that throws denies, and nobody is asked', () => {
      const kind = hookDefs[alloc].allocates as BlobKind
      const pool = { alloc() { throw new Error('full') }, free() {} }
      const { call, faults } = aDispatch(strategy, {}, { env: anEnv({ blobs: { [kind]: pool } }) })
      const object = anObject()
      expect(call(alloc, object, 1, 2)).toBe(-EACCES)
      expect(object.security).toBeNull()
      expect(faults).toMatchObject([{ hook: alloc, lsm: 'framework', kind: 'throw' }])
    })
  })

  describe.each(pairs.filter(([, free]) => free !== null))('%s and %s', (alloc, free) => {
    const pair = [alloc, free] as (typeof pairs)[number]

    test('the free hook runs for all, then the state goes', () => {
      const { call, log } = aStack(strategy, pair, { answers: [0, 0] })
      const object = anObject()
      call(alloc, object, 1, 2)
      log.length = 0
      call(free!, object)
      expect(log).toEqual(['free m0', 'free m1', 'free'])
      expect(object.security).toBeNull()
    })

    test('the free hook and objects without state', () => {
      const { call, log } = aStack(strategy, pair, { answers: [0], pool: false })
      call(free!, anObject())
      const leftAlone = free === 'cred_free' || free === 'bdev_free_security'
      expect(log).toEqual(leftAlone ? [] : ['free m0'])
    })
  })

  test('a credential without state that is refused is not undone either: its free path returns at once', () => {
    const { call, log } = aStack(strategy, ['cred_prepare', 'cred_free'], { answers: [0, -EPERM], pool: false })
    expect(call('cred_prepare', anObject(), {}, 0)).toBe(-EPERM)
    expect(log).toEqual(['m0 bare', 'm1 bare'])
  })

  test('an allocation inside an allocation that is refused leaves the outer one its own rollback', () => {
    const log: string[] = []
    const bench = aDispatch(strategy, {
      task_alloc: [
        member('a', 0, () => { log.push('a'); return 0 }),
        member('b', 1, (_task, flags) => {
          log.push(`b${flags}`)
          return flags === 0 ? (bench.call('task_alloc', anObject(), 1) as number) : -EPERM
        }),
        member('c', 2, () => 0),
      ],
      task_free: ['a', 'b', 'c'].map((name, i) => member(name, i, () => { log.push(`free ${name}`) })),
    }, { env: anEnv({ blobs: { task: aPool() } }) })
    expect(bench.call('task_alloc', anObject(), 0)).toBe(-EPERM)
    expect(log).toEqual(['a', 'b0', 'a', 'b1', 'free a', 'free b', 'free a', 'free b'])
  })

  describe('inode', () => {
    test('state is handed to the RCU hook after the free hook, then taken away', () => {
      const log: string[] = []
      const { call } = aDispatch(strategy, {
        inode_free_security: [member('m0', 0, () => { log.push('free hook') })],
        inode_free_security_rcu: [member('m0', 0, (state) => { log.push(state === null ? 'rcu null' : 'rcu') })],
      }, { env: anEnv({ blobs: { inode: aPool(log) } }) })
      const inode = anObject()
      call('inode_alloc_security', inode)
      call('inode_free_security', inode)
      expect(log).toEqual(['alloc', 'free hook', 'rcu', 'free'])
    })

    test('the RCU hook waits for the grace period', () => {
      const log: string[] = []
      const waiting: (() => void)[] = []
      const env = anEnv({ blobs: { inode: aPool(log) }, callRcu: (callback) => waiting.push(callback) })
      const { call } = aDispatch(
        strategy,
        {
          inode_free_security_rcu: [
            member('m0', 0, () => {
              log.push('rcu')
            }),
          ],
        },
        { env },
      )
      const inode = anObject()
      call('inode_alloc_security', inode)
      call('inode_free_security', inode)
      expect(log).toEqual(['alloc'])
      expect(inode.security).not.toBeNull()
      for (const callback of waiting) callback()
      expect(log).toEqual(['alloc', 'rcu', 'free'])
    })

    test('a refused inode: RCU hooks of those that ran', () => {
      const log: string[] = []
      const names = ['a', 'b', 'c']
      const { call } = aDispatch(strategy, {
        inode_alloc_security: names.map((name, i) => member(name, i, () => (name === 'b' ? -ENOMEM : 0))),
        inode_free_security: names.map((name, i) => member(name, i, () => { log.push(`free ${name}`) })),
        inode_free_security_rcu: names.map((name, i) => member(name, i, () => { log.push(`rcu ${name}`) })),
      }, { env: anEnv({ blobs: { inode: aPool(log) } }) })
      expect(call('inode_alloc_security', anObject())).toBe(-ENOMEM)
      expect(log).toEqual(['alloc', 'free a', 'free b', 'rcu a', 'rcu b', 'free'])
    })
  })
})

test.each(strategyNames)('%s: who is told of a refusal may call the hook; undone are those who had run', (strategy) => {
  const log: string[] = []
  let calls = 0
  const bench = aDispatch(strategy, {
    file_alloc_security: [
      member('m0', 0, () => (++calls === 2 ? -EPERM : 0)),
      member('m1', 1, () => -EACCES),
    ],
    file_free_security: ['m0', 'm1'].map((name, i) => member(name, i, () => { log.push(`free ${name}`) })),
  }, {
    env: anEnv({ blobs: { file: aPool() } }),
    cold: {
      onSettle: () => {
        if (calls === 1) bench.call('file_alloc_security', anObject())
      },
      onFault() {},
    },
  })
  expect(bench.call('file_alloc_security', anObject())).toBe(-EACCES)
  expect(log).toEqual(['free m0', 'free m0', 'free m1'])
})
