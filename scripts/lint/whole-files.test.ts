/** The lint rule `lsmkit/whole-files`: which files may write by themselves. */
import { expect, test } from 'vitest'
import type { Node } from './closures.ts'
import { wholeFiles } from './whole-files.ts'

const imports = (name: string, source: string): Node => ({
  type: 'ImportDeclaration', source: { value: source }, specifiers: [{ imported: { name } }],
}) as unknown as Node

test.each([
  ['packages/cli/src/commands/emit/emit.ts', 'writeFileSync', 'node:fs', true],
  ['packages/cli/src/commands/emit/emit.ts', 'readFileSync', 'node:fs', false],
  ['packages/cli/src/commands/emit/emit.ts', 'writeFileSync', './files.ts', false],
  ['packages/cli/src/commands/emit/emit.test.ts', 'writeFileSync', 'node:fs', false],
  ['packages/cli/src/commands/fleet/bundle.ts', 'writeFileSync', 'node:fs', false],
  ['packages/cli/src/output-files.ts', 'writeFileSync', 'node:fs', false],
])('%s, %s of %s', (file, name, source, isRefused) =>
  expect(wholeFiles(file, imports(name, source)) !== null).toBe(isRefused))
