/** Imports that the embedder gives: values of every kind, resources as classes, missing ones, and failures. */
import { SIGILL } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { describe, expect, test } from 'vitest'
import { beeping, componentOfText } from '../../test/components.ts'
import { openReactor, runWasi, runWasiAsync } from '../index.ts'
import type { GivenImports, WasiOptions } from '../index.ts'
import { bootForTest } from '../testing/boot.ts'

const kernel = bootForTest([capability()])

/** A function of the interface: its type, the core words it takes, and whether what it gives lies in memory. */
interface Passed {
  readonly type: string
  /** The type of the export, if it is another one. */
  readonly exported?: string
  readonly words?: string
  readonly gives?: 'word' | 'memory'
}
const INTERFACE = 'docs:store/kv@1.2.0'

/** A component whose exports call its imports. */
const passing = (functions: Readonly<Record<string, Passed>>, types = '', from = INTERFACE) => {
  const all = Object.entries(functions)
  const take = (words: string) => words.split(' ').filter(Boolean)
  const args = (words: string) => take(words).map((_, i) => `(local.get ${i})`).join(' ')
  return componentOfText(`(component
    (import "${from}" (instance $kv ${types}
      ${all.map(([name, { type }]) => `(export "${name}" (func ${type}))`).join('\n')}))
    ${[...types.matchAll(/\(export "([\w-]+)" \(type (\$[\w-]+)/g)].map(([, name, id]) =>
      `(alias export $kv "${name}" (type ${id}))`).join(' ')}
    (core module $libc (memory (export "memory") 1) (global $free (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
        (global.get $free) (global.set $free (i32.add (global.get $free) (local.get 3)))))
    (core instance $m (instantiate $libc))
    (alias core export $m "memory" (core memory $memory)) (alias core export $m "realloc" (core func $realloc))
    ${all.map(([name], i) => `(alias export $kv "${name}" (func $f${i}))
      (core func $f${i} (canon lower (func $f${i}) (memory $memory) (realloc $realloc)))`).join('\n')}
    (core instance $h ${all.map((_, i) => `(export "f${i}" (func $f${i}))`).join(' ')})
    (core module $main
      ${all.map(([, { words = '', gives }], i) => `(import "h" "f${i}" (func $f${i} (param ${words}
        ${gives === 'memory' ? 'i32' : ''}) ${gives === 'word' ? '(result i32)' : ''}))`).join('\n')}
      ${all.map(([, { words = '', gives }], i) => `(func (export "f${i}") (param ${words})
        ${gives === undefined ? '' : '(result i32)'}
        (call $f${i} ${args(words)} ${gives === 'memory' ? '(i32.const 64)' : ''})
        ${gives === 'memory' ? '(i32.const 64)' : ''})`).join('\n')})
    (core instance $i (instantiate $main (with "h" (instance $h))))
    ${all.map(([, { type, exported = type }], i) => `(func $e${i} ${exported}
      (canon lift (core func $i "f${i}") (memory $memory) (realloc $realloc)))
      (export "call${i}" (func $e${i}))`).join('\n')})`)
}

const given = (of: object, name = INTERFACE): GivenImports => ({ [name]: of as never })
const reactorOf = (program: Uint8Array<ArrayBuffer>, imports: GivenImports) =>
  openReactor(kernel, kernel.init, { program, imports })

describe('values of every kind go in and come out', () => {
  const cases: readonly (readonly [type: string, words: string, gives: 'word' | 'memory', value: unknown])[] = [
    ['u8', 'i32', 'word', 200], ['s32', 'i32', 'word', -5], ['bool', 'i32', 'word', true], ['char', 'i32', 'word', 'é'],
    ['string', 'i32 i32', 'memory', 'text with é'], ['(list u8)', 'i32 i32', 'memory', Uint8Array.of(1, 2)],
    ['(list string)', 'i32 i32', 'memory', ['a', 'b']], ['(tuple u8 string)', 'i32 i32 i32', 'memory', [1, 'a']],
    ['(option u32)', 'i32 i32', 'memory', 7], ['(option u32)', 'i32 i32', 'memory', null],
    ['(result u32 (error string))', 'i32 i32 i32', 'memory', { ok: 3 }],
    ['(result u32 (error string))', 'i32 i32 i32', 'memory', { error: 'why' }],
    ['$record', 'i32 i64', 'memory', { 'is-open': true, 'size': 2n ** 40n }],
    ['$variant', 'i32 i32 i32', 'memory', { case: 'some-text', value: 'x' }],
    ['$variant', 'i32 i32 i32', 'memory', { case: 'none', value: null }],
    ['$enum', 'i32', 'word', 'is-second'], ['$flags', 'i32', 'word', ['read', 'is-new']],
  ]
  const TYPES: Readonly<Record<string, string>> = {
    $record: '(record (field "is-open" bool) (field "size" u64))',
    $variant: '(variant (case "none") (case "some-text" string) (case "number" u32))',
    $enum: '(enum "first" "is-second")', $flags: '(flags "read" "write" "is-new")',
  }
  test.each(cases)('%s (%s, %s): %o', async (type, words, gives, value) => {
    const of = TYPES[type]
    const types = of === undefined ? '' : `(type $own ${of}) (export "named" (type ${type} (eq $own)))`
    const got: unknown[] = []
    const program = await passing({
      'pass-on': { type: `(param "value" ${type}) (result ${type})`, words, gives },
    }, types)
    const reactor = reactorOf(program, given({ passOn: (one: unknown) => (got.push(one), one) }))
    expect(reactor.call('call0', value as never)).toEqual(value)
    expect(got).toEqual([value])
  })
})

describe('resources are classes', () => {
  const TYPES = '(export "bucket" (type $bucket (sub resource)))'
  const functions = {
    '[constructor]bucket': { type: '(param "name" string) (result (own $bucket))', words: 'i32 i32', gives: 'word' },
    '[method]bucket.get-all': {
      type: '(param "self" (borrow $bucket)) (result string)', words: 'i32', gives: 'memory',
      exported: '(param "self" (own $bucket)) (result string)',
    },
    '[static]bucket.open-two': { type: '(result (list (own $bucket)))', gives: 'memory' },
    'close': { type: '(param "bucket" (own $bucket))', words: 'i32' },
  } as const
  class Bucket {
    readonly name: string
    static readonly dropped: string[] = []
    constructor(name: string) {
      this.name = name
    }
    static openTwo() {
      return [new Bucket('one'), new Bucket('two')]
    }
    getAll() {
      return `all of ${this.name}`
    }
    [Symbol.dispose]() {
      Bucket.dropped.push(this.name)
    }
  }

  test('made, lent, given away, and of a class that is asked for', async () => {
    const closed: unknown[] = []
    const close = (one: Bucket) => closed.push(one)
    const reactor = reactorOf(await passing(functions, TYPES), given({ Bucket, close }))
    const made = reactor.call('call0', 'a') as Bucket
    expect(made).toBeInstanceOf(Bucket)
    expect(reactor.call('call1', made as never)).toBe('all of a')
    const [one, two] = reactor.call('call2') as Bucket[]
    expect([one!.name, two!.name]).toEqual(['one', 'two'])
    reactor.call('call3', made as never)
    expect(closed).toEqual([made])
    expect(() => reactor.call('call1', {} as never)).toThrow(/the resource is not a Bucket/)
  })

  test('one that the component drops is disposed of', async () => {
    const program = await componentOfText(`(component
      (import "docs:store/kv@1.0.0" (instance $kv ${TYPES}
        (export "[constructor]bucket" (func (result (own $bucket))))))
      (alias export $kv "bucket" (type $bucket)) (alias export $kv "[constructor]bucket" (func $make))
      (core func $make (canon lower (func $make))) (core func $drop (canon resource.drop $bucket))
      (core instance $h (export "make" (func $make)) (export "drop" (func $drop)))
      (core module $main (import "h" "make" (func $make (result i32))) (import "h" "drop" (func $drop (param i32)))
        (func (export "go") (call $drop (call $make))))
      (core instance $i (instantiate $main (with "h" (instance $h))))
      (func $go (canon lift (core func $i "go"))) (export "go" (func $go)))`)
    Bucket.dropped.length = 0
    class Named extends Bucket {
      constructor() {
        super('mine')
      }
    }
    reactorOf(program, given({ bucket: Named }, 'docs:store/kv@1.0.0')).call('go')
    expect(Bucket.dropped).toEqual(['mine'])
  })
})

describe('what is found by a name', () => {
  const beep = { beep: { type: '(result u32)', gives: 'word' } } as const
  test.each([
    ['docs:a/b@1.2.0', 'docs:a/b@1.2.0', true], ['docs:a/b@1.2.0', 'docs:a/b', true],
    ['docs:a/b@1.2.0', 'docs:a/b@1.0.0', true], ['docs:a/b@0.2.6', 'docs:a/b@0.2.0', true],
    ['docs:a/b@0.2.6', 'docs:a/b@0.3.0', false], ['docs:a/b@2.0.0', 'docs:a/b@1.0.0', false],
    ['docs:a/b', 'docs:a/b@1.0.0', false], ['docs:a/b@1.0.0', 'docs:a/c@1.0.0', false],
  ])('an import %s by what is given as %s: %s', async (from, name, isFound) => {
    const program = await passing(beep, '', from)
    const open = () => reactorOf(program, given({ beep: () => 5 }, name))
    if (isFound) expect(open().call('call0')).toBe(5)
    else expect(open).toThrow(expect.objectContaining({ code: 'unknown-import', hint: expect.stringContaining(from) }))
  })

  test.each(['to-string', 'constructor', 'has-own-property', 'value-of'])(
    'no function of the language: %s', async (name) => {
      const type = '(result u32)'
      const known = await passing({ beep: { type, gives: 'word' } }).catch(() => null)
      expect(known).not.toBeNull()
      const program = await passing({ [name]: { type, gives: 'word' } }).catch(() => null)
      // not every name is one of WIT
      if (program === null) return
      expect(() => reactorOf(program, given({ beep: () => 1 })))
        .toThrow(expect.objectContaining({ code: 'unknown-import', hint: expect.stringContaining('has no function') }))
    })

  test.each(['call', 'apply', 'bind', 'to-string'])('and none of a class: [static]bucket.%s', async (name) => {
    const program = await passing({ [`[static]bucket.${name}`]: { type: '(result u32)', gives: 'word' } },
      '(export "bucket" (type $bucket (sub resource)))')
    expect(() => reactorOf(program, given({ Bucket: class { own = 1 } })))
      .toThrow(expect.objectContaining({ code: 'unknown-import', hint: expect.stringContaining('static method') }))
  })

  test('packages may be named as this one is', async () => {
    const program = await passing(beep, '', 'lsmkit:a/b@1.0.0')
    expect(reactorOf(program, given({ beep: () => 5 }, 'lsmkit:a/b')).call('call0')).toBe(5)
    const named = await componentOfText(`(component
      (core module $m (func (export "lsmkit:a/b#f") (result i32) (i32.const 3))) (core instance $i (instantiate $m))
      (func $f (result u32) (canon lift (core func $i "lsmkit:a/b#f"))) (instance $b (export "f" (func $f)))
      (export "lsmkit:a/b" (instance $b)))`)
    expect(openReactor(kernel, kernel.init, { program: named }).call('lsmkit:a/b#f')).toBe(3)
  })

  test('a function by itself; and one that nobody gives is a mistake with a hint', async () => {
    const program = await componentOfText(`(component (import "beep" (func $beep (result u32)))
      (core func $beep (canon lower (func $beep))) (core instance $h (export "beep" (func $beep)))
      (core module $main (import "h" "beep" (func $beep (result i32))) (func (export "go") (result i32) (call $beep)))
      (core instance $i (instantiate $main (with "h" (instance $h))))
      (func $go (result u32) (canon lift (core func $i "go"))) (export "go" (func $go)))`)
    expect(reactorOf(program, { beep: () => 9 }).call('go')).toBe(9)
    expect(() => openReactor(kernel, kernel.init, { program })).toThrow(expect.objectContaining({
      code: 'unknown-import', summary: 'the component imports `beep`', hint: 'give it: `imports: { \'beep\': … }`',
    }))
    expect(() => reactorOf(program, { 'beep': () => 9, 'wasi:cli/stdin@0.2.0': {} })).toThrow(/the kernel answers it/)
  })
})

describe('one that fails ends the component', () => {
  const functions = { beep: { type: '(result u32)', gives: 'word' } } as const
  test.each<[what: string, beep: () => unknown, reason: RegExp]>([
    ['it throws', () => { throw new Error('no power') }, /the import `docs:store\/kv@1\.2\.0\.beep` has failed: no power/],
    ['a wrong value', () => 'text', /has failed: text is not a u32/],
    ['nothing', () => {}, /has failed: .* is not a u32/],
    ['later, where nothing waits', async () => 1, /has failed: it answers later/],
  ])('%s', async (_what, beep, reason) => {
    const reactor = reactorOf(await passing(functions), given({ beep }))
    expect(() => reactor.call('call0')).toThrow(reason)
    expect(reactor.end()).toMatchObject({ signal: SIGILL })
  })
})

describe('a command', () => {
  const optionsOf = async (beep: () => unknown): Promise<WasiOptions> =>
    ({ program: await beeping(), imports: { 'docs:a/b': { beep } } })

  test('is given its imports, and waits for those that answer later', async () => {
    expect(runWasi(kernel, kernel.init, await optionsOf(() => 7)).status).toBe(0)
    expect(runWasi(kernel, kernel.init, await optionsOf(() => 8)).status).toBe(1)
    const later = await optionsOf(() => new Promise((resolve) => setTimeout(() => resolve(7), 5)))
    const rejecting = await optionsOf(() => Promise.reject(new Error('gone')))
    for (const way of [{}, { waiting: 'workers' }] as const) {
      expect(await runWasiAsync(kernel, kernel.init, { ...later, ...way })).toMatchObject({ status: 0, reason: '' })
      expect(await runWasiAsync(kernel, kernel.init, { ...rejecting, ...way }))
        .toMatchObject({ signal: SIGILL, reason: expect.stringContaining('has failed: gone') as string })
    }
  })
})
