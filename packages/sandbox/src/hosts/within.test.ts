/** Rules within rules: whatever a covered rule allows, the rule above it allows too. */
import { expect, test } from 'vitest'
import type { HostEntry, HostRule } from './host-rule.ts'
import { coversHost, narrowedHost } from './within.ts'

const entry = (host: string, more: Partial<HostEntry> = {}): HostEntry => ({ host, port: 443, ...more })

test.each<[above: HostRule, below: HostRule, isCovered: boolean]>([
  ['a.b:443', 'a.b:443', true], ['a.b:443', 'A.B.:443', true], ['a.b:443', 'a.b:444', false],
  ['*.b:443', 'a.b:443', true], ['*.b:443', '*.b:443', true], ['*.b:443', '*.a.b:443', true],
  ['*.a.b:443', '*.b:443', false], ['*.b:443', 'b:443', false], ['*:443', '*.b:443', true], ['*.b:443', '*:443', false],
  ['*:443', '8.8.8.8:443', false], ['8.8.8.8:443', '8.8.8.8:443', true],
  ['a.b:443', entry('a.b', { methods: ['GET'] }), true], [entry('a.b', { methods: ['GET'] }), 'a.b:443', false],
  [entry('a.b', { methods: ['GET', 'PUT'] }), entry('a.b', { methods: ['GET'] }), true],
  [entry('a.b', { paths: ['/v1'] }), entry('a.b', { paths: ['/v1/x'] }), true],
  [entry('a.b', { paths: ['/v1'] }), entry('a.b', { paths: ['/v10'] }), false],
  ['a.b:443', entry('a.b', { addresses: ['10.0.0.0/8'] }), false],
  ['a.b:443', entry('a.b', { addresses: ['8.8.8.8'] }), true],
  ['a.b:443', entry('a.b', { addresses: ['8.0.0.0/7'] }), false],
  [entry('a.b', { addresses: ['10.0.0.0/8'] }), entry('a.b', { addresses: ['10.1.0.0/16', '10.2.3.4'] }), true],
  [entry('a.b', { addresses: ['10.0.0.0/8'] }), entry('a.b', { addresses: ['10.0.0.0/7'] }), false],
  [entry('a.b', { addresses: ['10.0.0.0/8'] }), 'a.b:443', false],
  ['a.b:443', 'a.b', false], ['a.b', 'a.b:443', false],
])('%j covers %j: %s', (above, below, isCovered) => expect(coversHost([above], below)).toBe(isCovered))

test('a host that a rule names keeps what the rule says of it', () => {
  const rules = ['x.y:1', entry('*.b', { methods: ['GET'], addresses: ['10.0.0.0/8'] })]
  expect(narrowedHost('a.b:443', rules)).toEqual(entry('a.b', { methods: ['GET'], addresses: ['10.0.0.0/8'] }))
  expect(narrowedHost('*.a.b:443', rules)).toEqual(entry('*.a.b', { methods: ['GET'], addresses: ['10.0.0.0/8'] }))
  expect(narrowedHost('x.y:1', rules)).toBe('x.y:1')
  expect(narrowedHost('x.y:2', rules)).toBeNull()
})
