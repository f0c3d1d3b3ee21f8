/** `glob` here and on node:fs: random patterns over one tree, and what is decided otherwise. */
import * as nodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { boot } from '../../../test/boot.ts'
import { taskFs } from '../../index.ts'
import type { TaskFs } from '../../index.ts'

const files = ['a/1.js', 'a/b/2.js', 'a/b/c/3.ts', '.h/x/4.js', '.dot', 'd/5.js', 'a/.q', 'd/a/1.js', '1.js', 'd/a/é']
const segments = ['a', 'b', 'c', 'd', '*', '**', '?', '*.js', '.*', '[ab]', '{a,d}', '1.js', '.h',
  '+(a|d)', '!(a)', 'a*', '', 'é', 'file', '[!a]*', '@(a|b)', '{1..3}.js', 'none']
const excluded = [undefined, undefined, undefined, ['a'], ['**/b'], ['**/*.js'], ['d/*']]

let top: string
let ours: TaskFs
const link = (fs: typeof nodeFs, to: string, name: string): void => fs.symlinkSync(to, join(top, name))

beforeAll(() => {
  top = nodeFs.mkdtempSync(join(tmpdir(), 'lsmkit-glob-'))
  const { kernel } = boot()
  ours = taskFs(kernel, kernel.init)
  for (const fs of [nodeFs, ours as unknown as typeof nodeFs]) {
    for (const name of files) {
      fs.mkdirSync(join(top, name, '..'), { recursive: true })
      fs.writeFileSync(join(top, name), '')
    }
    link(fs, '../1.js', 'd/file')
  }
})
/** Not in the tree that both sides walk: wildcards lead over these in Node, or do not. */
const addLinks = (): void => {
  ours.mkdirSync(join(top, 'links'))
  ours.symlinkSync('../a', join(top, 'links/to-a'))
  ours.symlinkSync('nowhere', join(top, 'links/broken'))
}
afterAll(() => nodeFs.rmSync(top, { recursive: true, force: true }))

const answer = (fs: object, pattern: unknown, options: object): unknown => {
  try {
    const found = (fs as typeof nodeFs).globSync(pattern as string, options) as unknown[]
    return found.map((one) => JSON.stringify(one)).toSorted()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

test.skipIf(!('globSync' in nodeFs))('600 random patterns match what they match in Node', () => {
  let seed = 7
  const pick = <T>(from: readonly T[]): T => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return from[(seed >> 16) % from.length]!
  }
  for (let i = 0; i < 600; i++) {
    const below = Array.from({ length: pick([1, 2, 3, 4]) }, () => pick(segments)).join('/').replace(/^\/+/, '')
    // of the starting directory itself Node gives nothing
    if (below === '') continue
    // the root holds other files on the host
    const pattern = pick(['', '', '', './', `${top}/`]) + below
    const options = { cwd: join(top, pick(['', '', 'a'])), exclude: pick(excluded), withFileTypes: pick([false, true]) }
    expect(answer(ours, pattern, options), `${pattern} ${JSON.stringify(options)}`)
      .toEqual(answer(nodeFs, pattern, options))
  }
})

test('a wildcard does not lead over a link to a directory, a name that is spelled does', () => {
  addLinks()
  for (const [pattern, found] of [
    ['links/*', ['links/broken', 'links/to-a']], ['links/*/*.js', []], ['**/1.js', ['1.js', 'a/1.js', 'd/a/1.js']],
    ['links/to-a/*.js', ['links/to-a/1.js']], ['**/to-a/*.js', ['links/to-a/1.js']],
    ['links/to-a/**', ['1.js', 'b', 'b/2.js', 'b/c', 'b/c/3.ts', ''].map((one) => join('links/to-a', one))],
  ] as const) {
    const paths = found.map((one) => one.replace(/\/$/, ''))
    expect(ours.globSync(pattern, { cwd: top }).toSorted(), pattern).toEqual(paths.toSorted())
  }
})

test('what is left out is not entered', () => {
  const glob = (exclude: readonly string[] | ((name: string) => boolean)): string[] =>
    ours.globSync('**/*.js', { cwd: top, exclude }).toSorted()
  expect(glob(['a/**'])).toEqual(['1.js', 'd/5.js', 'd/a/1.js'])
  expect(glob([`${top}/d`, 'a'])).toEqual(['1.js'])
  expect(glob((name) => name === 'a')).toEqual(['1.js', 'd/5.js'])
})

test.skipIf(!('globSync' in nodeFs))('wrong arguments are the errors that Node gives', () => {
  for (const [pattern, options] of [
    [5, {}], [[5], {}], [null, {}], [Buffer.from('a'), {}], ['a', { exclude: 5 }], ['a', { exclude: [5] }],
    ['a', { cwd: 5 }], ['a', null], ['a', 5], ['a', { cwd: '/none' }], ['a/*', { cwd: pathToFileURL(top) }], [[], {}],
  ] as const) {
    expect(answer(ours, pattern, options as object)).toEqual(answer(nodeFs, pattern, options as object))
  }
  expect(() => ours.glob('a', undefined as never)).toThrow('"cb" argument must be of type function')
})

test('by callback, and one by one', async () => {
  const called = await new Promise((resolve) => {
    ours.glob(['a/*.js', '1.js'], { cwd: top }, (error, found) => resolve([error, found]))
  })
  expect(called).toEqual([null, ['a/1.js', '1.js']])
  const found: string[] = []
  for await (const path of ours.promises.glob('{a,d}/*.js', { cwd: top })) found.push(path)
  expect(found.toSorted()).toEqual(['a/1.js', 'd/5.js'])
  await expect(ours.promises.glob(5 as never).next()).rejects.toThrow('"patterns" argument')
})
