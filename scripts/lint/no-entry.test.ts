/** The lint rule `lsmkit/no-entry`: where the option `throwIfNoEntry` is refused. */
import { expect, test } from 'vitest'
import type { Node } from './closures.ts'
import { noEntry } from './no-entry.ts'

const property = (name: string): Node => ({ type: 'Property', key: { type: 'Identifier', name } }) as unknown as Node

test.each([
  ['packages/cli/src/host-file.ts', 'throwIfNoEntry', true],
  ['packages/cli/src/host-file.ts', 'bigint', false],
  ['packages/kernel/src/fs/hostfs/node-calls.ts', 'throwIfNoEntry', false],
  ['packages/cli/src/io.test.ts', 'throwIfNoEntry', false],
  ['fuzz/src/native/native.ts', 'throwIfNoEntry', false],
  ['packages/kernel/src/boot/boot-with.ts', 'throwIfNoEntry', true],
])('%s, %s', (file, name, isRefused) => expect(noEntry(file, property(name)) !== null).toBe(isRefused))
