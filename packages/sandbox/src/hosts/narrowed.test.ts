/** Which hosts an option may leave of a policy, and what the policy's rule says of them then. */
import { expect, test } from 'vitest'
import type { HostEntry, HostRule } from './host-rule.ts'
import { narrowedHost } from './narrowed.ts'

const entry = (host: string): HostEntry => ({ host, port: 443, methods: ['GET'], addresses: ['10.0.0.0/8'] })

test.each<[text: string, rule: HostRule, left: HostRule | null]>([
  ['a.b:443', 'A.B.:443', 'a.b:443'], ['a.b:443', 'a.b:444', null], ['a.b:443', 'c.b:443', null],
  ['a.b:443', '*.b:443', 'a.b:443'], ['*.b:443', '*.b:443', '*.b:443'], ['*.a.b:443', '*.b:443', '*.a.b:443'],
  ['*.b:443', '*.a.b:443', null],
  ['b:443', '*.b:443', null], ['*.b:443', '*:443', '*.b:443'], ['*:443', '*.b:443', null],
  ['8.8.8.8:443', '*:443', null], ['8.8.8.8:443', '8.8.8.8:443', '8.8.8.8:443'],
  ['a.b:443', entry('*.b'), entry('a.b')],
  ['*.a.b:443', entry('*.b'), entry('*.a.b')], ['*:443', entry('*'), entry('*')],
  ['a.b', 'a.b:443', null],
])('`%s` of %j leaves %j', (text, rule, left) => expect(narrowedHost(text, ['x.y:1', rule])).toEqual(left))
