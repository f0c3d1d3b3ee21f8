/** For tests: components of WASI 0.3, made of core modules as text and of the WIT that jco has. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools'

const PACKAGES = ['clocks', 'filesystem', 'sockets', 'cli', 'random', 'http']
const lib = createRequire(import.meta.url).resolve('@bytecodealliance/jco').replace(/dist.*|src.*/, 'lib')
const packageOf = (name: string): string =>
  `${readFileSync(`${lib}/wit/builtin/0.3.0/wasi-${name}/package.wit`, 'utf8')
    .replace(/^package ([^;]+);/m, 'package $1 {')}\n}\n`

/** A component of a world. `core` is its module as text; without it one that imports all and does nothing. */
export const componentOfWorld = async (world: string, core: string | null = null): Promise<Uint8Array<ArrayBuffer>> => {
  const witSource = `package test:all;\nworld all { ${world} }\n${PACKAGES.map(packageOf).join('\n')}`
  const embedded = await componentEmbed({
    witSource, world: 'all', ...(core === null ? { dummy: true } : { binary: await parse(core) }),
  })
  return new Uint8Array(await componentNew(embedded, []))
}

/** Memory, room in it, and a check that traps. */
export const LIBC = `(memory (export "memory") 2) (global $free (mut i32) (i32.const 8192))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.get $free) (global.set $free (i32.add (global.get $free) (local.get 3))))
  (func $is (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))`

/** A server that passes each request on, and its answer back. */
export const proxy = () => componentOfWorld(
  'import wasi:http/types@0.3.0; import wasi:http/client@0.3.0; export wasi:http/handler@0.3.0;',
  `(module
  (import "wasi:http/client@0.3.0" "[async-lower]send" (func $send (param i32 i32) (result i32)))
  (import "$root" "[waitable-set-new]" (func $set (result i32)))
  (import "$root" "[waitable-join]" (func $join (param i32 i32)))
  (import "$root" "[subtask-drop]" (func $drop (param i32)))
  (import "[export]wasi:http/handler@0.3.0" "[task-return]handle"
    (func $return (param i32 i32 i32 i64 i32 i32 i32 i32)))
  ${LIBC}
  (func $answer (result i32)
    (call $return (i32.load8_u (i32.const 0)) (i32.load (i32.const 8)) (i32.const 0) (i64.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0))
    (i32.const 0))
  (func (export "[async-lift]wasi:http/handler@0.3.0#handle") (param i32) (result i32) (local $s i32) (local $w i32)
    (local.set $s (call $send (local.get 0) (i32.const 0)))
    (if (i32.eq (i32.and (local.get $s) (i32.const 15)) (i32.const 2)) (then (return (call $answer))))
    (call $join (i32.shr_u (local.get $s) (i32.const 4)) (local.tee $w (call $set)))
    (i32.or (i32.const 2) (i32.shl (local.get $w) (i32.const 4))))
  (func (export "[callback][async-lift]wasi:http/handler@0.3.0#handle") (param i32 i32 i32) (result i32)
    (if (i32.ne (local.get 2) (i32.const 2)) (then unreachable))
    (call $join (local.get 1) (i32.const 0)) (call $drop (local.get 1))
    (call $answer)))`)

/** A server whose answer is what it is sent, part by part, with the trailers of the request. */
export const echo3 = () => componentOfWorld(
  'import wasi:http/types@0.3.0; export wasi:http/handler@0.3.0;',
  `(module
  (import "wasi:http/types@0.3.0" "[static]request.consume-body" (func $consume (param i32 i32 i32)))
  (import "wasi:http/types@0.3.0" "[future-new-0][static]request.consume-body" (func $future (result i64)))
  (import "wasi:http/types@0.3.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.3.0" "[static]response.new" (func $response (param i32 i32 i32 i32 i32)))
  ${LIBC}
  (func (export "wasi:http/handler@0.3.0#handle") (param i32) (result i32)
    (call $consume (local.get 0) (i32.wrap_i64 (call $future)) (i32.const 16))
    (call $response (call $fields) (i32.const 1) (i32.load (i32.const 16)) (i32.load (i32.const 20)) (i32.const 32))
    (i32.store8 (i32.const 0) (i32.const 0)) (i32.store (i32.const 8) (i32.load (i32.const 32)))
    (i32.const 0)))`)

/**
 * A command that asks for the page `/` of `authority` by a synchronous call, and writes it. Without an answer it ends
 * with 1.
 */
export const fetcher3 = (authority: string) => componentOfWorld(
  `import wasi:http/types@0.3.0; import wasi:http/client@0.3.0; import wasi:cli/stdout@0.3.0;
  export wasi:cli/run@0.3.0;`,
  `(module
  (import "wasi:http/client@0.3.0" "send" (func $send (param i32 i32)))
  (import "wasi:http/types@0.3.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.3.0" "[static]request.new" (func $request (param i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.3.0" "[future-new-1][static]request.new" (func $trailers (result i64)))
  (import "wasi:http/types@0.3.0" "[method]request.set-authority"
    (func $authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.3.0" "[method]request.set-scheme" (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.3.0" "[static]response.consume-body" (func $consume (param i32 i32 i32)))
  (import "wasi:http/types@0.3.0" "[future-new-0][static]response.consume-body" (func $done (result i64)))
  (import "wasi:http/types@0.3.0" "[stream-read-1][static]response.consume-body"
    (func $read (param i32 i32 i32) (result i32)))
  (import "wasi:cli/stdout@0.3.0" "write-via-stream" (func $out (param i32) (result i32)))
  (import "wasi:cli/stdout@0.3.0" "[stream-new-0]write-via-stream" (func $new (result i64)))
  (import "wasi:cli/stdout@0.3.0" "[stream-write-0]write-via-stream" (func $put (param i32 i32 i32) (result i32)))
  (import "wasi:cli/stdout@0.3.0" "[stream-drop-writable-0]write-via-stream" (func $close (param i32)))
  ${LIBC} (data (i32.const 64) "${authority}")
  (func (export "wasi:cli/run@0.3.0#run") (result i32) (local $r i32) (local $n i32) (local $pair i64)
    (call $request (call $fields) (i32.const 0) (i32.const 0) (i32.wrap_i64 (call $trailers)) (i32.const 0)
      (i32.const 0) (i32.const 1024))
    (local.set $r (i32.load (i32.const 1024)))
    (drop (call $scheme (local.get $r) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
    (drop (call $authority (local.get $r) (i32.const 1) (i32.const 64) (i32.const ${authority.length})))
    (call $send (local.get $r) (i32.const 1024))
    (if (i32.load8_u (i32.const 1024)) (then (return (i32.const 1))))
    (call $consume (i32.load (i32.const 1032)) (i32.wrap_i64 (call $done)) (i32.const 1024))
    (local.set $n (i32.shr_u (call $read (i32.load (i32.const 1024)) (i32.const 2048) (i32.const 1000)) (i32.const 4)))
    (local.set $pair (call $new))
    (drop (call $out (i32.wrap_i64 (local.get $pair))))
    (drop (call $put (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))) (i32.const 2048) (local.get $n)))
    (call $close (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
    (i32.const 0)))`)
