/** What a program that lists a directory is answered ahead, and when it is not. */
import { defineLsm } from '@lsmkit/core'
import { createSandbox } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import type { FsStat } from 'just-bash'
import { expect, test } from 'vitest'
import { Ahead, Changes } from './ahead.ts'
import type { AskFile } from './file-calls.ts'
import { KernelFiles } from './kernel-files.ts'

const statOf = (name: string): FsStat => ({
  isFile: true, isDirectory: false, isSymbolicLink: name === 'link', mode: 0o644, size: name.length, mtime: new Date(0),
})
const names = ['a', 'bb', 'ccc', 'dddd', 'link', 'f']

const setUp = (answersAhead = true) => {
  const calls: string[] = []
  const changes = new Changes()
  const { ask } = new Ahead((method, ...args) => {
    const [first, path, , others] = args as [string, string, string, string[]]
    calls.push(method === 'statAhead' ? `${method} ${path} ${others.join()}` : `${method} ${first}`)
    if (method === 'entries') return names.map((name) => ({ name }))
    const own = statOf((method === 'statAhead' ? path : first).split('/').at(-1)!)
    return method === 'statAhead' ? [own, ...answersAhead ? others.map(statOf) : []] : own
  }, changes)
  const look = async (method: 'lstat' | 'stat', ...which: readonly string[]): Promise<number[]> => {
    const sizes = []
    for (const name of which) sizes.push((await ask(method, `/d/${name}`)).size)
    return sizes
  }
  return { ask, calls, changes, look }
}

const LIST = 'entries /d'
const TWO = ['lstat /d/a', 'lstat /d/bb']
const AHEAD = 'statAhead /d/ccc dddd,link,f'

test('the status of what follows comes with the third, and each is used once', async () => {
  const { ask, calls, look } = setUp()
  await ask('entries', '/d')
  expect(await look('lstat', ...names)).toEqual([1, 2, 3, 4, 4, 1])
  expect(calls).toEqual([LIST, ...TWO, AHEAD])
  await look('lstat', 'f')
  expect(calls.at(-1)).toBe('lstat /d/f')
})

const between: Readonly<Record<string, (box: ReturnType<typeof setUp>) => unknown>> = {
  'a change by this process': ({ ask }) => ask('chmod', '/d/dddd', 0o600),
  'a change by another process of the shell': ({ changes }) => changes.count++,
  'too long a time': () => new Promise((resolve) => void setTimeout(resolve, 30)),
}
test.each(Object.entries(between))('%s makes the call anew', async (_what, act) => {
  const shell = setUp()
  await shell.ask('entries', '/d')
  await shell.look('lstat', 'a', 'bb', 'ccc')
  await act(shell)
  await shell.look('lstat', 'dddd')
  expect(shell.calls.at(-1)).toBe('lstat /d/dddd')
})

test('a link is followed by a call of its own', async () => {
  const { ask, calls, look } = setUp()
  await ask('entries', '/d')
  await look('stat', 'a', 'bb', 'ccc', 'dddd', 'link')
  expect(calls.slice(-2)).toEqual(['statAhead /d/ccc dddd,link,f', 'stat /d/link'])
})

test('where nothing comes ahead, it is asked for once', async () => {
  const { ask, calls, look } = setUp(false)
  await ask('entries', '/d')
  await look('lstat', ...names)
  expect(calls).toEqual([LIST, ...TWO, AHEAD, 'lstat /d/dddd', 'lstat /d/link', 'lstat /d/f'])
})

const filesOf = async (asked: string[] | null): Promise<AskFile> => {
  const module = () => defineLsm({
    name: 'asker', abi: '1.0', id: 200,
    hooks: { inode_getattr: ({ dentry }) => (asked?.push(dentry.d_name.name), 0) },
  })
  const box = await createSandbox({
    inline: true, allow: { read: ['/d'], write: ['/d'] }, modules: asked === null ? [] : [module],
  })
  for (const name of ['a', 'b', 'c']) await box.fs.writeFile(`/d/${name}`, name.repeat(3))
  const { kernel, task } = insideOf(box)
  const files = new KernelFiles(kernel, task())
  return (method, ...args) => (files[method] as (...all: unknown[]) => never)(...args)
}

test('the kernel answers ahead as far as entries are there', async () => {
  const ask = await filesOf(null)
  const sizes = async (list: string[]) => (await ask('statAhead', 'lstat', '/d/a', '/d', list)).map(({ size }) => size)
  expect(await sizes(['b', 'c'])).toEqual([3, 3, 3])
  expect(await sizes(['gone', 'c'])).toEqual([3])
  expect(() => ask('statAhead', 'lstat', '/d/gone', '/d', ['b']))
    .toThrow("ENOENT: no such file or directory, lstat '/d/gone'")
})

test('no module is asked about what no program has asked for', async () => {
  const asked: string[] = []
  const ask = await filesOf(asked)
  asked.length = 0
  expect(await ask('statAhead', 'lstat', '/d/a', '/d', ['b', 'c'])).toHaveLength(1)
  expect(asked).toEqual(['a'])
})
