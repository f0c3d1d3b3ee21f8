/** Components made of others: their resources, their strings, and calls between them that wait. */
import { capability } from '@lsmkit/capability'
import { describe, expect, test } from 'vitest'
import { ComponentResource, guestLimits, openReactor, runWasi, runWasiAsync } from '../index.ts'
import type { ComponentValue } from '../index.ts'
import { bootForTest, collect } from '../testing/boot.ts'
import { componentOfText } from '../../test/components.ts'

const kernel = bootForTest([capability()])
const reactorOf = async (text: string) =>
  openReactor(kernel, kernel.init, { program: await componentOfText(text), limits: guestLimits })

/** Room for what is passed: never given back. */
const ALLOCATOR = `(memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 3))))`

/** A component with a counter as its resource: `destroyed` counts those that are gone. */
const COUNTER = `(component $Counter
  (core module $m
    (global $destroyed (mut i32) (i32.const 0))
    (func (export "destroy") (param i32)
      (global.set $destroyed (i32.add (global.get $destroyed) (local.get 0))))
    (func (export "destroyed") (result i32) (global.get $destroyed)))
  (core instance $i (instantiate $m))
  (type $c (resource (rep i32) (dtor (core func $i "destroy"))))
  (export $c' "counter" (type $c))
  (core func $new (canon resource.new $c)) (core func $rep (canon resource.rep $c))
  (core module $n (import "" "new" (func $new (param i32) (result i32)))
    (import "" "rep" (func $rep (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "value") (param i32) (result i32) (local.get 0))
    (func (export "end") (param i32) (result i32) (call $rep (local.get 0))))
  (core instance $j (instantiate $n (with "" (instance (export "new" (func $new)) (export "rep" (func $rep))))))
  (func (export "[constructor]counter") (param "n" u32) (result (own $c')) (canon lift (core func $j "make")))
  (func (export "[method]counter.value") (param "self" (borrow $c')) (result u32) (canon lift (core func $j "value")))
  (func (export "[static]counter.end") (param "it" (own $c')) (result u32) (canon lift (core func $j "end")))
  (func (export "destroyed") (result u32) (canon lift (core func $i "destroyed"))))
(instance $counter (instantiate $Counter))`

/** A component that uses the counter: `body` is what its core module does with it. */
const user = (body: string): string => `(component
  ${COUNTER}
  (component $User
    (import "c" (instance $c (export "counter" (type $c (sub resource)))
      (export "[constructor]counter" (func (param "n" u32) (result (own $c))))
      (export "[method]counter.value" (func (param "self" (borrow $c)) (result u32)))
      (export "[static]counter.end" (func (param "it" (own $c)) (result u32)))
      (export "destroyed" (func (result u32)))))
    (alias export $c "counter" (type $t))
    (core func $make (canon lower (func $c "[constructor]counter")))
    (core func $value (canon lower (func $c "[method]counter.value")))
    (core func $end (canon lower (func $c "[static]counter.end")))
    (core func $destroyed (canon lower (func $c "destroyed")))
    (core func $drop (canon resource.drop $t))
    (core module $m
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "value" (func $value (param i32) (result i32)))
      (import "" "end" (func $end (param i32) (result i32))) (import "" "destroyed" (func $destroyed (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "go") (result i32) ${body}))
    (core instance $i (instantiate $m (with "" (instance (export "make" (func $make)) (export "value" (func $value))
      (export "end" (func $end)) (export "destroyed" (func $destroyed)) (export "drop" (func $drop))))))
    (func (export "go") (result u32) (canon lift (core func $i "go"))))
  (instance $user (instantiate $User (with "c" (instance $counter))))
  (export "go" (func $user "go")))`

describe('resources of a component, used by another', () => {
  test.each([
    { what: 'a borrowed one gives its representation', body: '(call $value (call $make (i32.const 7)))', answer: 7 },
    { what: 'numbers begin at one and are used again', answer: 21,
      body: `(i32.add (i32.mul (call $make (i32.const 5)) (i32.const 10)) (call $make (i32.const 6)))
        (call $drop (i32.const 1)) (i32.add (i32.const -1)) (call $make (i32.const 1)) (i32.add)
        (i32.add (i32.const 9))` },
    { what: 'dropping it destroys it', answer: 7,
      body: '(call $drop (call $make (i32.const 7))) (call $destroyed)' },
    { what: 'one that is given away is held by the other', answer: 9, body: '(call $end (call $make (i32.const 9)))' },
  ])('$what', async ({ body, answer }) => {
    const reactor = await reactorOf(user(body))
    expect(reactor.call('go')).toBe(answer)
    expect(reactor.end().status).toBe(0)
  })

  test.each([
    { what: 'dropped twice', reason: /no such resource: 1/,
      body: `(local $c i32) (call $drop (local.tee $c (call $make (i32.const 7))))
        (call $drop (local.get $c)) (i32.const 0)` },
    { what: 'used after it was given away', reason: /no such resource: 1/,
      body: `(local $c i32) (drop (call $end (local.tee $c (call $make (i32.const 7)))))
        (call $value (local.get $c))` },
    { what: 'that there never was', body: '(call $value (i32.const 0))', reason: /no such resource: 0/ },
    { what: 'of a number below zero', body: '(call $value (i32.const -1))', reason: /no such resource: 4294967295/ },
  ])('a resource $what ends it', async ({ body, reason }) => {
    const reactor = await reactorOf(user(body))
    expect(() => reactor.call('go')).toThrow(reason)
  })

  test('JavaScript holds them as objects', async () => {
    const reactor = await reactorOf(`(component ${COUNTER} (export "c" (instance $counter)))`)
    const call = (name: string, ...args: readonly (number | ComponentResource)[]) => reactor.call(`c#${name}`, ...args)
    const held = call('[constructor]counter', 3) as ComponentResource
    expect(held).toBeInstanceOf(ComponentResource)
    expect([call('[method]counter.value', held), call('[method]counter.value', held)]).toEqual([3, 3])
    expect(call('[static]counter.end', held)).toBe(3)
    const gone = expect.objectContaining({ code: 'bad-value', message: 'the resource was given away or dropped' })
    expect(() => call('[method]counter.value', held)).toThrow(gone)
    expect(() => call('[method]counter.value', 1)).toThrow(expect.objectContaining({ code: 'bad-value' }))
    const dropped = call('[constructor]counter', 4) as ComponentResource
    dropped.drop()
    expect(() => dropped.drop()).toThrow(gone)
    expect(call('destroyed')).toBe(4)
    reactor.end()
  })
})

/** Lends a resource to a component that keeps it, which `keep` says. */
const lending = (keep: string): string => `(component
  (component $Keeper
    (import "r" (type $r (sub resource)))
    (core func $drop (canon resource.drop $r))
    (core module $m (import "" "drop" (func $drop (param i32))) (func (export "look") (param i32) ${keep}))
    (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
    (func (export "look") (param "r" (borrow $r)) (canon lift (core func $i "look"))))
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r)) (core func $end (canon resource.drop $r))
  (instance $k (instantiate $Keeper (with "r" (type $r))))
  (core func $look (canon lower (func $k "look")))
  (core module $m (import "" "new" (func $new (param i32) (result i32))) (import "" "look" (func $look (param i32)))
    (import "" "end" (func $end (param i32)))
    (func (export "go") (local $r i32)
      (call $look (local.tee $r (call $new (i32.const 5)))) (call $end (local.get $r))))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "look" (func $look))
    (export "end" (func $end))))))
  (func (export "go") (canon lift (core func $i "go"))))`

test.each([
  { what: 'is given back by the end of the call', keep: '(call $drop (local.get 0))', reason: null },
  { what: 'that is kept ends it', keep: '', reason: /it has not dropped what it has borrowed/ },
  { what: 'that is dropped twice ends it', reason: /no such resource: 1/,
    keep: '(call $drop (local.get 0)) (call $drop (local.get 0))' },
])('a borrowed resource $what', async ({ keep, reason }) => {
  const reactor = await reactorOf(lending(keep))
  if (reason === null) expect(reactor.call('go')).toBeUndefined()
  else expect(() => reactor.call('go')).toThrow(reason)
})

interface Echo {
  readonly encoding: string
  /** What it takes and gives: a value of two words. */
  readonly type: string
  /** Declares the types that it names. */
  readonly types?: string
}

const echoed = ({ encoding, type, types = '' }: Echo, instance: string): string => `${types}
  (func (export "echo") (param "x" ${type}) (result ${type}) (canon lift (core func $i "echo")
    (memory (core memory ${instance} "memory")) (realloc (core func ${instance} "realloc"))
    string-encoding=${encoding}))`

/** A component that gives back what it gets. */
const echo = (how: Echo): string => `(core module $m ${ALLOCATOR}
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0)))
  (core instance $i (instantiate $m)) ${echoed(how, '$i')}`

/** The same, by asking the component inside of it. */
const relay = (outer: Echo, inner: Echo): string => `(component
  (component $Inner ${echo(inner)})
  (instance $inner (instantiate $Inner))
  (core module $mem ${ALLOCATOR})
  (core instance $mem (instantiate $mem))
  (core func $echo (canon lower (func $inner "echo") (memory (core memory $mem "memory"))
    (realloc (core func $mem "realloc")) string-encoding=${outer.encoding}))
  (core module $m (import "" "echo" (func $echo (param i32 i32 i32)))
    (func (export "echo") (param i32 i32) (result i32)
      (call $echo (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16)))
  (core instance $i (instantiate $m (with "" (instance (export "echo" (func $echo))))))
  ${echoed(outer, '$mem')})`

const ENCODINGS = ['utf8', 'utf16', 'latin1+utf16']

describe('strings', () => {
  const texts = ['', 'plain', 'Größe ÿ', 'häβ 🎈', '\u0000', '\ud7ff\ue000\u{10ffff}', 'ÿ'.repeat(5000)]

  test.each(ENCODINGS.flatMap((outer) => ENCODINGS.map((inner) => ({ outer, inner }))))(
    'of $outer through $inner', async ({ outer, inner }) => {
      for (const text of texts) {
        const reactor = await reactorOf(relay({ encoding: outer, type: 'string' }, { encoding: inner, type: 'string' }))
        expect(reactor.call('echo', text)).toBe(text)
        reactor.end()
      }
    })

  test('half of a pair becomes U+FFFD on the way in', async () => {
    for (const encoding of ENCODINGS) {
      const reactor = await reactorOf(`(component ${echo({ encoding, type: 'string' })})`)
      expect(reactor.call('echo', 'a\ud800b')).toBe('a\ufffdb')
    }
  })

  test.each([
    { what: 'half of a pair', encoding: 'utf16', at: 0, length: 1, bytes: '\\00\\d8', reason: /not UTF-16/ },
    { what: 'an odd address', encoding: 'utf16', at: 1, length: 1, bytes: 'abcd', reason: /not aligned/ },
    { what: 'an odd address of Latin-1', encoding: 'latin1+utf16', at: 1, length: 1, bytes: 'a', reason: /not aligned/ },
    { what: 'bytes that are not UTF-8', encoding: 'utf8', at: 0, length: 1, bytes: '\\ff', reason: /not UTF-8/ },
    { what: 'more than there is', encoding: 'utf16', at: 0, length: 40_000, bytes: '', reason: /longer than the memory/ },
    { what: 'more than any string', encoding: 'utf16', at: 0, length: -1, bytes: '', reason: /longer than 2\^28/ },
  ])('$what of $encoding ends it', async ({ encoding, at, length, bytes, reason }) => {
    const reactor = await reactorOf(`(component
      (core module $m (memory (export "memory") 1) (data (i32.const 0) "${bytes}")
        (func (export "give") (result i32) (i32.store (i32.const 64) (i32.const ${at}))
          (i32.store (i32.const 68) (i32.const ${length})) (i32.const 64)))
      (core instance $i (instantiate $m))
      (func (export "give") (result string) (canon lift (core func $i "give")
        (memory (core memory $i "memory")) string-encoding=${encoding})))`)
    expect(() => reactor.call('give')).toThrow(reason)
  })

  test('of a component in UTF-16 reach WASI, and those of WASI the component', async () => {
    const program = await componentOfText(`(component
      (import "wasi:cli/environment@0.2.0" (instance $e (export "get-arguments" (func (result (list string))))))
      (core module $mem ${ALLOCATOR})
      (core instance $mem (instantiate $mem))
      (core func $args (canon lower (func $e "get-arguments") (memory (core memory $mem "memory"))
        (realloc (core func $mem "realloc")) string-encoding=utf16))
      (core module $m (import "" "args" (func $args (param i32)))
        (func (export "args") (result i32) (call $args (i32.const 16)) (i32.const 16)))
      (core instance $i (instantiate $m (with "" (instance (export "args" (func $args))))))
      (func (export "args") (result (list string)) (canon lift (core func $i "args")
        (memory (core memory $mem "memory")) (realloc (core func $mem "realloc")) string-encoding=utf16)))`)
    const reactor = openReactor(kernel, kernel.init, { program, argv: ['Größe', '🎈'], limits: guestLimits })
    expect(reactor.call('args')).toEqual(['Größe', '🎈'])
    reactor.end()
  })
})

/** Types that have to have a name. */
const NAMED = `(type $v' (variant (case "a" u32) (case "b" f64) (case "c" (tuple f32 string)) (case "d")))
  (export $v "v" (type $v'))
  (type $f' (flags ${Array.from({ length: 32 }, (_, i) => `"f${i}"`).join(' ')})) (export $f "f" (type $f'))
  (type $r' (record (field "deep" bool) (field "name" string))) (export $r "r" (type $r'))`

test.each<{ of: string; value: ComponentValue }>([
  { of: '(tuple string u64)', value: ['β', 2n ** 64n - 1n] }, { of: '(option (option u8))', value: 3 },
  { of: '$v', value: { case: 'a', value: 7 } }, { of: '$v', value: { case: 'b', value: 1.5 } },
  { of: '$v', value: { case: 'c', value: [0.5, 'x'] } }, { of: '$v', value: { case: 'd', value: null } },
  { of: '$f', value: ['f0', 'f31'] }, { of: 'char', value: '🎈' }, { of: '$r', value: { deep: true, name: 'n' } },
  { of: '(result string (error (list u8)))', value: { ok: 'fine' } },
  { of: '(result string (error (list u8)))', value: { error: Uint8Array.of(1, 2) } },
  { of: '(tuple bool s8 s16 u16 f64)', value: [true, -1, -2, 3, -0] },
  { of: '(list (list u8))', value: [Uint8Array.of(), Uint8Array.of(1)] },
  { of: '(list u32 4)', value: [1, 2, 3, 4] }, { of: '(map string u8)', value: [['a', 1], ['b', 2]] },
])('a list of $of passes between components: $value', async ({ of, value }) => {
  const how = { encoding: 'utf8', type: `(list ${of})`, types: NAMED }
  const reactor = await reactorOf(relay(how, { ...how, encoding: 'utf16' }))
  expect(reactor.call('echo', [value, value])).toEqual([value, value])
  reactor.end()
})

/** Functions of many words: what does not fit goes through memory, and variants share their words. */
test.each([
  { what: 'twenty parameters', params: Array.from({ length: 20 }, () => 'u32'), flat: 'i32', sum: 210,
    code: Array.from({ length: 20 }, (_, i) => `(i32.load offset=${i * 4} (local.get 0))`),
    args: Array.from({ length: 20 }, (_, i) => i + 1) },
  { what: 'a variant of f32 and u64', params: ['(result f32 (error u64))'], flat: 'i32 i64', sum: 3,
    code: ['(i32.trunc_f32_s (f32.reinterpret_i32 (i32.wrap_i64 (local.get 1))))', '(local.get 0)'],
    args: [{ ok: 3.5 }] },
  { what: 'a list of a known length', params: ['(list u8 3)'], flat: 'i32 i32 i32', sum: 6,
    code: ['(local.get 0)', '(local.get 1)', '(local.get 2)'], args: [Uint8Array.of(1, 2, 3)] },
])('$what, from a component to another', async ({ params, flat, code, args, sum }) => {
  const types = params.map((type, i) => `(param "p${i}" ${type})`).join(' ')
  const options = '(memory (core memory $mem "memory")) (realloc (core func $mem "realloc"))'
  const reactor = await reactorOf(`(component
    (component $Inner (core module $mem ${ALLOCATOR}) (core instance $mem (instantiate $mem))
      (core module $m (import "" "memory" (memory 1))
        (func (export "sum") (param ${flat}) (result i32) ${code.join(' ')} ${'(i32.add)'.repeat(code.length - 1)}))
      (core instance $i (instantiate $m (with "" (instance $mem))))
      (func (export "sum") ${types} (result u32) (canon lift (core func $i "sum") ${options})))
    (instance $inner (instantiate $Inner))
    (core module $mem ${ALLOCATOR}) (core instance $mem (instantiate $mem))
    (core func $sum (canon lower (func $inner "sum") ${options}))
    (core module $m (import "" "sum" (func $sum (param ${flat}) (result i32)))
      (func (export "sum") (param ${flat}) (result i32)
        ${flat.split(' ').map((_, i) => `(local.get ${i})`).join(' ')} (call $sum)))
    (core instance $i (instantiate $m (with "" (instance (export "sum" (func $sum))))))
    (func (export "sum") ${types} (result u32) (canon lift (core func $i "sum") ${options})))`)
  expect(reactor.call('sum', ...args)).toBe(sum)
  reactor.end()
})

/** A command that is made of two components: the one inside reads the input, which may have to be waited for. */
const READER = `(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $err))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $err (type $err')) (export "error" (type $e (eq $err')))
    (type $failed (variant (case "last-operation-failed" (own $e)) (case "closed")))
    (export "stream-error" (type $failed' (eq $failed)))
    (export "input-stream" (type $in (sub resource)))
    (export "[method]input-stream.blocking-read" (func (param "self" (borrow $in)) (param "len" u64)
      (result (result (list u8) (error $failed')))))))
  (alias export $streams "input-stream" (type $in))
  (import "wasi:cli/stdin@0.2.0" (instance $stdin
    (alias outer 1 $in (type $in')) (export "input-stream" (type $i (eq $in')))
    (export "get-stdin" (func (result (own $i))))))
  (component $Inner
    (import "in" (type $in (sub resource)))
    (import "get" (func $get (result (own $in))))
    (import "e" (type $e (sub resource)))
    (type $failed' (variant (case "last-operation-failed" (own $e)) (case "closed")))
    (import "failed" (type $failed (eq $failed')))
    (import "read" (func $read (param "self" (borrow $in)) (param "len" u64)
      (result (result (list u8) (error $failed)))))
    (core module $mem ${ALLOCATOR})
    (core instance $mem (instantiate $mem))
    (core func $get (canon lower (func $get)))
    (core func $read (canon lower (func $read) (memory (core memory $mem "memory"))
      (realloc (core func $mem "realloc"))))
    (core module $m (import "" "get" (func $get (result i32))) (import "" "read" (func $read (param i32 i64 i32)))
      (import "" "memory" (memory 1))
      (func (export "length") (result i32)
        (call $read (call $get) (i64.const 100) (i32.const 0)) (i32.load (i32.const 8))))
    (core instance $i (instantiate $m (with "" (instance (export "get" (func $get)) (export "read" (func $read))
      (export "memory" (memory $mem "memory"))))))
    (func (export "length") (result u32) (canon lift (core func $i "length"))))
  (alias export $streams "error" (type $e)) (alias export $streams "stream-error" (type $failed))
  (instance $inner (instantiate $Inner (with "in" (type $in)) (with "get" (func $stdin "get-stdin"))
    (with "e" (type $e)) (with "failed" (type $failed))
    (with "read" (func $streams "[method]input-stream.blocking-read"))))
  (core func $length (canon lower (func $inner "length")))
  (core module $m (import "" "length" (func $length (result i32)))
    (func (export "run") (result i32) (i32.ne (call $length) (i32.const 4))))
  (core instance $i (instantiate $m (with "" (instance (export "length" (func $length))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $r (export "run" (func $run))) (export "wasi:cli/run@0.2.0" (instance $r)))`

test.each([
  'in the thread that calls', 'suspended', 'in a worker',
])('a call that waits within two components: %s', async (way) => {
  const program = await componentOfText(READER)
  let asks = 0
  const stdin = (buffer: Uint8Array): number | null => {
    if (++asks < 3) return null
    if (asks > 3) return 0
    buffer.set(new TextEncoder().encode('late'))
    return 4
  }
  const options = { program, stdin, stdout: collect().sink, limits: guestLimits }
  const result = way === 'in the thread that calls'
    ? runWasi(kernel, kernel.init, options)
    : await runWasiAsync(kernel, kernel.init, way === 'suspended' ? options : { ...options, waiting: 'workers' })
  expect(result).toMatchObject({ status: 0, reason: '' })
})
