/** The reporter for vitest: which functions are hooks, and what of them did not run. */
import { expect, test } from 'vitest'
import { coveredHooks } from './covered-hooks.ts'
import { hookCoverage } from './reporter.ts'

const source = `const deny = () => -13
export const hooks = {
  file_open(file: number) {
    if (file === 3) return -13
    return deny()
  },
  inode_permission: (inode: number) => inode > 1 ? 0 : deny(),
  task_kill: async function () { return 0 },
  not_a_hook() { return 0 },
}
function bprm_check_security() { return 0 }
`
const at = (line: number, from: number, to: number | null, last = line) =>
  ({ start: { line, column: from }, end: { line: last, column: to } })

/** As vitest's provider describes that text: the name of a field is where its function is declared. */
const data = (path: string) => ({
  [path]: {
    path,
    fnMap: {
      0: { decl: at(1, 6, 19), loc: at(1, 19, null) },
      1: { decl: at(3, 2, 12), loc: at(3, 26, null, 6) },
      2: { decl: at(7, 2, 21), loc: at(7, 39, null) },
      3: { decl: at(8, 2, 12), loc: at(8, 30, null) },
      4: { decl: at(9, 2, 12), loc: at(9, 15, null) },
      5: { decl: at(11, 9, 28), loc: at(11, 31, null) },
    },
    f: { 0: 1, 1: 2, 2: 1, 3: 0, 4: 5, 5: 0 },
    statementMap: {
      0: at(1, 19, null), 1: at(4, 4, null), 2: at(4, 20, null), 3: at(5, 4, null), 4: at(7, 39, null),
      5: at(8, 33, null), 6: at(11, 33, null),
    },
    s: { 0: 1, 1: 2, 2: 2, 3: 0, 4: 1, 5: 0, 6: 0 },
    branchMap: { 0: { loc: at(4, 4, null), line: 4 }, 1: { loc: at(7, 39, null) } },
    b: { 0: [2, 0], 1: [1, 0] },
  },
})

test('methods, fields and functions that have the name of a hook', () => {
  const hooks = coveredHooks(data('a.ts'), () => source)
  expect(hooks).toMatchObject([
    { hook: 'file_open', path: 'a.ts', line: 3, calls: 2, statements: { run: 2, of: 3 }, branches: { run: 1, of: 2 },
      missed: [4, 5] },
    { hook: 'inode_permission', line: 7, calls: 1, statements: { run: 1, of: 1 }, branches: { run: 1, of: 2 },
      missed: [7] },
    { hook: 'task_kill', line: 8, calls: 0, statements: { run: 0, of: 1 }, branches: { run: 0, of: 0 }, missed: [8] },
    { hook: 'bprm_check_security', line: 11, calls: 0, statements: { run: 0, of: 1 }, branches: { run: 0, of: 0 },
      missed: [11] },
  ])
})

/** What it prints at the end of a run. */
const printed = (coverage: object): readonly string[] => {
  const lines: string[] = []
  const reporter = hookCoverage(() => source)
  reporter.onInit({ config: { root: '/project' }, logger: { log: (line) => void lines.push(line) } })
  reporter.onCoverage(coverage)
  return lines
}

test('a line for each', () => {
  expect(printed(data('/project/src/index.ts'))).toEqual([
    '',
    'hook                 calls  statements  branches  not run',
    'file_open            2      2 of 3      1 of 2    src/index.ts:4,5',
    'inode_permission     1      1 of 1      1 of 2    src/index.ts:7',
    'task_kill            0      0 of 1      0 of 0    src/index.ts:8',
    'bprm_check_security  0      0 of 1      0 of 0    src/index.ts:11',
    '',
  ])
})

test('files without hooks', () => {
  expect(printed({})).toEqual(['no hook was found in the files that are covered'])
})
