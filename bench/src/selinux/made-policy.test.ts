/** The policy that the bench makes, and the copy for the rival in C: each type is in its own set, as loaders set it. */
import { Ebitmap, readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import { SecurityServer } from '@lsmkit/selinux/server'
import { expect, test } from 'vitest'
import { leanData } from './lean-data.ts'
import { madePolicy } from './made-policy.ts'
import { guidedTuples } from './tuples.ts'

const bytes = madePolicy()

const dataOf = (policy: Uint8Array): Uint8Array => {
  const server = new SecurityServer({ mode: 'libsepol' })
  server.load(policy)
  return leanData(server, guidedTuples(server, 10))
}

test('each type and attribute has its own bit in its set', () => {
  const without = readPolicy(bytes).typeAttributes.flatMap((attributes, i) => ([...attributes].includes(i) ? [] : [i]))
  expect(without).toEqual([])
})

test('the rival gets the bit of a type where a policy is written without it', () => {
  const policy = readPolicy(bytes)
  const typeAttributes = policy.typeAttributes.map((attributes, i) =>
    Ebitmap.of([...attributes].filter((bit) => bit !== i)))
  expect(dataOf(writePolicy({ ...policy, typeAttributes }))).toEqual(dataOf(bytes))
})
