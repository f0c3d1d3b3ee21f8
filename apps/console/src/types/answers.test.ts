/** The editor's service of types, over the declarations that are bundled with the console. */
import { describe, expect, test } from 'vitest'
import { moduleTypes } from '../../build/module-types.ts'
import { typeCalls } from './answers.ts'

const calls = typeCalls(moduleTypes())

const module = (body: string, imports = "import { EACCES } from '@lsmkit/abi'\n"): string => `${imports}
import { defineLsm } from '@lsmkit/core'
export const mine = () => defineLsm({
  name: 'mine',
  abi: '1.0',
  hooks: ({ current, lsm, audit, now }) => ({
${body}
  }),
})
`

/** The text without its mark, and where the mark `|` was. */
const marked = (text: string): readonly [text: string, at: number] => [text.replace('|', ''), text.indexOf('|')]

const hover = (text: string) => calls.hover(...marked(text))
const complete = (text: string) => calls.complete(...marked(text))
const labels = (text: string) => complete(text)?.options.map(({ label }) => label) ?? []

describe('mistakes', () => {
  test.each([
    ['a module without any', 'file_open(file) { return file.f_flags === 0 ? 0 : -EACCES },', []],
    ['a misspelt hook, in one line', 'file_opne(file: object) { return 0 },',
      ['there is no hook `file_opne`: did you mean `file_open`?']],
    ['a field that is not there', 'file_open(file) { return file.f_flag === 0 ? 0 : -EACCES },',
      ["Property 'f_flag' does not exist on type 'File'. Did you mean 'f_flags'?"]],
    ['an error without its sign', 'file_open() { return EACCES },', [expect.stringContaining('not assignable')]],
    ['a broken syntax', 'file_open( { return 0 },', [expect.any(String)]],
  ])('%s', (_, body, messages) => {
    const found = calls.faults(module(body)).map(({ message }) => message)
    expect(found.slice(0, messages.length || 9)).toEqual(messages)
  })

  test('a mistake stands at its word', () => {
    const text = module('file_open(file) { return file.f_flag === 0 ? 0 : -EACCES },')
    const [found] = calls.faults(text)
    expect(text.slice(found!.from, found!.to)).toBe('f_flag')
  })

  test('a package that a module cannot import', () => {
    const text = module('file_open() { return 0 },', "import { x } from '@lsmkit/smack'\nx()\n")
    expect(calls.faults(text)[0]!.message).toContain('@lsmkit/smack')
  })

  test('of the kernel there are types alone', () => {
    const from = "from '@lsmkit/kernel'\nexport const of ="
    expect(calls.faults(`import type { Kernel } ${from} ({ sys }: Kernel) => sys.getpid\n`)).toEqual([])
    expect(calls.faults(`import { Kernel } ${from} () => Kernel\n`)).not.toEqual([])
  })
})

describe('what is said of a word', () => {
  test.each([
    ['a hook', module('file_o|pen(file) { return 0 },'), /File/, /^int file_open\(struct file \*file\)/],
    ['its parameter', module('file_open(fi|le) { return 0 },'), /\(parameter\) file: File/,
      /file of file_open: the file about/],
    ['a parameter where it is used', module('inode_permission(inode, mask) { return ma|sk },'), /mask: number/, /MAY_/],
    ['the type of a parameter', module('inode_permission(in|ode) { return 0 },'), /inode: Inode/, /Inode: /],
    ['a field', module('file_open(file) { return file.f_fl|ags },'), /f_flags: number/, /./],
    ['an error number', module('file_open() { return -EAC|CES },'), /EACCES: Errno<13>/, /[Pp]ermission/],
    ['current', module('file_open() { return cur|rent.task.pid },'), /current: Current/, /running task/],
    ['lsm', module('file_open() { return l|sm ? 0 : 1 },'), /lsm/, /table/],
    ['now', module('file_open() { return n|ow() },'), /now/, /CLOCK_REALTIME/],
    ['audit.deny', module("file_open() { return audit.de|ny(-EACCES, 'x') },"), /deny/, /./],
    ['an option of defineLsm', module('').replace('abi:', 'a|bi:'), /abi/, /ABI/],
    ['a system call', "import type { Kernel } from '@lsmkit/kernel'\nexport const of = ({ sys }: Kernel) => sys.op|en",
      /open/, /^open\(2\), system call 2\./],
  ])('%s', (_, text, type, words) => {
    const found = hover(text)
    expect(found?.type).toMatch(type)
    expect(found?.texts.join('\n')).toMatch(words)
  })

  test('nothing is said of white space', () => expect(hover(module('').replace('\n\n', '\n|\n'))).toBeNull())
})

describe('words that can stand at a place', () => {
  test('names of hooks, where hooks are written', () => {
    expect(labels(module('fil|'))).toContain('file_open')
    expect(labels(module('file_open() { return 0 },\n|'))).toContain('inode_permission')
    expect(labels(module('file_open() { ret| },'))).not.toContain('file_open')
  })

  test('fields of a parameter', () => {
    const found = labels(module('file_open(file) { return file.f_| },'))
    expect(found).toEqual(expect.arrayContaining(['f_flags', 'f_inode']))
  })

  test('what a context has', () => {
    expect(labels(module('').replace('now }', 'now, | }'))).toEqual(expect.arrayContaining(['host', 'objects']))
  })

  test('a constant brings its import', () => {
    const text = module('file_open() { return -EPE| },')
    const option = complete(text)!.options.find(({ label }) => label === 'EPERM')
    expect(option).toMatchObject({ from: '@lsmkit/abi' })
    const details = calls.details(...marked(text), option!)
    expect(details!.edits).toMatchObject([{ insert: expect.stringContaining('EPERM') }])
  })

  test('a hook explains itself', () => {
    const text = module('fil|')
    const details = calls.details(...marked(text), { label: 'file_open', kind: 'hook', from: null })
    expect(details).toMatchObject({ type: 'int file_open(struct file *file)', edits: [] })
  })
})

test('a call shows its parameters, and which is written', () => {
  const found = calls.signature(...marked(module('file_open() { return audit.deny(-EACCES, |) },')))
  expect(found).toMatchObject({ active: 1 })
  expect(found!.parameters).toHaveLength(3)
})
