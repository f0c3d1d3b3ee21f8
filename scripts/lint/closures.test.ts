/** The lint rule `lsmkit/closures`: what it finds. */
import { describe, expect, test } from 'vitest'
import { closureFindings, MOST_LINES } from './closures.ts'
import type { Node } from './closures.ts'

const at = (lines: number, node: object): Node =>
  ({ loc: { start: { line: 1 }, end: { line: lines } }, ...node }) as Node
const inner = (): Node => at(3, { type: 'ArrowFunctionExpression', body: at(3, { type: 'BlockStatement', body: [] }) })
/** `const make = () => { …functions… }` of so many lines. */
const factory = (lines: number, functions: number): Node => {
  const body = at(lines, { type: 'BlockStatement', body: Array.from({ length: functions }, inner) })
  const init = at(lines, { type: 'ArrowFunctionExpression', body })
  return at(lines, { type: 'VariableDeclaration', declarations: [{ id: { name: 'make' }, init }] })
}
const file = (...statements: Node[]): Node => at(500, { type: 'Program', body: statements })

describe('a factory', () => {
  test.each([
    ['of many lines and functions', 'packages/core/src/x.ts', file(factory(MOST_LINES + 1, 2)), /make is a factory/],
    ['that is exported', 'packages/core/src/x.ts',
      file(at(70, { type: 'ExportNamedDeclaration', declaration: factory(70, 5) })), /make is a factory/],
    ['that is short', 'packages/core/src/x.ts', file(factory(MOST_LINES, 9)), null],
    ['that holds one function', 'packages/core/src/x.ts', file(factory(200, 1)), null],
    ['in a test', 'packages/core/src/x.test.ts', file(factory(200, 9)), null],
    ['in what only tests import', 'packages/core/src/testing/x.ts', file(factory(200, 9)), null],
    ['that is not shipped', 'bench/src/x.ts', file(factory(200, 9)), null],
  ])('%s', (_what, path, program, message) => {
    const [found] = closureFindings(path, program)
    if (message === null) expect(found).toBe(undefined)
    else expect(found?.message).toMatch(message)
  })
})
