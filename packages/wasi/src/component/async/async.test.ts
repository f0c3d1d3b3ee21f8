/** Streams, futures and asynchronous functions as JavaScript sees them. */
import { capability } from '@lsmkit/capability'
import { expect, test } from 'vitest'
import { guestLimits, openReactor } from '../../index.ts'
import type { ComponentValue, ComponentStream} from '../../index.ts'
import { bootForTest } from '../../testing/boot.ts'
import { componentOfText } from '../../../test/components.ts'

const kernel = bootForTest([capability()])
const reactorOf = async (text: string, time = 300) =>
  openReactor(kernel, kernel.init, { program: await componentOfText(text), limits: { ...guestLimits, time } })

/** Everything of a stream. */
const all = (stream: unknown): unknown[] => {
  const got: unknown[] = []
  for (let read = (stream as ComponentStream).read(); read !== null; read = (stream as ComponentStream).read())
    got.push(read)
  return got
}

/** Makes a stream, answers its readable end, writes three bytes and goes on to `then` when they are read. */
const writer = (then: string): string => `(component
  (core module $mem (memory (export "m") 1) (data (i32.const 0) "\\07\\08\\09")) (core instance $mem (instantiate $mem))
  (type $s (stream u8))
  (core func $new (canon stream.new $s)) (core func $drop (canon stream.drop-writable $s))
  (core func $write (canon stream.write $s async (memory (core memory $mem "m"))))
  (core func $return (canon task.return (result $s)))
  (core func $set (canon waitable-set.new)) (core func $join (canon waitable.join))
  (core module $m (import "" "new" (func $new (result i64))) (import "" "drop" (func $drop (param i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32))) (import "" "return" (func $return (param i32)))
    (import "" "set" (func $set (result i32))) (import "" "join" (func $join (param i32 i32)))
    (global $w (mut i32) (i32.const 0))
    (func (export "f") (result i32) (local $pair i64) (local $s i32)
      (local.set $pair (call $new)) (global.set $w (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (call $return (i32.wrap_i64 (local.get $pair)))
      (drop (call $write (global.get $w) (i32.const 0) (i32.const 3)))
      (call $join (global.get $w) (local.tee $s (call $set)))
      (i32.or (i32.const 2) (i32.shl (local.get $s) (i32.const 4))))
    (func (export "c") (param i32 i32 i32) (result i32) ${then}))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))
    (export "write" (func $write)) (export "return" (func $return)) (export "set" (func $set))
    (export "join" (func $join))))))
  (func (export "make") async (result $s) (canon lift (core func $i "f") async (callback (core func $i "c")))))`
const DROPS = '(call $join (global.get $w) (i32.const 0)) (call $drop (global.get $w)) (i32.const 0)'

test('JavaScript reads what a component writes, in as many pieces as it likes', async () => {
  const reactor = await reactorOf(writer(DROPS))
  expect(all(reactor.call('make'))).toEqual([Uint8Array.of(7, 8, 9)])
  const second = reactor.call('make') as ComponentStream
  expect([second.read(2), second.read(), second.read()]).toEqual([Uint8Array.of(7, 8), Uint8Array.of(9), null])
  reactor.end()
  expect(() => second.read()).toThrow(expect.objectContaining({ code: 'ended' }))
})

test.each([
  { what: 'a trap', then: '(unreachable)', reason: /unreachable/ },
  { what: 'a loop without an end', then: '(loop $l (br $l)) (i32.const 0)', reason: /time limit/ },
  { what: 'a wait for what cannot come', then: '(i32.const 2)', reason: /not a set to wait for/ },
])('$what while JavaScript reads ends the reactor', async ({ then, reason }) => {
  const reactor = await reactorOf(writer(then))
  const stream = reactor.call('make')
  expect(() => all(stream)).toThrow(expect.objectContaining({ code: 'ended', message: expect.stringMatching(reason) }))
  expect(reactor.isAlive).toBe(false)
})

test.each<{ type: string; value: ComponentValue; read: unknown }>([
  { type: '(stream u8)', value: Uint8Array.of(1, 2), read: [Uint8Array.of(1, 2)] },
  { type: '(stream string)', value: ['a', 'β'], read: [['a', 'β']] },
  { type: '(stream string)', value: [], read: [] },
  { type: '(future u32)', value: 7, read: [[7]] },
])('lists and values are streams and futures for a component: $type', async ({ type, value, read }) => {
  const reactor = await reactorOf(`(component
    (core module $m (func (export "f") (param i32) (result i32) (local.get 0))) (core instance $i (instantiate $m))
    (type $s ${type})
    (func (export "echo") (param "s" $s) (result $s) (canon lift (core func $i "f"))))`)
  expect(all(reactor.call('echo', value))).toEqual(read)
  const refused = type.startsWith('(stream') ? [1, null, {}] : []
  for (const one of refused)
    expect(() => reactor.call('echo', one)).toThrow(expect.objectContaining({ code: 'bad-value' }))
})
