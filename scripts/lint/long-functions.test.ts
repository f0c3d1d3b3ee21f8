/** The lint rule `lsmkit/long-functions`: how lines are counted, and which files are checked. */
import { describe, expect, test } from 'vitest'
import type { Node } from './closures.ts'
import { countedLines, longFunction, MOST_LINES } from './long-functions.ts'

const at = (lines: number, node: object): Node =>
  ({ loc: { start: { line: 1 }, end: { line: lines } }, ...node }) as Node
const block = (lines: number, body: Node[] = []): Node => at(lines, { type: 'BlockStatement', body })
const fn = (lines: number, ...body: Node[]): Node =>
  at(lines, { type: 'FunctionDeclaration', id: { name: 'made' }, body: block(lines, body) })
const cases = (lines: number, lengths: number[]): Node => at(lines, {
  type: 'SwitchStatement',
  cases: lengths.map((length) => at(length, { type: 'SwitchCase', consequent: [block(length)] })),
})
const table = (lines: number, ...elements: Node[]): Node => at(lines, { type: 'ArrayExpression', elements })
const arrow = (body: Node): Node => at(3, { type: 'ArrowFunctionExpression', body })

test.each([
  ['a short function counts as it is', fn(80, cases(70, [1])), 80],
  ['a switch of short cases does not count', fn(300, cases(280, [5, 30])), 20],
  ['a switch with a long case counts', fn(300, cases(280, [5, 31])), 300],
  ['a table of data does not count', fn(130, table(110)), 20],
  ['functions without statements in a table do not count', fn(130, table(110, arrow(at(1, { type: 'Literal' })))), 20],
  ['a table of functions with statements counts', fn(130, table(110, arrow(block(3)))), 130],
  ['only the longest listing is left out', fn(300, table(90), cases(120, [5])), 180],
])('%s', (_what, node, lines) => expect(countedLines(node)).toBe(lines))

describe('a function of', () => {
  test.each([
    ['a package', 'packages/core/src/x.ts', MOST_LINES + 1, /made has 101 lines/],
    ['a view', 'apps/console/src/x.tsx', 200, /made has 200 lines/],
    ['a package, just short enough', 'packages/core/src/x.ts', MOST_LINES, null],
    ['a test', 'packages/core/src/x.test.ts', 200, null],
    ['a folder that only tests import', 'packages/core/test/x.ts', 200, null],
    ['generated code', 'packages/core/src/generated/x.ts', 200, null],
    ['a project that is not checked', 'site/src/x.ts', 200, null],
  ])('%s', (_what, file, lines, message) => {
    const found = longFunction(file, fn(lines))
    if (message === null) expect(found).toBe(null)
    else expect(found?.message).toMatch(message)
  })
})
