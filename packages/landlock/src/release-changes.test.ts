/** What another kernel release changes for a ruleset. */
import { expect, test } from 'vitest'
import type { Profile } from '@lsmkit/core'
import { heldBy, releaseChanges } from './changes.ts'
import type { RulesetOptions } from './index.ts'

const words = (ruleset: RulesetOptions, from: Profile, to: Profile): string[] =>
  releaseChanges(ruleset, from, to).map(({ effect, words: text }) => `${effect}: ${text}`)

const UNIX = { paths: { '/run': ['resolve_unix'] } }
const FREE_NET =
  'other: net.bind_udp, net.connect_send_udp can be held from Linux 7.3 on, and is free under this ruleset'

test.each<[string, RulesetOptions, Profile, Profile, readonly string[]]>([
  ['the same release changes nothing', { read: ['/'] }, '7.3', '7.3', []],
  ['records came with ABI 7', { read: ['/'] }, '6.12', '6.18', ['other: what it denies is written to the audit log']],
  ['and go with it', { read: ['/'] }, '6.18', '6.12', ['other: what it denies is no longer written to the audit log']],
  ['a ruleset of ABI 6 leaves later rights free', { read: ['/'] }, '6.18', '7.3', [
    'other: fs.resolve_unix can be held from Linux 7.3 on, and is free under this ruleset', FREE_NET,
  ]],
  ['a right that is named is held', UNIX, '6.18', '7.3', [
    'less: fs.resolve_unix is held by Linux 7.3; 6.18 refuses the whole ruleset', FREE_NET,
  ]],
  ['with best effort it was free', { ...UNIX, bestEffort: true }, '6.18', '7.3', [
    'less: fs.resolve_unix is held by Linux 7.3; 6.18 leaves that free', FREE_NET,
  ]],
  ['going back', { ...UNIX, bestEffort: true }, '7.3', '6.18', [
    'more: fs.resolve_unix cannot be held by Linux 6.18, which leaves that free',
    'other: net.bind_udp, net.connect_send_udp cannot be held by Linux 6.18; this ruleset leaves it free',
  ]],
  ['an empty ruleset has nothing to record', {}, '6.12', '6.18', []],
])('%s', (_name, ruleset, from, to, expected) => {
  expect(words(ruleset, from, to)).toEqual(expected)
})

test.each<[RulesetOptions, Profile, RulesetOptions]>([
  [{ read: ['/'] }, '7.3', { read: ['/'], abi: 6 }],
  [{ read: ['/'], abi: 11 }, '6.18', { read: ['/'], abi: 7 }],
  [{ paths: { '/run': ['resolve_unix', 'execute'] } }, '6.12', { paths: { '/run': ['execute'] }, abi: 6 }],
])('%j is held by %s as %j', (ruleset, profile, held) => {
  expect(heldBy(ruleset, profile)).toEqual(held)
})

test('a misspelt option', () => {
  expect(() => releaseChanges({ raed: [] } as never, '6.12', '7.3')).toThrow('there is no option `raed`')
})
