/** The lint rule `lsmkit/private-members`: which members are refused. */
import { expect, test } from 'vitest'
import type { Node } from './closures.ts'
import { privateMember } from './private-members.ts'

const member = (fields: object): Node => ({ type: 'MethodDefinition', ...fields }) as Node

test.each([
  ['a private method', { accessibility: 'private', kind: 'method' }, true],
  ['a private field', { type: 'PropertyDefinition', accessibility: 'private' }, true],
  ['a private constructor', { accessibility: 'private', kind: 'constructor' }, false],
  ['a protected method', { accessibility: 'protected', kind: 'method' }, false],
  ['a member of no accessibility', { kind: 'method' }, false],
])('%s', (_what, fields, isRefused) => expect(privateMember(member(fields)) !== null).toBe(isRefused))
