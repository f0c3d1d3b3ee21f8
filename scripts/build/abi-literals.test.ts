/** Imports of the flat list in sources, and what the build makes of them. */
import { expect, test } from 'vitest'
import { rewriteImports } from './abi-literals.ts'

const LITERALS = new Map([['EACCES', '13'], ['EINVAL', '22'], ['O_CREAT', '64']])
const abi = {
  literalOf: (name: string) => LITERALS.get(name),
  homeOf: (name: string) => (name === 'NameTable' ? undefined : '@lsmkit/abi/common'),
}

test.each([
  ['literals alone', `import { EACCES, EINVAL } from '@lsmkit/abi'\nf(EACCES)`, '\nf(EACCES)'],
  [
    'a function beside them', `import { EACCES, errnoName } from '@lsmkit/abi'`,
    `import { errnoName } from '@lsmkit/abi/common'`,
  ],
  [
    'lines of their own', `import {\n  EACCES, ownValue,\n  O_CREAT,\n} from '@lsmkit/abi'`,
    `import { ownValue } from '@lsmkit/abi/common'`,
  ],
  ['another name', `import { EACCES as denied } from '@lsmkit/abi'`, 'const denied = 13'],
  ['what is passed on', `export { EACCES } from '@lsmkit/abi'`, 'export const EACCES = 13'],
  ['types', `import type { CapWords } from '@lsmkit/abi'`, `import type { CapWords } from '@lsmkit/abi'`],
  ['a type among values', `import { EACCES, type NameTable } from '@lsmkit/abi'`, ''],
  ['a namespace', `import * as abi from '@lsmkit/abi'\nf(abi.EACCES, my.abi.EACCES)`, '\nf(EACCES, my.abi.EACCES)'],
  [
    'a namespace of functions and types', `import * as abi from '@lsmkit/abi'\nlet t: abi.NameTable = abi.errnoTable`,
    `import { errnoTable } from '@lsmkit/abi/common'\nlet t: NameTable = errnoTable`,
  ],
  [
    'a namespace that is used as a value', `import * as abi from '@lsmkit/abi'\nconst all = abi\nf(abi.EACCES)`,
    `import * as abi from '@lsmkit/abi'\nconst all = abi\nf(abi.EACCES)`,
  ],
  [
    'a namespace in a comment', `import * as abi from '@lsmkit/abi'\n/** The abi. */\nf(abi.EACCES) // abi`,
    '\n/** The abi. */\nf(EACCES) // abi',
  ],
  ['other modules', `import { EACCES } from '@lsmkit/abi/errno'`, `import { EACCES } from '@lsmkit/abi/errno'`],
])('%s', (_what, source, built) => expect(rewriteImports(source, abi)).toBe(built))
