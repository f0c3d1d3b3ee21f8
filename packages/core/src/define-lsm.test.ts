import { expect, test } from 'vitest'
import { defineBlob } from './blob.ts'
import { defineLsm } from './define-lsm.ts'
import { ComposeError, LsmkitError } from './errors.ts'
import type { LsmContext } from './lsm-context.ts'
import type { Task } from './objects/index.ts'

const hooks = { file_open: () => 0 }
/** As a JavaScript caller, whom no type holds back. */
const define = (options: unknown) => defineLsm(options as never)
const failure = (act: () => unknown): LsmkitError => {
  try {
    act()
  } catch (error) {
    if (error instanceof LsmkitError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
const context = {} as LsmContext

const mistakes: readonly { say: string; options: unknown; code: string; hint?: RegExp }[] = [
  { say: 'nothing', options: undefined, code: 'bad-option', hint: /`name` and `hooks`/ },
  { say: 'no name', options: { hooks }, code: 'bad-option' },
  { say: 'no hooks', options: { name: 'a' }, code: 'bad-option' },
  { say: 'an empty name', options: { name: '', hooks }, code: 'bad-name', hint: /comma/ },
  { say: 'a comma in the name', options: { name: 'a,b', hooks }, code: 'bad-name' },
  { say: 'a blank in the name', options: { name: 'a b', hooks }, code: 'bad-name' },
  { say: 'a reserved id', options: { name: 'a', id: 7, hooks }, code: 'bad-id', hint: /at least 100/ },
  { say: 'a negative id', options: { name: 'a', id: -1, hooks }, code: 'bad-option' },
  { say: 'half an id', options: { name: 'a', id: 100.5, hooks }, code: 'bad-option' },
  { say: 'an unknown order', options: { name: 'a', order: 'middle', hooks }, code: 'bad-option' },
  {
    say: 'a misspelt option', options: { name: 'a', exclusve: true, hooks }, code: 'unknown-option',
    hint: /`exclusive`/,
  },
  { say: 'a flag that is not a boolean', options: { name: 'a', early: 1, hooks }, code: 'bad-option' },
  {
    say: 'a misspelt hook', options: { name: 'a', hooks: { file_opne() {} } }, code: 'unknown-hook',
    hint: /`file_open`/,
  },
  { say: 'a hook of nothing known', options: { name: 'a', hooks: { zzz() {} } }, code: 'unknown-hook' },
  {
    say: 'a hook named like a method of objects', options: { name: 'a', hooks: { toString() {} } },
    code: 'unknown-hook',
  },
  { say: 'a hook that is not a function', options: { name: 'a', hooks: { file_open: 0 } }, code: 'bad-hook' },
  {
    say: 'a hook in two groups', options: { name: 'a', hooks: [hooks, { ...hooks }] }, code: 'duplicate-hook',
    hint: /join/,
  },
  { say: 'a group that is a list', options: { name: 'a', hooks: [[hooks]] }, code: 'bad-group' },
  { say: 'a group that is nothing', options: { name: 'a', hooks: [null] }, code: 'bad-group' },
  {
    say: 'a kind without blobs', options: { name: 'a', hooks, blobs: { dentry: 0 } }, code: 'unknown-blob-kind',
    hint: /on cred/,
  },
  { say: 'a blob that is none', options: { name: 'a', hooks, blobs: { task: () => 0 } }, code: 'bad-blob' },
  { say: 'too many xattrs to count', options: { name: 'a', hooks, xattrs: 0.5 }, code: 'bad-option' },
]
test.each(mistakes)('$say is $code', ({ options, code, hint }) => {
  const error = failure(() => define(options))
  expect(error.code).toBe(code)
  expect(error.message).toMatch(/^[^A-Z]/)
  expect(error.hint ?? '').toMatch(hint ?? /^/)
})

class Rules {
  readonly #denied: number
  constructor(denied: number) { this.#denied = denied }
  file_open(): number { return -this.#denied }
}
class MoreRules extends Rules {
  task_getsid(): number { return this.file_open() }
}
const inherited = Object.create({ file_open: () => -7 }) as object
const hidden = Object.defineProperty({}, 'file_open', { value: () => -7 })
const bare = Object.assign(Object.create(null) as object, { file_open: () => -7 })
const overridden = Object.assign(Object.create({ file_open: () => 0 }) as object, { file_open: () => -7 })

test.each<[what: string, group: object, names: readonly string[]]>([
  ['an object of a class', new Rules(7), ['file_open']],
  ['one of a class that extends another', new MoreRules(7), ['task_getsid', 'file_open']],
  ['an object that inherits them', inherited, ['file_open']],
  ['an object where they are not enumerable', hidden, ['file_open']],
  ['an object without a prototype', bare, ['file_open']],
  ['an object whose own is in front of what it inherits', overridden, ['file_open']],
])('%s is a group of hooks, given or returned', (_what, group, names) => {
  for (const form of [group, [group], () => group, () => [group]]) {
    const made = define({ name: 'own', hooks: form }).hooks(context) as Record<string, () => number>
    expect(Object.keys(made).sort()).toEqual([...names].sort())
    for (const name of names) expect(made[name]!()).toBe(-7)
  }
})

const classOfNone = new (class Empty { readonly #hook = () => 0; get [Symbol.iterator]() { return this.#hook } })()
const noGroups: readonly [what: string, hooks: unknown, said: RegExp, code?: string][] = [
  ['a class', Rules, /`hooks` is a class/],
  ['an async function', async () => hooks, /`hooks` is an async function/],
  ['a generator', function* () { yield hooks }, /`hooks` is a generator/],
  ['a promise', Promise.resolve(hooks), /a group of hooks is a promise/],
  ['a function that returns one', () => Promise.resolve(hooks), /a group of hooks is a promise/],
  ['a list of promises', [Promise.resolve(hooks)], /a group of hooks is a promise/],
  ['a Map', new Map(Object.entries(hooks)), /a group of hooks is a Map/],
  ['a Set', () => new Set([hooks]), /a group of hooks is a Set/],
  ['a Date', new Date(), /a group of hooks is a Date/],
  ['a function in a list', [() => hooks], /a group of hooks is a function/],
  ['a text', () => 'file_open', /a group of hooks is the string file_open/],
  ['an object of a class without hooks', classOfNone, /there is no hook on an object of the class Empty/],
  ['a class with a method that is not a hook', new (class { file_open() {} helper() {} })(), /there is no hook `helper`/,
    'unknown-hook'],
  ['a class with a misspelt hook', new (class { file_opne() {} })(), /there is no hook `file_opne`/, 'unknown-hook'],
  ['a misspelt hook that is inherited', Object.create({ file_opne() {} }), /no hook `file_opne`/, 'unknown-hook'],
  ['a misspelt hook that is not enumerable', Object.defineProperty({}, 'file_opne', { value() {} }),
    /no hook `file_opne`/, 'unknown-hook'],
  ['a promise for a hook', { file_open: Promise.resolve(0) }, /`file_open` is a promise and no function/, 'bad-hook'],
  ['a class for a hook', { file_open: Rules }, /`file_open` is a class/, 'bad-hook'],
]
test.each(noGroups)('hooks that are %s are refused, and the error says what was given', (_what, given, said, code) => {
  const error = failure(() => define({ name: 'own', hooks: given }).hooks(context))
  expect(error).toBeInstanceOf(ComposeError)
  expect(error).toMatchObject({ code: code ?? 'bad-group', place: 'lsm `own`', message: expect.stringMatching(said) })
})

test('a mark on a method stays on the hook', () => {
  const blocks = { always: true }
  const rules = new Rules(1)
  const inode_permission = Object.assign(() => 0, { blocks })
  const lsm = define({ name: 'own', hooks: Object.assign(rules, { inode_permission }) })
  expect((lsm.hooks(context).inode_permission as unknown as typeof inode_permission).blocks).toBe(blocks)
})

test('the error says which LSM', () => {
  expect(failure(() => define({ name: 'own', hooks: { x() {} } })).place).toBe('lsm `own`')
})

test.each([
  { say: 'a size of 0', make: () => defineBlob(() => 0, { size: 0 }), code: 'bad-option' },
  { say: 'a size with a fraction', make: () => defineBlob(() => 0, { size: 1.5 }), code: 'bad-option' },
  { say: 'no initialiser', make: () => defineBlob(undefined as never), code: 'bad-blob' },
])('a blob of $say is refused', ({ make, code }) => {
  expect(failure(make).code).toBe(code)
})

test('a function makes the groups, and is held to the same rules when a stack asks', () => {
  const lsm = defineLsm({
    name: 'own',
    abi: '1.0',
    hooks: (ctx) => [{ file_open: () => (ctx === context ? 0 : -1) }, { task_free() {} }],
  })
  expect(Object.keys(lsm.hooks(context))).toEqual(['file_open', 'task_free'])
  const wrong = define({ name: 'own', hooks: () => ({ file_opne() {} }) })
  expect(failure(() => wrong.hooks(context)).code).toBe('unknown-hook')
  expect(failure(() => define({ name: 'own', hooks: () => undefined }).hooks(context)).code).toBe('bad-group')
})

test('a hook left undefined is not there, in one group or two', () => {
  const lsm = defineLsm({ name: 'own', abi: '1.0', hooks: [{ file_open: undefined }, hooks] })
  expect(Object.keys(lsm.hooks(context))).toEqual(['file_open'])
})

test('defaults are the kernel record\'s', () => {
  const task = defineBlob((_task: Task) => 0)
  expect(defineLsm({ name: 'own', abi: '1.0', hooks, blobs: { task } })).toMatchObject({
    id: 0, order: 'mutable', early: false, legacyMajor: false, exclusive: false, enabled: null, xattrs: 0,
    blobs: { task },
  })
})

test('an instance cannot be changed behind the stack\'s back', () => {
  const lsm = defineLsm({ name: 'own', abi: '1.0', hooks })
  expect(() => Object.assign(lsm, { name: 'other' })).toThrow(TypeError)
})
