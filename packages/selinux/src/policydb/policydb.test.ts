import { describe, expect, test } from 'vitest'
import { goldenPolicies } from '../testing/golden.ts'
import { smallPolicy, smallPolicyBytes } from '../testing/small-policy.ts'
import { Avtab, differingLines, normalisePolicy, PolicyError, readPolicy, writePolicy } from './index.ts'
import type { Policydb } from './index.ts'

const failure = (bytes: Uint8Array): PolicyError | null => {
  try {
    readPolicy(bytes)
    return null
  } catch (error) {
    if (error instanceof PolicyError) return error
    throw error
  }
}

/** A copy of the small policy with one 32-bit word replaced. */
const withWord = (offset: number, value: number): Uint8Array => {
  const bytes = smallPolicyBytes()
  new DataView(bytes.buffer).setUint32(offset, value, true)
  return bytes
}

/** Without what older versions refuse. */
const withoutXperms = (): Policydb => {
  const policy = smallPolicy()
  const plain = (rules: Avtab): Avtab => {
    const kept = new Avtab()
    for (let i = 0; i < rules.length; i++) {
      if (rules.xpermsOf(i) !== null) continue
      kept.add(rules.source[i]!, rules.target[i]!, rules.tclass[i]!, rules.specified[i]!, rules.datum[i]!)
    }
    return kept
  }
  const conditionals = policy.conditionals.map((item) => ({
    ...item, whenTrue: plain(item.whenTrue), whenFalse: plain(item.whenFalse),
  }))
  return { ...policy, avtab: plain(policy.avtab), conditionals }
}

describe('a policy', () => {
  test('is written as it was read, byte by byte', () => {
    const bytes = smallPolicyBytes()
    expect(writePolicy(readPolicy(bytes))).toEqual(bytes)
  })

  const versions = Array.from({ length: 16 }, (_, i) => 20 + i)
  test.each(versions)('comes back from version %i', (version) => {
    const bytes = writePolicy(withoutXperms(), { version })
    const read = readPolicy(bytes)
    expect(read.version).toBe(version)
    expect(writePolicy(read)).toEqual(bytes)
    expect(normalisePolicy(readPolicy(writePolicy(read, { version })))).toEqual(normalisePolicy(read))
  })

  test('loses nothing in versions that have a place for everything', () => {
    const policy = withoutXperms()
    const lines = normalisePolicy(policy)
    const read = readPolicy(writePolicy(readPolicy(writePolicy(policy, { version: 32 })), { version: 34 }))
    expect(differingLines(normalisePolicy(read), lines)).toEqual({ onlyA: [], onlyB: [] })
  })

  test('an older version says what it leaves out', () => {
    const dropped: string[] = []
    writePolicy(withoutXperms(), { version: 24, onDrop: (what) => void dropped.push(what) })
    expect(dropped).toEqual([
      'the defaults of class `dir`: not in version 24',
      'the defaults of class `fifo_file`: not in version 24',
      '1 role transitions: not in version 24',
      '1 transitions by name: not in version 24',
      '2 contexts of InfiniBand: not in version 24',
    ])
  })

  test.each([
    { version: 29, message: 'version 29 has no extended permissions' },
    { version: 33, message: 'version 33 has no extended permissions in conditionals' },
  ])('$message', ({ version, message }) => {
    expect(
      () => writePolicy(smallPolicy(), { version }),
    ).toThrow(expect.objectContaining({ code: 'not-expressible', summary: message }))
  })
})

describe('what is not a policy', () => {
  const header = 4 + 4 + 8
  test.each([
    { what: 'nothing', bytes: () => new Uint8Array(0), code: 'truncated', offset: 0 },
    { what: 'something else', bytes: () => withWord(0, 0x464c457f), code: 'not-a-policy', offset: 0 },
    { what: 'a module', bytes: () => withWord(0, 0xf97cff8f), code: 'module', offset: 0 },
    { what: 'another target', bytes: () => withWord(8, 0x78787878), code: 'not-a-policy', offset: 4 },
    { what: 'an old version', bytes: () => withWord(header, 19), code: 'unsupported-version', offset: 16 },
    { what: 'a version to come', bytes: () => withWord(header, 36), code: 'unsupported-version', offset: 16 },
    { what: 'another number of tables', bytes: () => withWord(header + 8, 9), code: 'bad-count', offset: 24 },
    { what: 'a set of other nodes', bytes: () => withWord(header + 16, 32), code: 'bad-ebitmap', offset: 32 },
  ])('$what: $code', ({ bytes, code, offset }) => {
    expect(failure(bytes())).toMatchObject({ code, offset })
  })

  test('a byte too many', () => {
    const bytes = smallPolicyBytes()
    const longer = new Uint8Array(bytes.length + 1)
    longer.set(bytes)
    expect(failure(longer)).toMatchObject({ code: 'trailing-bytes', offset: bytes.length })
  })

  test('every beginning of a policy', () => {
    const bytes = smallPolicyBytes()
    for (let length = 0; length < bytes.length; length++) {
      const error = failure(bytes.subarray(0, length))
      expect(error, `the first ${length} bytes`).not.toBeNull()
      expect(error!.offset, `the first ${length} bytes`).toBeLessThanOrEqual(length)
    }
  })

  test('a count that the file cannot hold is refused before anything is made', () => {
    const bytes = smallPolicyBytes()
    const view = new DataView(bytes.buffer)
    let refused = 0
    for (let at = 20; at + 4 <= bytes.length; at++) {
      const word = view.getUint32(at, true)
      view.setUint32(at, 0xfffffff0, true)
      if (failure(bytes) !== null) refused++
      view.setUint32(at, word, true)
    }
    expect(refused).toBeGreaterThan(bytes.length / 2)
  })

  const typeOf = (p: Policydb, name: string) => p.types.items.find((item) => item.name === name)!
  const boundBy = (type: string, bound: string) => (p: Policydb) => {
    typeOf(p, type).bounds = typeOf(p, bound).value
  }
  const broken: readonly { what: string; code: string; change: (p: Policydb) => void }[] = [
    { what: 'a ring of bounds', code: 'bad-value', change: boundBy('user_t', 'child_t') },
    { what: 'a type bounded by an attribute', code: 'bad-value', change: boundBy('user_t', 'domain') },
    {
      what: 'two types of one value', code: 'duplicate',
      change: ({ types }) => void (types.items[1]!.value = types.items[0]!.value),
    },
    {
      what: 'a name that is there twice', code: 'duplicate',
      change: ({ users }) => void (users.items[1]!.name = users.items[0]!.name),
    },
    {
      what: 'a class without its common', code: 'bad-reference',
      change: ({ commons }) => void (commons.items[0]!.name = 'other'),
    },
    {
      what: 'a constraint that joins one term', code: 'bad-expression',
      change: ({ classes }) => {
        const { constraints } = classes.items.find((item) => item.constraints.length > 0)!
        constraints[0]!.expression.push({ kind: 2, attribute: 0, operator: 0, names: null, typeSet: null })
      },
    },
    {
      what: 'a conditional of nothing', code: 'bad-expression',
      change: ({ conditionals }) => void (conditionals[0]!.expression = []),
    },
    { what: 'a rule of no kind', code: 'bad-value', change: ({ avtab }) => void (avtab.specified[0] = 0) },
    { what: 'a rule of two kinds', code: 'bad-value', change: ({ avtab }) => void (avtab.specified[0] = 3) },
    { what: 'a rule of no known type', code: 'bad-reference', change: ({ avtab }) => void (avtab.target[0] = 999) },
    { what: 'a name with a NUL', code: 'bad-string', change: ({ types }) => void (types.items[0]!.name = 'a\0b') },
    {
      what: 'object_r of another value', code: 'bad-value',
      change: ({ roles }) => {
        const own = roles.items.find(({ name }) => name === 'object_r')!
        const other = roles.items.find(({ name }) => name !== 'object_r')!
        ;[own.value, other.value] = [other.value, own.value]
      },
    },
    {
      what: 'a range upside down', code: 'bad-value',
      change: ({ users }) => {
        const { range } = users.items.find(({ name }) => name === 'joe')!
        ;[range.low, range.high] = [range.high, range.low]
      },
    },
  ]
  test.each(broken)('$what: $code', ({ change, code }) => {
    const policy = smallPolicy()
    change(policy)
    expect(failure(writePolicy(policy))).toMatchObject({ code })
  })

  test('a file of many small things takes no longer than it is long', () => {
    const policy = smallPolicy()
    const { items } = policy.booleans
    for (let value = items.length + 1; value <= 50_000; value++) items.push({ name: `b${value}`, value, state: false })
    policy.booleans.nprim = items.length
    const bytes = writePolicy(policy)
    // time of the processor, which what else the machine does is not in
    const begun = process.cpuUsage()
    expect(readPolicy(bytes).booleans.items).toHaveLength(50_000)
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(5000)
  })
})

describe('normalised', () => {
  test('order and numbers do not matter', () => {
    const policy = smallPolicy()
    const lines = normalisePolicy(policy)
    const { types, roles, users, classes, booleans } = policy
    for (const { items } of [types, roles, users, classes, booleans]) items.reverse()
    policy.roleAllows.reverse()
    policy.ports.reverse()
    policy.conditionals.reverse()
    expect(normalisePolicy(policy)).toEqual(lines)
  })

  test('one right less is one line that differs', () => {
    const policy = smallPolicy()
    const lines = normalisePolicy(policy)
    const rule = policy.avtab.specified.findIndex(
      (specified, i) => specified === 1 && (policy.avtab.datum[i]! & 2) !== 0,
    )
    policy.avtab.datum[rule]! &= ~2
    const { onlyA, onlyB } = differingLines(lines, normalisePolicy(policy))
    expect(onlyA).toHaveLength(1)
    expect(onlyB).toHaveLength(1)
    expect(onlyA[0]).toMatch(/^allow /)
  })

  test('a conditional is told by when it holds, not by how it is written', () => {
    const policy = smallPolicy()
    const lines = normalisePolicy(policy)
    const at = policy.conditionals.findIndex(({ expression }) => expression.length === 1)
    const { expression, whenTrue, whenFalse, state } = policy.conditionals[at]!
    const not = [...expression, { kind: 2, bool: 0 }]
    policy.conditionals[at] = { state: !state, expression: not, whenTrue: whenFalse, whenFalse: whenTrue }
    expect(normalisePolicy(policy)).toEqual(lines)
  })
})

const golden = goldenPolicies()

describe('recorded policies', () => {
  test.skipIf(golden.size === 0)('lie in ../shared/golden/selinux', () => expect(golden.size).toBeGreaterThanOrEqual(8))

  test.each([...golden])('%s is read to its last byte and written as it was', (_name, bytes) => {
    const policy = bytes()
    expect(Buffer.compare(writePolicy(readPolicy(policy)), policy)).toBe(0)
  })
})
