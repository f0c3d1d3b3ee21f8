import { expect, test } from 'vitest'
import { CilError } from './cil/errors.ts'
import { PolicyError } from './policydb/errors.ts'
import { QueryError } from './query/errors.ts'
import { FileContextsError } from './server/file-contexts/errors.ts'

const NAME = 'x\u001B[2J'
const SHOWN = 'x\\x1b[2J'

test.each([
  new PolicyError('bad-string', NAME, -1, NAME), new QueryError('unknown-name', NAME, NAME),
  new FileContextsError('bad-regex', NAME, 'base', 1, NAME),
  new CilError('bad-name', NAME, null, { hint: NAME }),
])('$name: what it quotes cannot act on a terminal', ({ message, hint }) => {
  expect([message.endsWith(`${SHOWN} (${SHOWN})`), hint]).toEqual([true, SHOWN])
})

test('so it is with a line of CIL, whose mark stays where it belongs', () => {
  const place = { file: NAME, line: 1, column: 7, excerpt: '\t\u001B(foo)' }
  const related = [{ message: NAME, place }]
  expect(new CilError('bad-name', NAME, place, { related }).toString()).toBe([
    `${SHOWN}:1:7: ${SHOWN}`, '  \t\\x1b(foo)', '  \t        ^', `  ${SHOWN}:1:7: ${SHOWN}`, '  \t\\x1b(foo)',
    '  \t        ^',
  ].join('\n'))
})
