/** Policy that is loaded, replaced and removed: who is there, who has become whom, and what is said of it. */
import { EACCES, EEXIST, ENOENT, EPROTO } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { aProfile, pdbOf, policyOf } from '../testing/profiles.ts'
import { labelText } from './label-text.ts'
import { mergeLabels } from './label-set.ts'
import { newest } from './label.ts'
import { findNamespace } from './namespace.ts'
import type { Label } from './objects.ts'
import { parseLabel } from './parse-label.ts'
import type { PolicyRecord } from './policy-record.ts'
import { PolicyStore } from './policy-store.ts'
import { profileLines } from './profile-list.ts'

const loaded = (...writes: readonly Uint8Array[]): PolicyStore => {
  const store = new PolicyStore()
  for (const bytes of writes) expect(store.load(bytes, true)).toBe(0)
  return store
}

const labelOf = (store: PolicyStore, text: string): Label => {
  const label = parseLabel(store.root.unconfined.label, text, { create: true })
  if (typeof label === 'number') throw new Error(`${text}: ${label}`)
  return label
}

const textOf = (store: PolicyStore, label: Label): string =>
  labelText(store.root, newest(label), { mode: true, inside: true })

test('children stand behind their parent, the latest first', () => {
  const store = loaded(policyOf(aProfile('a'), aProfile('a//kid'), aProfile('a//kid//deep')), policyOf(aProfile('b')))
  expect(profileLines(store.root)).toBe('b (enforce)\na (enforce)\na//kid (enforce)\na//kid//deep (enforce)\n')
})

test.each([
  ['no parent', ['a//kid']],
  ['a parent that comes later in the write', ['a//kid', 'a']],
  ['no name in front of the slashes', ['b', '//kid']],
  ['no name behind them', ['a//']],
  ['a grandparent alone', ['a', 'a//kid//deep']],
])('a child is not loaded with %s', (_reason, names) => {
  const store = new PolicyStore()
  const records: PolicyRecord[] = []
  const rc = store.load(policyOf(...names.map((name) => aProfile(name))), true, { record: (one) => records.push(one) })
  expect(rc).toBe(-ENOENT)
  expect(records[0]).toMatchObject({ name: names.find((name) => name.includes('//')), info: 'failed to create' })
  expect(profileLines(store.root)).toBe('')
})

test('who has an old label has the new one', () => {
  const store = loaded(policyOf(aProfile('a'), aProfile('b')))
  const [one, both] = [labelOf(store, 'a'), labelOf(store, 'b//&a')]
  expect(textOf(store, both)).toBe('a//&b (enforce)')
  expect(store.load(policyOf(aProfile('a', { mode: 'complain' })), true)).toBe(0)
  expect(textOf(store, one)).toBe('a (complain)')
  expect(textOf(store, both)).toBe('a//&b (mixed)')
  const later = labelOf(store, 'a//&b')
  expect(store.remove('a')).toBe(0)
  expect(textOf(store, one)).toBe('unconfined')
  expect(textOf(store, later)).toBe('b//&unconfined (enforce)')
})

test.each<{ reason: string; before: string; changes: readonly string[]; then: string }>([
  { reason: 'the first change reaches a stack', before: 'a//&b', changes: ['complain'], then: 'a//&b (mixed)' },
  {
    reason: 'a stack that was made anew is in no set, so later changes pass it by',
    before: 'a//&b', changes: ['complain', 'enforce'], then: 'a//&b (mixed)',
  },
  { reason: 'a profile alone follows', before: 'a', changes: ['complain', 'enforce'], then: 'a (enforce)' },
  {
    reason: 'so does a stack that a removal has made another one, until it is made anew itself',
    before: 'a//&b//&c', changes: ['-c', 'complain', 'enforce'], then: 'a//&b//&unconfined (mixed)',
  },
  {
    reason: 'a removal passes it by as well', before: 'a//&b', changes: ['complain', '-b'], then: 'a//&b (mixed)',
  },
])('$reason', ({ before, changes, then }) => {
  const store = loaded(policyOf(aProfile('a'), aProfile('b'), aProfile('c')))
  const held = labelOf(store, before)
  for (const change of changes) {
    if (change.startsWith('-')) expect(store.remove(change.slice(1))).toBe(0)
    else expect(store.load(policyOf(aProfile('a', { mode: change as 'enforce' | 'complain' })), true)).toBe(0)
  }
  expect(textOf(store, held)).toBe(then)
})

test('a set that is asked for after a change is a label of the newest profiles, beside one that was passed by', () => {
  const store = loaded(policyOf(aProfile('a'), aProfile('b')))
  const held = labelOf(store, 'a//&b')
  for (const mode of ['complain', 'enforce'] as const) store.load(policyOf(aProfile('a', { mode })), true)
  expect(textOf(store, labelOf(store, 'a//&b'))).toBe('a//&b (enforce)')
  const merged = mergeLabels(held, labelOf(store, 'b'))
  expect(textOf(store, merged)).toBe('a//&b (enforce)')
  expect(textOf(store, held)).toBe('a//&b (mixed)')
})

test('.load takes no profile that is there, and a write counts as a whole', () => {
  const store = loaded(policyOf(aProfile('a')))
  const records: PolicyRecord[] = []
  const record = (one: PolicyRecord): void => void records.push(one)
  expect(store.load(policyOf(aProfile('b'), aProfile('a'), aProfile('c')), false, { record })).toBe(-EEXIST)
  expect(records.map(({ operation, name, info }) => [operation, name, info])).toEqual([
    ['profile_replace', 'a', 'profile can not be replaced'],
    ['profile_load', 'b', 'valid profile in failed atomic policy load'],
    ['profile_load', 'c', 'unchecked profile in failed atomic policy load'],
  ])
  expect(profileLines(store.root)).toBe('a (enforce)\n')
  const cut = policyOf(aProfile('b'), aProfile('d')).subarray(0, -1)
  expect(store.load(cut, true)).toBe(-EPROTO)
  expect(profileLines(store.root)).toBe('a (enforce)\n')
})

test('namespaces: made by a load, seen from outside, gone with all in them', () => {
  const store = loaded(policyOf(aProfile('x', { namespace: 'ns' })))
  const inside = labelOf(store, ':ns:x')
  expect(textOf(store, inside)).toBe(':ns:x (enforce)')
  expect(labelText(inside.namespace, store.root.unconfined.label)).toBe('---')
  expect(store.load(policyOf(aProfile('y'), aProfile('x', { namespace: 'ns' })), true)).toBe(-EACCES)
  expect(store.remove(':ns:nobody')).toBe(-ENOENT)
  expect(store.remove(':ns:')).toBe(0)
  expect(findNamespace(store.root, 'ns')).toBe(null)
  expect([textOf(store, inside), textOf(store, newest(inside))]).toEqual([':ns:unconfined', 'unconfined'])
})

test('the same bytes again change nothing', () => {
  const bytes = policyOf(aProfile('a', { file: pdbOf({ '/x': [4, 0] }) }))
  const store = loaded(bytes)
  const before = store.root.profiles[0]
  const infos: (string | null)[] = []
  store.load(bytes, true, { record: ({ info }) => infos.push(info) })
  expect(infos).toEqual(['same as current profile, skipping'])
  expect(store.root.profiles[0]).toBe(before)
})

test('the set that is asked for must be a label already, unless it may be made', () => {
  const store = loaded(policyOf(aProfile('a'), aProfile('b')))
  const base = store.root.unconfined.label
  expect(parseLabel(base, 'a//&b', { create: false })).toBe(-ENOENT)
  const made = labelOf(store, 'a//&b')
  expect(parseLabel(base, ' b//&a', { create: false })).toBe(made)
  expect(labelText(store.root, labelOf(store, '&a'))).toBe('a//&unconfined')
})
