/** Policy binaries are read as they were written, and every mistake is refused with the kernel's errno and info. */
import { EPROTO, EPROTONOSUPPORT } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { ApparmorError } from '../errors.ts'
import { aProfile, dfaOf, pdbOf, policyOf } from '../testing/profiles.ts'
import { emptyPdb } from './policy.ts'
import type { PermEntry, Profile } from './policy.ts'
import { readPolicy } from './reader.ts'
import { writePolicy } from './writer.ts'

const entry = (parts: Partial<PermEntry>): PermEntry => ({
  allow: 0, deny: 0, subtree: 0, cond: 0, kill: 0, complain: 0, prompt: 0, audit: 0, quiet: 0, hide: 0, xindex: 0,
  tag: 0, label: 0, ...parts,
})

const indexed = (perms: readonly PermEntry[], accept: number) => ({
  ...emptyPdb, perms, dfa: { ...dfaOf({ '/a': [accept, 0] }), accept2: null },
})

const whole = aProfile('/bin/é//\udcffx', {
  rename: 'old', attach: '/bin/*', xmatch: pdbOf({ '/bin/x': [1, 0] }), xmatchLength: 5, disconnected: '/gone',
  flags: { hat: true, debug1: false, debug2: true }, mode: 'complain', auditAll: true, pathFlags: 12,
  caps: { allow: 1n << 40n, audit: 3n, quiet: 1n << 33n, dropped: 0n, extended: 5n },
  xattrs: ['security.x'], rlimits: { mask: 3, limits: [1n, (1n << 64n) - 1n] },
  secmark: [{ audit: 1, deny: 0, label: 'l' }],
  policydb: pdbOf({ '\u000e': [3, 0] }, { start: 1 }),
  file: pdbOf({ '/etc/x': [4, 1] }, { dfaStart: 1, transitions: ['a', ':ns:b', ':ns:', '&c'] }),
  data: new Map([['key', Uint8Array.of(1, 2)], ['empty', new Uint8Array()]]),
})

test.each<[string, Profile]>([
  ['all parts', whole],
  ['none', aProfile('a')],
  ['a permission table', aProfile('b', { file: indexed([entry({}), entry({ allow: 4 }), entry({ allow: 1 })], 1) })],
])('%s: read as it was written', (_, profile) => {
  const binary = { version: 7, namespace: 'ns', profiles: [profile, aProfile('z')] }
  expect(readPolicy(writePolicy(binary))).toEqual(binary)
})

const refusal = (bytes: Uint8Array): ApparmorError => {
  try {
    readPolicy(bytes)
  } catch (error) {
    if (error instanceof ApparmorError) return error
    throw error
  }
  throw new Error('was taken')
}

const withVersion = (version: number): Uint8Array =>
  writePolicy({ version, namespace: null, profiles: [aProfile('a')] })

test.each<[why: string, bytes: Uint8Array, errno: number, info: string]>([
  ['text', new TextEncoder().encode('profile a {}'), EPROTONOSUPPORT, 'invalid profile format'],
  ['version 4', withVersion(4), EPROTONOSUPPORT, 'unsupported interface version'],
  ['version 10', withVersion(10), EPROTONOSUPPORT, 'unsupported interface version'],
  ['an empty namespace', writePolicy({ version: 7, namespace: '', profiles: [aProfile('a')] }), EPROTONOSUPPORT,
    'invalid namespace name'],
  ['an empty name', policyOf(aProfile('')), EPROTO, 'failed to unpack profile'],
  ['a namespace alone', policyOf(aProfile(':ns:')), EPROTO, 'empty profile name'],
  ['17 limits', policyOf(aProfile('a', { rlimits: { mask: 0, limits: Array<bigint>(17).fill(0n) } })), EPROTO,
    'failed to unpack profile rlimits'],
  ['a start beyond', policyOf(aProfile('a', { file: pdbOf({}, { dfaStart: 9 }) })), EPROTO, 'invalid dfa start state'],
  ['a target with a blank', policyOf(aProfile('a', { file: pdbOf({}, { transitions: [' a'] }) })), EPROTO,
    'failed to unpack profile transition table'],
  ['an index beyond', policyOf(aProfile('a', { file: indexed([entry({}), entry({})], 1) })), EPROTO,
    'Unpack: file Invalid named transition'],
  ['allowed and denied', policyOf(aProfile('a', { file: indexed([entry({ allow: 4, deny: 4 }), entry({})], 0) })),
    EPROTO, 'Unpack: Invalid perm index'],
  ['a packed target beyond', policyOf(aProfile('a', { file: pdbOf({ '/x': [4 << 10, 0] }) })), EPROTO,
    'Unpack: Invalid perm index'],
])('%s', (_, bytes, errno, info) => {
  expect(refusal(bytes)).toMatchObject({ errno, info })
})

/** A kernel that fails to read a name goes on behind its type byte, and a length of 8 is the type byte of an end. */
const readsAsEnd = (bytes: Uint8Array, size: number): boolean => bytes[size - 2] === 4 && bytes[size - 1] === 8

test('cut anywhere it is refused', () => {
  const bytes = policyOf(whole)
  const taken: number[] = []
  for (let size = 1; size < bytes.length; size++) {
    try {
      readPolicy(bytes.subarray(0, size))
      if (!readsAsEnd(bytes, size)) taken.push(size)
    } catch (error) {
      expect(error).toBeInstanceOf(ApparmorError)
    }
  }
  expect(taken).toEqual([])
})

test('0x800 in the version makes every profile complain', () => {
  expect(readPolicy(withVersion(0x807)).profiles[0]?.mode).toBe('complain')
})
