/** Commands of WASI 0.3: their streams, their clocks, how they end. */
import { AT_FDCWD, EACCES, O_CREAT } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { defineLsm } from '@lsmkit/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestLimits, keepWorkers, openReactor, runWasi, runWasiAsync } from '../../index.ts'
import type { WasiOptions } from '../../index.ts'
import { bootForTest, collect } from '../../testing/boot.ts'
import { componentOfText } from '../../../test/components.ts'

const mute = defineLsm({
  name: 'mute', abi: '1.0', id: 1000,
  hooks: { file_permission: (file) => (file.f_path.dentry.d_name.name === 'mute' ? -EACCES : 0) },
})
const kernel = bootForTest([capability(), mute])

const CLI = `(import "wasi:cli/types@0.3.0" (instance $types
    (type $e' (enum "io" "illegal-byte-sequence" "pipe")) (export "error-code" (type $e (eq $e')))))
  (alias export $types "error-code" (type $e))
  (import "wasi:cli/stdin@0.3.0" (instance $stdin
    (alias outer 1 $e (type $e1)) (export "error-code" (type $e2 (eq $e1)))
    (export "read-via-stream" (func (result (tuple (stream u8) (future (result (error $e2)))))))))
  (import "wasi:cli/stdout@0.3.0" (instance $stdout
    (alias outer 1 $e (type $e1)) (export "error-code" (type $e2 (eq $e1)))
    (export "write-via-stream" (func (param "data" (stream u8)) (result (future (result (error $e2))))))))
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (export "now" (func (result u64))) (export "wait-for" (func async (param "how-long" u64)))))
  (import "wasi:cli/exit@0.3.0" (instance $exit (export "exit-with-code" (func (param "status-code" u8)))))`

/** A command whose `run` is `body`; at 64 stands a text of five bytes. */
const commandOf = (body: string) => componentOfText(`(component ${CLI}
  (core module $mem (memory (export "m") 1) (data (i32.const 64) "hello")) (core instance $mem (instantiate $mem))
  (type $s (stream u8)) (type $f (future (result (error $e))))
  (core func $new (canon stream.new $s))
  (core func $write (canon stream.write $s (memory (core memory $mem "m"))))
  (core func $read (canon stream.read $s (memory (core memory $mem "m"))))
  (core func $drop (canon stream.drop-writable $s))
  (core func $end (canon future.read $f (memory (core memory $mem "m"))))
  (core func $return (canon task.return (result (result))))
  (core func $in (canon lower (func $stdin "read-via-stream") (memory (core memory $mem "m"))))
  (core func $out (canon lower (func $stdout "write-via-stream")))
  (core func $now (canon lower (func $clock "now"))) (core func $sleep (canon lower (func $clock "wait-for")))
  (core func $exit (canon lower (func $exit "exit-with-code")))
  (core module $m (import "" "m" (memory 1))
    (import "" "new" (func $new (result i64))) (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32))) (import "" "drop" (func $drop (param i32)))
    (import "" "end" (func $end (param i32 i32) (result i32))) (import "" "return" (func $return (param i32)))
    (import "" "in" (func $in (param i32))) (import "" "out" (func $out (param i32) (result i32)))
    (import "" "now" (func $now (result i64))) (import "" "sleep" (func $sleep (param i64)))
    (import "" "exit" (func $exit (param i32)))
    (func (export "run") (local $pair i64) (local $w i32) (local $f i32) (local $t i64) ${body}))
  (core instance $i (instantiate $m (with "" (instance (export "m" (memory $mem "m")) (export "new" (func $new))
    (export "write" (func $write)) (export "read" (func $read)) (export "drop" (func $drop)) (export "end" (func $end))
    (export "return" (func $return)) (export "in" (func $in)) (export "out" (func $out)) (export "now" (func $now))
    (export "sleep" (func $sleep)) (export "exit" (func $exit))))))
  (func $run async (result (result)) (canon lift (core func $i "run") async))
  (instance $r (export "run" (func $run))) (export "wasi:cli/run@0.3.0" (instance $r)))`)

/** Writes the text, and returns whether it could. */
const HELLO = `(local.set $pair (call $new)) (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
  (local.set $f (call $out (i32.wrap_i64 (local.get $pair))))
  (drop (call $write (local.get $w) (i32.const 64) (i32.const 5))) (call $drop (local.get $w))
  (drop (call $end (local.get $f) (i32.const 0)))
  (call $return (i32.load8_u (i32.const 0)))`
/** Its input goes to its output, by the host alone. */
const CAT = `(call $in (i32.const 16)) (drop (call $end (call $out (i32.load (i32.const 16))) (i32.const 0)))
  (call $return (i32.load8_u (i32.const 0)))`
const SLEEP = `(local.set $t (call $now)) (call $sleep (i64.const 20000000))
  (call $return (i64.lt_u (i64.sub (call $now) (local.get $t)) (i64.const 20000000)))`

const ways = [
  ['in the thread that calls', (options: WasiOptions) => runWasi(kernel, kernel.init, options)],
  ['beside others', (options: WasiOptions) => runWasiAsync(kernel, kernel.init, options)],
  ['in a worker', (options: WasiOptions) => runWasiAsync(kernel, kernel.init, { ...options, waiting: 'workers' })],
] as const

beforeAll(() => keepWorkers(1))
afterAll(() => keepWorkers(0))

describe.each(ways)('a command of WASI 0.3, %s', (_, run) => {
  test('writes to its output', async () => {
    const out = collect()
    expect(await run({ program: await commandOf(HELLO), limits: guestLimits, stdout: out.sink }))
      .toMatchObject({ status: 0, signal: 0, reason: '' })
    expect(out.text()).toBe('hello')
  })

  test('reads its input as it comes', async () => {
    const out = collect()
    let asks = 0
    const stdin = (buffer: Uint8Array): number | null => {
      if (++asks === 2) return null
      if (asks > 3) return 0
      buffer.set(new TextEncoder().encode('late'))
      return 4
    }
    expect(await run({ program: await commandOf(CAT), limits: guestLimits, stdin, stdout: out.sink }))
      .toMatchObject({ status: 0, reason: '' })
    expect(out.text()).toBe('latelate')
  })

  test('waits for a time', async () => {
    const { status, stats } = await run({ program: await commandOf(SLEEP), limits: guestLimits, stdout: () => {} })
    expect(status).toBe(0)
    expect(stats.time).toBeGreaterThanOrEqual(19)
  })

  test.each([
    { what: 'with a failure', body: '(call $return (i32.const 1))', ending: { status: 1, signal: 0 } },
    { what: 'by exit', body: '(call $exit (i32.const 7)) (call $return (i32.const 0))', ending: { status: 7 } },
    { what: 'without an answer', body: '', ending: { reason: expect.stringMatching(/ended without an answer/) } },
    { what: 'by a trap', body: '(unreachable)', ending: { reason: expect.stringMatching(/unreachable/) } },
    { what: 'by its time', body: '(call $sleep (i64.const 5000000000)) (call $return (i32.const 0))',
      ending: { reason: expect.stringMatching(/time limit/) } },
  ])('ends $what', async ({ what, body, ending }) => {
    const time = what === 'by its time' ? 200 : '5 min'
    const options = { program: await commandOf(body), limits: { ...guestLimits, time }, stdout: () => {} }
    expect(await run(options)).toMatchObject(ending)
  })

  test('output that the policy denies is an error of the stream', async () => {
    const fd = kernel.sys.openat(kernel.init, AT_FDCWD, '/mute', O_CREAT | 2, 0o666)
    const saved = kernel.sys.dup(kernel.init, 1)
    kernel.sys.dup2(kernel.init, fd, 1)
    const result = run({ program: await commandOf(HELLO), limits: guestLimits })
    expect(await result).toMatchObject({ status: 1, reason: '' })
    kernel.sys.dup2(kernel.init, saved, 1)
    for (const one of [fd, saved]) kernel.sys.close(kernel.init, one)
  })
})

test('functions of wasi:random and wasi:cli/environment give values', async () => {
  const program = await componentOfText(`(component
    (import "wasi:cli/environment@0.3.0" (instance $e (export "get-arguments" (func (result (list string))))))
    (import "wasi:random/random@0.3.0" (instance $r (export "get-random-u64" (func (result u64)))
      (export "get-random-bytes" (func (param "max-len" u64) (result (list u8))))))
    (import "wasi:clocks/system-clock@0.3.0" (instance $c
      (type $i' (record (field "seconds" s64) (field "nanoseconds" u32))) (export "instant" (type $i (eq $i')))
      (export "now" (func (result $i)))))
    (alias export $c "instant" (type $instant))
    (export "arguments" (func $e "get-arguments")) (export "word" (func $r "get-random-u64"))
    (core module $mem (memory (export "m") 1) (global $next (mut i32) (i32.const 1024))
      (func (export "r") (param i32 i32 i32 i32) (result i32) (global.get $next)
        (global.set $next (i32.add (global.get $next) (i32.const 64)))))
    (core instance $mem (instantiate $mem))
    (core func $args (canon lower (func $e "get-arguments") (memory (core memory $mem "m"))
      (realloc (core func $mem "r"))))
    (core func $bytes (canon lower (func $r "get-random-bytes") (memory (core memory $mem "m"))
      (realloc (core func $mem "r"))))
    (core func $word (canon lower (func $r "get-random-u64")))
    (core func $now (canon lower (func $c "now") (memory (core memory $mem "m"))))
    (core module $m (import "" "args" (func $args (param i32))) (import "" "bytes" (func $bytes (param i64 i32)))
      (import "" "word" (func $word (result i64))) (import "" "now" (func $now (param i32)))
      (func (export "args") (result i32) (call $args (i32.const 0)) (i32.const 0))
      (func (export "bytes") (param i64) (result i32) (call $bytes (local.get 0) (i32.const 0)) (i32.const 0))
      (func (export "word") (result i64) (call $word))
      (func (export "now") (result i32) (call $now (i32.const 0)) (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance (export "args" (func $args)) (export "bytes" (func $bytes))
      (export "word" (func $word)) (export "now" (func $now))))))
    (func (export "args") (result (list string)) (canon lift (core func $i "args") (memory (core memory $mem "m"))))
    (func (export "bytes") (param "n" u64) (result (list u8))
      (canon lift (core func $i "bytes") (memory (core memory $mem "m"))))
    (func (export "one") (result u64) (canon lift (core func $i "word")))
    (export $now' "instant" (type $instant))
    (func (export "now") (result $now') (canon lift (core func $i "now") (memory (core memory $mem "m")))))`)
  const reactor = openReactor(kernel, kernel.init, { program, argv: ['tool'], limits: guestLimits })
  expect(reactor.call('args')).toEqual(['tool'])
  expect(reactor.call('bytes', 4n)).toHaveLength(4)
  expect(typeof reactor.call('one')).toBe('bigint')
  const { seconds } = reactor.call('now') as { seconds: bigint }
  expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(60)
  reactor.end()
})
