#!/usr/bin/env node
/**
 * Components that componentize-js makes of JavaScript, on `@lsmkit/wasi` under limits and a policy.
 *
 *   node scripts/outside/componentize-js.mjs FOLDER
 *
 * FOLDER: one where `@bytecodealliance/componentize-js` is installed, which brings componentize-qjs (asynchronous
 * functions and streams). It fetches nothing. Each component is made by FOLDER's copy of the engine, which takes some
 * ten seconds. The last line is `N of M passed`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'

const [given] = process.argv.slice(2)
if (given === undefined) {
  console.error('usage: node scripts/outside/componentize-js.mjs FOLDER')
  process.exit(2)
}
const SOURCE = '--conditions=lsmkit:source'
if (!process.execArgv.includes(SOURCE)) {
  const self = fileURLToPath(import.meta.url)
  process.exit(spawnSync(process.execPath, [SOURCE, '--no-warnings', self, given], { stdio: 'inherit' }).status ?? 1)
}
const own = join(resolve(given), 'node_modules/@bytecodealliance/componentize-js')
const { exports } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'))
const { componentize } = await import(pathToFileURL(join(own, exports.import)).href)
const { guestLimits, openReactor } = await import('../../packages/wasi/src/index.ts')
const { bootForTest, collect } = await import('../../packages/wasi/src/testing/boot.ts')
const { capability } = await import('../../packages/capability/src/index.ts')

const qjs = createRequire(join(own, 'package.json'))('componentize-qjs')

const limits = { ...guestLimits, time: '20 s', memory: '512 MiB' }

const plain = {
  wit: `package t:t;
    world w {
      export greet: func(name: string) -> string;
      export sum: func(numbers: list<u32>) -> result<u64, string>;
      export random: func() -> u32;
      export spin: func();
      export grow: func();
    }`,
  source: `
    export const greet = (name) => { console.log('greeting'); return 'hello ' + name }
    export const sum = (numbers) => {
      if (numbers.includes(13)) throw 'unlucky'
      return BigInt(numbers.reduce((all, one) => all + one, 0))
    }
    export const random = () => crypto.getRandomValues(new Uint8Array(4)).length
    export const spin = () => { for (;;); }
    export const grow = () => { const all = []; for (;;) all.push(new Uint8Array(2 ** 20).fill(1)) }`,
}
const typed = {
  wit: `package t:t;
    interface shapes {
      resource counter { constructor(n: u32); add: func(n: u32); value: func() -> u32; }
      record point { x: f64, y: f64 }
      variant shape { circle(f64), square(point), none }
      flags perms { read, write }
      enum color { red, green }
      area: func(s: shape) -> result<f64, string>;
      swap: func(p: tuple<u8, string, list<point>>) -> tuple<list<point>, string, u8>;
      perms-of: func(names: list<string>) -> perms;
      letter: func(c: option<color>) -> option<char>;
    }
    world w { export shapes; }`,
  source: `
    class Counter {
      constructor(n) { this.n = n }
      add(n) { this.n += n }
      value() { return this.n }
    }
    export const shapes = {
      Counter,
      area: ({ tag, val }) => {
        if (tag === 'none') throw 'no shape'
        return tag === 'circle' ? val * val * 3 : val.x * val.y
      },
      swap: ([a, b, c]) => [c, b, a],
      permsOf: (names) => ({ read: names.includes('read'), write: names.includes('write') }),
      letter: (color) => color === undefined ? undefined : color[0],
    }`,
}

const later = {
  wit: `package t:t;
    world w {
      export greet: async func(name: string) -> string;
      export sum: async func(numbers: list<u32>) -> result<u32, string>;
      export upper: async func(input: stream<string>) -> stream<string>;
      export count: async func(input: stream<u8>) -> u32;
    }`,
  source: `
    export async function greet(name) { await null; return 'hello ' + name }
    export async function sum(numbers) {
      let all = 0
      for (const one of numbers) {
        await null
        if (one === 13) throw 'unlucky'
        all += one
      }
      return all
    }
    export async function upper(input) {
      return (async function* () { for await (const one of input) yield one.toUpperCase() })()
    }
    export async function count(input) {
      let all = 0
      for await (const one of input) all += one.length
      return all
    }`,
}

/** By componentize-qjs, which makes asynchronous functions of WASI 0.3. */
const made = async ({ wit, source }) => {
  const folder = mkdtempSync(join(tmpdir(), 'componentize-'))
  writeFileSync(join(folder, 'w.wit'), wit)
  try {
    return (await qjs.componentize({ witPath: folder, jsSource: source })).component
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const open = async ({ wit, source }, more = {}) => {
  const component = wit.includes('async')
    ? await made({ wit, source })
    : (await componentize(source, { witWorld: wit, worldName: 'w' })).component
  const kernel = bootForTest([capability()])
  const out = collect()
  const start = () => openReactor(kernel, kernel.init, {
    program: new Uint8Array(component), limits: { ...limits, ...more }, stdout: out.sink, stderr: out.sink,
  })
  return { start, out }
}

const first = await open(plain)
const reactor = first.start()
const second = (await open(typed)).start()
const third = (await open(later)).start()
const whole = (stream) => {
  const got = []
  for (let read = stream.read(); read !== null; read = stream.read()) got.push(...read)
  return got
}
const call = (name, ...args) => second.call(`t:t/shapes#${name}`, ...args)
const counter = () => call('[constructor]counter', 3)
const ended = (name, of) => {
  try {
    return first.start().call(name)
  } catch (error) {
    return of.test(error.message)
  }
}

const cases = {
  'a string': [() => reactor.call('greet', 'you'), 'hello you'],
  'what it prints': [() => first.out.text(), 'greeting\n'],
  'a list, and a number of 64 bits': [() => reactor.call('sum', [1, 2, 3]), { ok: 6n }],
  'a thrown error': [() => reactor.call('sum', [13]), { error: 'unlucky' }],
  'random bytes of the kernel': [() => reactor.call('random'), 4],
  'a variant of a number': [() => call('area', { case: 'circle', value: 2 }), { ok: 12 }],
  'a variant of a record': [() => call('area', { case: 'square', value: { x: 2, y: 3 } }), { ok: 6 }],
  'a variant of nothing': [() => call('area', { case: 'none', value: null }), { error: 'no shape' }],
  'tuples and lists of records': [() => call('swap', [1, 'x', [{ x: 1, y: 2 }]]), [[{ x: 1, y: 2 }], 'x', 1]],
  'flags': [() => call('perms-of', ['write']), ['write']],
  'options': [() => [call('letter', 'red'), call('letter', null)], ['r', null]],
  'a resource': [() => {
    const held = counter()
    call('[method]counter.add', held, 4)
    return call('[method]counter.value', held)
  }, 7],
  'an asynchronous function': [() => third.call('greet', 'you'), 'hello you'],
  'one that waits often': [() => third.call('sum', [1, 2, 3]), { ok: 6 }],
  'one that throws': [() => third.call('sum', [13]), { error: 'unlucky' }],
  'a stream of strings, there and back': [() => whole(third.call('upper', ['a', 'ö'])), ['A', 'Ö']],
  'a stream of bytes': [() => third.call('count', new Uint8Array(100_000)), 100_000],
  'a loop without an end': [() => ended('spin', /time limit/), true],
  'memory without an end': [() => ended('grow', /./), true],
}

let passed = 0
for (const [name, [answer, expected]] of Object.entries(cases)) {
  let value
  try {
    value = answer()
  } catch (error) {
    value = error.message
  }
  if (isDeepStrictEqual(value, expected)) passed++
  else console.log(`FAILED ${name}\n  ${String(value)}`)
}
console.log(`${passed} of ${Object.keys(cases).length} passed`)
process.exit(passed === Object.keys(cases).length ? 0 : 1)
