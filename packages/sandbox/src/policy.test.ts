/** Policies as data: what is taken, what is refused and where, and the schema beside it. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { allowRules } from './allow.ts'
import { checkPolicy, createSandbox, hostFolder, memory } from './index.ts'
import { policySchema, policySchemaText } from './policy-schema.ts'
import { policyRules } from './policy.ts'

const whole = {
  version: 1, allow: { read: ['/data'], write: ['/out'], exec: ['/bin'], connect: [443, 'unix'], listen: [80] },
  modules: [{ module: '@lsmkit/smack', options: { load: 'A B r' } }],
  mounts: { '/data': hostFolder('/srv'), '/out': memory() },
  limits: { time: '2 s', memory: 1 << 20, loops: true, processes: 'none' },
  user: 'guest', label: 'A', attributes: { '/x': { 'user.note': 'y' } }, env: { HOME: '/' },
}

test('a policy is JSON, and comes back as it was', () => {
  expect(checkPolicy(JSON.parse(JSON.stringify(whole)))).toEqual(whole)
})

test.each([
  [{ alow: {} }, 'unknown-option', 'policy'],
  [{ version: 2 }, 'bad-option', 'policy'],
  [{ allow: { read: '/data' } }, 'bad-option', 'policy: allow'],
  [{ allow: { read: ['data'] } }, 'bad-option', 'policy: allow'],
  [{ allow: { write: ['/a', '/b/*/c'] } }, 'bad-policy', 'policy: allow: write[1]'],
  [{ allow: { connect: ['https'] } }, 'bad-option', 'policy: allow'],
  [{ allow: { connect: [65536] } }, 'bad-option', 'policy: allow'],
  [{ mounts: { '/a': { kind: 'disk' } } }, 'bad-option', 'policy'],
  [{ mounts: { '/a': { kind: 'memory', size: 1 } } }, 'unknown-option', 'policy: mounts./a'],
  [{ limits: { time: 'soon' } }, 'bad-option', 'policy: limits'],
  [{ limits: { tim: 1 } }, 'unknown-option', 'policy: limits'],
  [{ modules: [() => null] }, 'bad-option', 'policy'],
  [null, 'bad-option', 'policy'],
])('%j is refused: %s', (policy, code, place) => {
  let thrown: unknown
  try {
    checkPolicy(policy)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ code, place })
})

test('the hint of a pattern is the directory above it', () => {
  expect(() => checkPolicy({ allow: { read: ['/a/b*/c'] } }))
    .toThrow(expect.objectContaining({ hint: 'name the directory, all below it is meant: `/a`' }))
})

test('the schema knows what the check knows, and lies beside the package', () => {
  expect(Object.keys(policySchema.properties)).toEqual(Object.keys(policyRules))
  expect(Object.keys((policySchema.properties as { allow: { properties: object } }).allow.properties))
    .toEqual(Object.keys(allowRules))
  expect(readFileSync(new URL('../policy.schema.json', import.meta.url), 'utf8')).toBe(policySchemaText())
})

describe('what a box is made of is read once', () => {
  test('a policy that changes its answer', async () => {
    let reads = 0
    const options = { inline: true, get allow() { return reads++ === 0 ? { read: ['/data'] } : { read: ['/'] } } }
    const box = await createSandbox(options)
    const { allow } = await box.explain()
    await box.close()
    expect([reads, allow?.read]).toEqual([1, ['/data']])
  })

  test.each<[unknown, string]>([
    [null, 'there is no permit (a denial whose'],
    [{}, '`run` is not a whole number'], ['/data', '`with` takes one object'],
    [{ run: 0, allow: { raed: ['/'] }, why: '' }, 'there is no option `raed`'],
    [{ run: 0, allow: { read: ['/*'] }, why: '' }, '`/*` is a pattern'],
    [{ run: 0, allow: {}, why: '', more: 1 }, 'there is no option `more`'],
  ])('a permit that is none: %j', async (permit, message) => {
    const box = await createSandbox({ inline: true, allow: {} })
    await expect(box.with(permit as never)).rejects.toThrow(message)
    await box.close()
  })
})
