/** Components made from the WIT of WASI 0.3: every function that it has can be imported, and does its work. */
import { print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { O_CREAT, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import type { HttpAnswer, HttpRequest, HttpService } from '@lsmkit/kernel'
import { afterAll, expect, test } from 'vitest'
import { guestLimits, openReactor, runWasiAsync } from '../../index.ts'
import { bootForTest } from '../../testing/boot.ts'
import { turn } from '../../waiting/turns.ts'
import { componentOfWorld, LIBC, proxy } from '../../../test/components3.ts'

const kernel = bootForTest([capability()])

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const { hrtime } = process
let milliseconds = 0
/** On a busy host every call that may wait lets others go first, and is answered later: its clock runs ahead. */
const busyHost = (): void => {
  const hasten = (since?: [number, number]): [number, number] => {
    milliseconds += 10
    const [seconds, nanoseconds] = hrtime(since)
    return [seconds + Math.floor(milliseconds / 1e3), nanoseconds + milliseconds % 1e3 * 1e6]
  }
  process.hrtime = Object.assign(hasten, { bigint: hrtime.bigint })
}
afterAll(async () => {
  process.hrtime = hrtime
  // the last turn of what other files run is not in a time to come
  await turn()
})

test.each([
  ['wasi:filesystem', ['types', 'preopens'], 28],
  ['wasi:sockets', ['types', 'ip-name-lookup'], 41],
  ['wasi:http', ['types', 'client'], 36],
  ['wasi:cli', ['environment', 'exit', 'stdin', 'stdout', 'stderr', 'terminal-stdin'], 9],
  ['wasi:clocks', ['monotonic-clock', 'system-clock'], 6],
  ['wasi:random', ['random', 'insecure', 'insecure-seed'], 5],
])('%s: all functions', async (name, interfaces, count) => {
  const imports = interfaces.map((one) => `import ${name}/${one}@0.3.0;`).join(' ')
  const program = await componentOfWorld(`${imports} export f: func();`)
  expect((await print(program)).match(/canon lower/g)).toHaveLength(count)
  openReactor(kernel, kernel.init, { program, limits: guestLimits }).end()
})

const FS = 'wasi:filesystem/types@0.3.0'
/** Imports of core functions: what each is called here, its interface, its name and its type. */
const imported = (rows: readonly (readonly [own: string, from: string, name: string, type: string])[]): string =>
  rows.map(([own, from, name, type]) => `(import "${from}" "${name}" (func $${own} ${type}))`).join('\n')

const I = '(param i32)'
const COPY = '(param i32 i32 i32) (result i32)'
const fs = (own: string, name: string, type: string) => [own, FS, name, type] as const
const FILES = imported([
  ['dirs', 'wasi:filesystem/preopens@0.3.0', 'get-directories', I],
  fs('open', '[method]descriptor.open-at', '(param i32 i32 i32 i32 i32 i32 i32)'),
  fs('new', '[stream-new-0][method]descriptor.write-via-stream', '(result i64)'),
  fs('put', '[stream-write-0][method]descriptor.write-via-stream', COPY),
  fs('close', '[stream-drop-writable-0][method]descriptor.write-via-stream', I),
  fs('out', '[method]descriptor.write-via-stream', '(param i32 i32 i64) (result i32)'),
  fs('ended', '[future-read-1][method]descriptor.write-via-stream', '(param i32 i32) (result i32)'),
  fs('stat', '[method]descriptor.stat', '(param i32 i32)'),
  fs('in', '[method]descriptor.read-via-stream', '(param i32 i64 i32)'),
  fs('get', '[stream-read-0][method]descriptor.read-via-stream', COPY),
  fs('list', '[method]descriptor.read-directory', '(param i32 i32)'),
  fs('entry', '[stream-read-0][method]descriptor.read-directory', COPY),
])

test.each([
  ['an idle', false], ['a busy', true],
])('files on %s host: written, looked at, read and listed; an error has the name of 0.3', async (_host, isBusy) => {
  if (isBusy) busyHost()
  const program = await componentOfWorld(
    `import wasi:filesystem/preopens@0.3.0; import ${FS}; export wasi:cli/run@0.3.0;`,
    `(module ${FILES} ${LIBC} (data (i32.const 64) "note") (data (i32.const 72) "hello") (data (i32.const 80) "none")
    (func (export "wasi:cli/run@0.3.0#run") (result i32) (local $d i32) (local $f i32) (local $pair i64) (local $e i32)
      (call $dirs (i32.const 0)) (local.set $d (i32.load (i32.load (i32.const 0))))
      (call $open (local.get $d) (i32.const 0) (i32.const 80) (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 128))
      (call $is (i32.load8_u (i32.const 128)) (i32.const 1)) (call $is (i32.load8_u (i32.const 132)) (i32.const 19))
      (call $open (local.get $d) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 1) (i32.const 3) (i32.const 128))
      (call $is (i32.load8_u (i32.const 128)) (i32.const 0)) (local.set $f (i32.load (i32.const 132)))
      (local.set $pair (call $new))
      (local.set $e (call $out (local.get $f) (i32.wrap_i64 (local.get $pair)) (i64.const 0)))
      (call $is (call $put (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))) (i32.const 72) (i32.const 5))
        (i32.const 80))
      (call $close (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (call $is (call $ended (local.get $e) (i32.const 200)) (i32.const 0))
      (call $is (i32.load8_u (i32.const 200)) (i32.const 0))
      (call $stat (local.get $f) (i32.const 256))
      (call $is (i32.load8_u (i32.const 256)) (i32.const 0)) (call $is (i32.load8_u (i32.const 264)) (i32.const 5))
      (call $is (i32.wrap_i64 (i64.load (i32.const 288))) (i32.const 5))
      (call $in (local.get $f) (i64.const 1) (i32.const 400))
      (call $is (call $get (i32.load (i32.const 400)) (i32.const 500) (i32.const 100)) (i32.const 64))
      (call $is (i32.load (i32.const 500)) (i32.const 0x6f6c6c65))
      (call $is (call $get (i32.load (i32.const 400)) (i32.const 500) (i32.const 100)) (i32.const 1))
      (call $list (local.get $d) (i32.const 400))
      (call $is (call $entry (i32.load (i32.const 400)) (i32.const 600) (i32.const 1)) (i32.const 16))
      (i32.const 0)))`)
  expect(await runWasiAsync(kernel, kernel.init, { program, limits: guestLimits }))
    .toMatchObject({ status: 0, reason: '' })
})

const BOTH = imported([
  fs('begin', '[async-lower][method]descriptor.open-at', '(param i32 i32) (result i32)'),
  ['set', '$root', '[waitable-set-new]', '(result i32)'], ['join', '$root', '[waitable-join]', '(param i32 i32)'],
  ['wait', '$root', '[waitable-set-wait]', '(param i32 i32) (result i32)'],
])
/** The arguments of `open-at`, from `at` on: the file whose name lies at `name`. */
const opening = (at: number, name: number): string =>
  [['(local.get $d)', 0], [`(i32.const ${name})`, 8], ['(i32.const 3)', 12]].map(([value, off]) =>
    `(i32.store (i32.const ${at + Number(off)}) ${value})`).join(' ')

test('two calls at once, neither of which is answered at once: each has its own answer', async () => {
  busyHost()
  const { sys, init } = kernel
  for (const [path, text] of [['/one', '1'], ['/two', '22']]) {
    const fd = sys.open(init, path!, O_CREAT | O_WRONLY, 0o644)
    sys.write(init, fd, bytes(text!))
    sys.close(init, fd)
  }
  const began = '(call $is (i32.and (local.get $s) (i32.const 15)) (i32.const 1))'
  const joined = '(call $join (i32.shr_u (local.get $s) (i32.const 4)) (local.get $w))'
  const answered = '(call $is (call $wait (local.get $w) (i32.const 500)) (i32.const 1))'
  const sizeOf = (at: number, size: number): string =>
    `(call $is (i32.load8_u (i32.const ${at})) (i32.const 0))
    (call $stat (i32.load (i32.const ${at + 4})) (i32.const 512)) (call $is (i32.load8_u (i32.const 512)) (i32.const 0))
    (call $is (i32.wrap_i64 (i64.load (i32.const 544))) (i32.const ${size}))`
  const program = await componentOfWorld(
    `import wasi:filesystem/preopens@0.3.0; import ${FS}; export wasi:cli/run@0.3.0;`,
    `(module ${FILES} ${BOTH} ${LIBC} (data (i32.const 64) "one") (data (i32.const 72) "two")
    (func (export "wasi:cli/run@0.3.0#run") (result i32) (local $d i32) (local $s i32) (local $w i32)
      (local.set $w (call $set))
      (call $dirs (i32.const 0)) (local.set $d (i32.load (i32.load (i32.const 0))))
      ${opening(256, 64)} ${opening(288, 72)}
      (local.set $s (call $begin (i32.const 256) (i32.const 400))) ${began} ${joined}
      (local.set $s (call $begin (i32.const 288) (i32.const 440))) ${began} ${joined}
      ${answered} ${answered} ${sizeOf(400, 1)} ${sizeOf(440, 2)}
      (i32.const 0)))`)
  expect(await runWasiAsync(kernel, init, { program, limits: guestLimits })).toMatchObject({ status: 0, reason: '' })
})

const SOCKETS = 'wasi:sockets/types@0.3.0'
const ip = (own: string, name: string, type: string) => [own, SOCKETS, name, type] as const
const ADDRESSED = `(param ${'i32 '.repeat(14)})`
const NET = imported([
  ip('create', '[static]tcp-socket.create', '(param i32 i32)'), ip('bind', '[method]tcp-socket.bind', ADDRESSED),
  ip('listen', '[method]tcp-socket.listen', '(param i32 i32)'),
  ip('accept', '[stream-read-0][method]tcp-socket.listen', COPY),
  ip('local', '[method]tcp-socket.get-local-address', '(param i32 i32)'),
  ip('connect', '[method]tcp-socket.connect', ADDRESSED),
  ip('new', '[stream-new-0][method]tcp-socket.send', '(result i64)'),
  ip('put', '[stream-write-0][method]tcp-socket.send', COPY),
  ip('close', '[stream-drop-writable-0][method]tcp-socket.send', I),
  ip('send', '[method]tcp-socket.send', '(param i32 i32) (result i32)'),
  ip('sent', '[future-read-1][method]tcp-socket.send', '(param i32 i32) (result i32)'),
  ip('receive', '[method]tcp-socket.receive', '(param i32 i32)'),
  ip('get', '[stream-read-0][method]tcp-socket.receive', COPY),
  ip('ucreate', '[static]udp-socket.create', '(param i32 i32)'), ip('ubind', '[method]udp-socket.bind', ADDRESSED),
  ip('ulocal', '[method]udp-socket.get-local-address', '(param i32 i32)'),
  ip('usend', '[method]udp-socket.send', `(param ${'i32 '.repeat(17)})`),
  ip('ureceive', '[method]udp-socket.receive', '(param i32 i32)'),
])
/** 127.0.0.1 as words, behind its port. */
const LOOPBACK = `(i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1) ${'(i32.const 0) '.repeat(6)}`

test('sockets: a connection and a datagram within the machine', async () => {
  const program = await componentOfWorld(
    `import ${SOCKETS}; export wasi:cli/run@0.3.0;`,
    `(module ${NET} ${LIBC} (data (i32.const 64) "hello")
    (func (export "wasi:cli/run@0.3.0#run") (result i32)
      (local $l i32) (local $c i32) (local $a i32) (local $s i32) (local $pair i64) (local $e i32)
      (call $create (i32.const 0) (i32.const 128)) (local.set $l (i32.load (i32.const 132)))
      (call $bind (local.get $l) (i32.const 0) (i32.const 0) ${LOOPBACK} (i32.const 128))
      (call $is (i32.load8_u (i32.const 128)) (i32.const 0))
      (call $listen (local.get $l) (i32.const 128)) (local.set $s (i32.load (i32.const 132)))
      (call $is (i32.load8_u (i32.const 128)) (i32.const 0))
      (call $local (local.get $l) (i32.const 200)) (call $is (i32.load8_u (i32.const 200)) (i32.const 0))
      (call $create (i32.const 0) (i32.const 128)) (local.set $c (i32.load (i32.const 132)))
      (call $connect (local.get $c) (i32.const 0) (i32.load16_u (i32.const 208)) ${LOOPBACK} (i32.const 128))
      (call $is (i32.load8_u (i32.const 128)) (i32.const 0))
      (call $is (call $accept (local.get $s) (i32.const 240) (i32.const 1)) (i32.const 16))
      (local.set $a (i32.load (i32.const 240)))
      (local.set $pair (call $new)) (local.set $e (call $send (local.get $c) (i32.wrap_i64 (local.get $pair))))
      (call $is (call $put (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))) (i32.const 64) (i32.const 5))
        (i32.const 80))
      (call $close (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (call $is (call $sent (local.get $e) (i32.const 300)) (i32.const 0))
      (call $is (i32.load8_u (i32.const 300)) (i32.const 0))
      (call $receive (local.get $a) (i32.const 400))
      (call $is (call $get (i32.load (i32.const 400)) (i32.const 500) (i32.const 100)) (i32.const 80))
      (call $is (i32.load (i32.const 500)) (i32.const 0x6c6c6568))
      (call $is (call $get (i32.load (i32.const 400)) (i32.const 500) (i32.const 100)) (i32.const 1))
      (call $receive (local.get $a) (i32.const 400))
      (call $is (call $get (i32.load (i32.const 400)) (i32.const 500) (i32.const 100)) (i32.const 1))
      (call $ucreate (i32.const 0) (i32.const 128)) (local.set $l (i32.load (i32.const 132)))
      (call $ubind (local.get $l) (i32.const 0) (i32.const 0) ${LOOPBACK} (i32.const 128))
      (call $ulocal (local.get $l) (i32.const 200))
      (call $ucreate (i32.const 0) (i32.const 128))
      (call $usend (i32.load (i32.const 132)) (i32.const 64) (i32.const 5) (i32.const 1) (i32.const 0)
        (i32.load16_u (i32.const 208)) ${LOOPBACK} (i32.const 128))
      (call $is (i32.load8_u (i32.const 128)) (i32.const 0))
      (call $ureceive (local.get $l) (i32.const 700)) (call $is (i32.load8_u (i32.const 700)) (i32.const 0))
      (call $is (i32.load (i32.const 708)) (i32.const 5)) (call $is (i32.load8_u (i32.const 718)) (i32.const 127))
      (i32.const 0)))`)
  expect(await runWasiAsync(kernel, kernel.init, { program, limits: guestLimits }))
    .toMatchObject({ status: 0, reason: '' })
})

const empty = async function* (): AsyncGenerator<Uint8Array> {}

/** Answers with what it is sent, part by part, and tells what it has been asked. */
const echoing = (asked: HttpRequest[]): HttpService => async (_, request) => {
  asked.push(request)
  return {
    status: 207, headers: [['x-of', 'far']],
    body: { parts: request.body?.parts ?? empty(), trailers: () => request.body?.trailers() ?? [] },
  }
}

test('a request in parts is passed on, and its answer comes back in parts, with trailers', async () => {
  const machine = bootForTest([capability()])
  const asked: HttpRequest[] = []
  machine.machine.http = echoing(asked)
  const given: HttpAnswer[] = []
  const got: string[] = []
  let done = (): void => {}
  const reading = new Promise<void>((resolve) => void (done = resolve))
  const turns: string[] = []
  const onResponse = async (answer: HttpAnswer): Promise<void> => {
    given.push(answer)
    for await (const part of answer.body.parts) got.push(new TextDecoder().decode(part))
    done()
  }
  const parts = async function* () {
    for (const text of ['one', 'two', 'three']) {
      turns.push(text)
      yield bytes(text)
    }
  }
  const result = await runWasiAsync(machine, machine.init, {
    program: await proxy(), limits: guestLimits, request: {
      method: 'POST', url: 'http://a.example/b?c', headers: [['x-one', '1']],
      body: { parts: parts(), trailers: () => [['x-last', 'end']] }, onResponse: (answer) => void onResponse(answer),
    },
  })
  await reading
  expect(result).toMatchObject({ status: 0, reason: '' })
  expect(asked[0]).toMatchObject({ method: 'POST', url: 'http://a.example/b?c', headers: [['x-one', '1']] })
  expect(given[0]).toMatchObject({ status: 207, headers: [['x-of', 'far']] })
  expect(got.join('')).toBe('onetwothree')
  expect(given[0]!.body.trailers()).toEqual([['x-last', 'end']])
  expect(turns).toEqual(['one', 'two', 'three'])
})

test('without a network a request is an error of the component, and the answer says which', async () => {
  expect(await runWasiAsync(kernel, kernel.init, {
    program: await proxy(), limits: guestLimits,
    request: { method: 'GET', url: 'http://a.example/', headers: [], body: bytes('') },
  })).toMatchObject({ reason: 'the component has answered with the error HTTP-request-denied', response: null })
})
