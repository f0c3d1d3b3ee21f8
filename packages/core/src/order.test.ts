import { existsSync, readFileSync } from 'node:fs'
import { assert, constantFrom, integer, nat, option, property, record, uniqueArray, array, boolean } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initLog, kernelLog, orderLsms, reasonOf } from './order.ts'
import type { BlobSizes, OrderBoot, OrderRecord } from './order.ts'
import { sizedKinds } from './order/blob-layout.ts'

type Numbers = 'order' | 'flags' | 'ownEnabled' | 'early' | 'cred' | 'inode' | 'file' | 'xattr'
type VectorRecord = { name: string } & Record<Numbers, number>
interface Vector {
  title: string
  records: readonly VectorRecord[]
  configLsm: string
  lsmParam: string | null
  securityParam: string | null
  expect: object
}

const golden = new URL('../../../../shared/golden/core/lsm-order-vectors.json', import.meta.url)
const vectors: readonly Vector[] = existsSync(golden) ? JSON.parse(readFileSync(golden, 'utf8')).vectors : []

describe.skipIf(vectors.length === 0)('what the kernel did (skipped without ../shared)', () => {
  test.each(vectors)('$title', (vector) => {
    const given = vector.records.map(({ name, cred, inode, file, ...rest }): OrderRecord => ({
      name,
      order: (['first', 'mutable', 'last'] as const)[rest.order + 1]!,
      early: rest.early === 1,
      legacyMajor: (rest.flags & 1) !== 0,
      exclusive: (rest.flags & 2) !== 0,
      enabled: rest.ownEnabled < 0 ? null : rest.ownEnabled === 1,
      blobs: { cred, inode, file, xattr_count: rest.xattr },
    }))
    const { configLsm, lsmParam, securityParam } = vector
    const { initializing: _message, events: _steps, blobTotals, offsets, ...order } =
      orderLsms(given, { configLsm, lsmParam, securityParam })
    expect({
      ...order,
      blobTotals: four(blobTotals),
      offsets: Object.fromEntries(Object.entries(offsets).map(([name, sizes]) => [name, four(sizes)])),
    }).toEqual(vector.expect)
  })
})

const four = ({ cred, inode, file, xattr_count }: BlobSizes) => ({ cred, inode, file, xattr: xattr_count })

const records: OrderRecord[] = [
  { name: 'lockdown', early: true },
  { name: 'capability', order: 'first' },
  { name: 'selinux', legacyMajor: true, exclusive: true, enabled: true },
  { name: 'smack', legacyMajor: true, exclusive: true },
  { name: 'tomoyo', legacyMajor: true },
  { name: 'yama' },
  { name: 'evm', order: 'last' },
]

describe('one rule at a time', () => {
  test.each([
    { say: 'the list orders', boot: { configLsm: 'yama,smack' }, order: 'lockdown,capability,yama,smack,evm' },
    {
      say: 'lsm= replaces CONFIG_LSM', boot: { configLsm: 'yama', lsmParam: 'tomoyo' },
      order: 'lockdown,capability,tomoyo,evm',
    },
    { say: 'an empty lsm= is a list too', boot: { configLsm: 'yama', lsmParam: '' }, order: 'lockdown,capability,evm' },
    {
      say: 'the first exclusive one wins', boot: { configLsm: 'smack,selinux' },
      order: 'lockdown,capability,smack,evm',
    },
    {
      say: 'security= switches other majors off', boot: { configLsm: 'selinux,smack,tomoyo', securityParam: 'tomoyo' },
      order: 'lockdown,capability,tomoyo,evm',
    },
    {
      say: 'security= adds what the list does not name', boot: { configLsm: 'yama', securityParam: 'smack' },
      order: 'lockdown,capability,yama,smack,evm',
    },
    {
      say: 'security=none', boot: { configLsm: 'selinux,yama', securityParam: 'none' },
      order: 'lockdown,capability,yama,evm',
    },
    {
      say: 'lsm= silences security=', boot: { configLsm: '', lsmParam: 'selinux', securityParam: 'smack' },
      order: 'lockdown,capability,selinux,evm',
    },
    {
      say: 'first, last and early cannot be moved', boot: { configLsm: 'evm,lockdown,yama,capability' },
      order: 'lockdown,capability,yama,evm',
    },
    { say: 'case and blanks count', boot: { configLsm: 'Yama, yama' }, order: 'lockdown,capability,evm' },
    {
      say: 'duplicates: the first place', boot: { configLsm: 'yama,tomoyo,yama' },
      order: 'lockdown,capability,yama,tomoyo,evm',
    },
    {
      say: 'exclusive: allow', boot: { configLsm: 'smack,selinux', exclusive: 'allow' as const },
      order: 'lockdown,capability,smack,selinux,evm',
    },
  ])('$say', ({ boot, order }) => {
    expect(orderLsms(records, boot).lsmFile).toBe(order)
  })

  test('an LSM that is off in its own variable stays in the list and gives way', () => {
    const off = records.map((r) => (r.name === 'selinux' ? { ...r, enabled: false } : r))
    const order = orderLsms(off, { configLsm: 'selinux,smack' })
    expect(order.listed).toEqual(['capability', 'selinux', 'smack', 'evm'])
    expect(order.exclusive).toBe('smack')
  })

  test('MAX_LSM_COUNT: what does not fit is left out and warned of', () => {
    const order = orderLsms(records, { configLsm: 'yama,tomoyo', maxLsmCount: 2 })
    expect(order.listed).toEqual(['capability', 'yama'])
    expect(order.warned).toBe(2)
  })

  test('one that registers no hook is not in the lsm file', () => {
    const order = orderLsms([...records, { name: 'silent', registers: false }], { configLsm: 'silent,yama' })
    expect(order.initOrder).toContain('silent')
    expect(order.lsmFile).not.toContain('silent')
    expect(order.initializing).toBe('initializing lsm=lockdown,capability,silent,yama,evm')
  })

  test.each([
    { name: 'lockdown', why: 'started early, in front of all others' },
    { name: 'capability', why: 'always first' },
    { name: 'selinux', why: '`smack` is exclusive too, and came first' },
    { name: 'tomoyo', why: 'not named by CONFIG_LSM' },
    { name: 'evm', why: 'always last' },
  ])('why $name', ({ name, why }) => {
    expect(reasonOf(name, orderLsms(records, { configLsm: 'smack,selinux,yama' }).events)).toBe(why)
  })

  test('why: `security=` counts before the list and the own variable', () => {
    const off = records.map((r) => (r.name === 'selinux' ? { ...r, enabled: false } : r))
    const { events } = orderLsms(off, { configLsm: 'selinux', securityParam: 'tomoyo' })
    expect(reasonOf('selinux', events)).toBe('`security=tomoyo` chose another major')
    expect(reasonOf('smack', events)).toBe('`security=tomoyo` chose another major')
    expect(reasonOf('tomoyo', events)).toBe('chosen by `security=`')
  })
})

test('the steps read as lsm.debug prints them', () => {
  const { events } = orderLsms(records, { configLsm: 'x,selinux,smack', securityParam: 'selinux' })
  expect(events.map(kernelLog)).toEqual([
    'early started: lockdown (enabled)',
    'first ordered: capability (enabled)',
    'security=selinux disabled: smack (only one legacy major LSM)',
    'security=selinux disabled: tomoyo (only one legacy major LSM)',
    'builtin ignored: x (not built into kernel)',
    'builtin ordered: selinux (enabled)',
    'builtin ordered: smack (disabled)',
    'last ordered: evm (enabled)',
    'builtin skipped: tomoyo (not in requested order)',
    'builtin skipped: yama (not in requested order)',
    'exclusive chosen: selinux',
  ])
})

describe('the steps since 6.19', () => {
  const steps = (boot: OrderBoot) =>
    initLog(records, boot).filter((line) => !/^(available|built-in|blob|running|initializing)/.test(line))

  test('a major of `security=`, names twice, a name of nobody', () => {
    expect(steps({ configLsm: 'x,smack,selinux,selinux', securityParam: 'selinux' })).toEqual([
      'legacy LSM parameter: selinux',
      'boot LSM parameter: (null)',
      'enabled LSM early:lockdown',
      'skip legacy LSM conflict builtin:smack',
      'skip legacy LSM conflict builtin:tomoyo',
      'enabling LSM first:capability',
      'skip previously disabled LSM builtin:smack',
      'select exclusive LSM builtin:selinux',
      'enabling LSM builtin:selinux',
      'enabling LSM last:evm',
      'skip disabled LSM builtin:smack',
      'skip disabled LSM builtin:tomoyo',
      'skip disabled LSM builtin:yama',
      'all enabled LSMs fully activated',
    ])
  })

  test('more LSMs than there is room for: early ones count', () => {
    expect(steps({ configLsm: 'yama', maxLsmCount: 2 })).toContain('exceeded maximum LSM count on builtin:yama')
  })

  test('an LSM that is not the kernel\'s brings the blobs of its record and no initcall', () => {
    const lines = initLog([...records, { name: 'own', blobs: { inode: 24 } }], { configLsm: 'own' })
    expect(lines).toContain('blob(inode) size 80')
    expect(lines.filter((line) => line.startsWith('running own'))).toEqual([])
  })
})

const names = ['capability', 'selinux', 'smack', 'tomoyo', 'yama', 'lockdown', 'bpf', 'evm', 'own', 'x']
const part = constantFrom(...names, '', 'nosuch', 'SMACK', ' yama')
const list = array(part, { maxLength: 14 }).map((parts) => parts.join(','))
const aRecord = record({
  name: constantFrom(...names),
  order: constantFrom('first' as const, 'mutable' as const, 'last' as const),
  early: boolean(),
  legacyMajor: boolean(),
  exclusive: boolean(),
  enabled: option(boolean()),
  blobs: record({ cred: nat(70), inode: integer({ min: -4, max: 70 }), file: nat(70), xattr_count: nat(3) }),
})
const someRecords = uniqueArray(aRecord, { selector: ({ name }) => name, maxLength: names.length })
const someBoot = record({
  configLsm: list,
  lsmParam: option(list),
  securityParam: option(constantFrom(...names, 'none', '')),
})

describe('whatever the records and arguments', () => {
  const always = (holds: (given: OrderRecord[], boot: OrderBoot) => void) => () =>
    assert(property(someRecords, someBoot, holds), { numRuns: 400 })
  const record_ = (given: OrderRecord[], name: string) => given.find((r) => r.name === name)!
  const chosenBy = ({ lsmParam = null, securityParam = null }: OrderBoot) => (lsmParam === null ? securityParam : null)

  // an early one is always on since then, and two exclusive ones make the kernel lose count
  test('the steps since 6.19 end with the same LSMs', always((records_, boot) => {
    const given = records_.map((r) => (r.early ? { ...r, enabled: null, exclusive: false } : r))
    const ready = initLog(given, boot).filter((line) => line.startsWith('initializing '))
    const early = new Set(given.filter((r) => r.early).map(({ name }) => name))
    const late = orderLsms(given, boot).initOrder.filter((name) => !early.has(name))
    expect(ready).toEqual(late.map((name) => `initializing ${name}`))
  }))

  test('everybody enabled is given, once, and is listed or early', always((given, boot) => {
    const { initOrder, listed } = orderLsms(given, boot)
    expect(new Set(initOrder).size).toBe(initOrder.length)
    for (const name of initOrder) expect(record_(given, name).early || listed.includes(name)).toBe(true)
  }))

  test('early, then first, then mutable, then last; only security= may put one elsewhere', always((given, boot) => {
    const rank = (name: string) => {
      const { early, order } = record_(given, name)
      return early ? 0 : { first: 1, mutable: 2, last: 3 }[order ?? 'mutable']
    }
    const ranks = orderLsms(given, boot).initOrder.filter((name) => name !== chosenBy(boot)).map(rank)
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
  }))

  test('first and last ones are on, unless they are majors, exclusive or off by themselves', always((given, boot) => {
    const { initOrder } = orderLsms(given, boot)
    for (const r of given) {
      if (r.order === 'mutable' || r.exclusive || r.legacyMajor || r.enabled === false || r.early) continue
      expect(initOrder).toContain(r.name)
    }
  }))

  test('at most one exclusive LSM is enabled: the first of them', always((given, boot) => {
    const { initOrder, exclusive } = orderLsms(given, boot)
    const found = initOrder.filter((name) => record_(given, name).exclusive)
    expect(found).toEqual(exclusive === null ? [] : [exclusive])
  }))

  test('asking again with the result as lsm= changes nothing', always((given, boot) => {
    const before = orderLsms(given, boot)
    // security= also switches off what comes first or last, which no list can say
    if (chosenBy(boot) !== null) return
    const isMutable = ({ early, order }: OrderRecord) => !early && order === 'mutable'
    const listed = before.initOrder.filter((name) => isMutable(record_(given, name)))
    const again = orderLsms(given, { ...boot, lsmParam: listed.join(','), securityParam: null })
    expect(again.initOrder).toEqual(before.initOrder)
  }))

  test('blobs are aligned, do not overlap, and lie below the total', always((given, boot) => {
    const { initOrder, offsets, blobTotals } = orderLsms(given, boot)
    for (const kind of sizedKinds) {
      let end = kind === 'inode' ? 16 : 0
      for (const name of initOrder) {
        const need = record_(given, name).blobs?.[kind] ?? 0
        if (need <= 0) continue
        expect(offsets[name]![kind] % 8).toBe(0)
        expect(offsets[name]![kind]).toBeGreaterThanOrEqual(end)
        expect(offsets[name]![kind] - end).toBeLessThan(8)
        end = offsets[name]![kind] + need
      }
      expect(blobTotals[kind] === 0 || blobTotals[kind] === end).toBe(true)
    }
  }))

  test('everybody has a reason, and the disabled ones a reason to be off', always((given, boot) => {
    const { initOrder, events } = orderLsms(given, boot)
    for (const { name } of given) {
      const off = /not named|chose another|is 0$|came first|MAX_LSM_COUNT/.test(reasonOf(name, events))
      expect(off, `${name}: ${reasonOf(name, events)}`).toBe(!initOrder.includes(name))
    }
  }))
})
