/** For tests: components made of core modules of preview 1, as `jco new` makes them, and of text. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools'
import { testModule } from '../src/testing/module.ts'

/** What wasi-libc calls, in terms of preview 2. */
const adapter = readFileSync(new URL(
  '../lib/wasi_snapshot_preview1.command.wasm',
  pathToFileURL(createRequire(import.meta.url).resolve('@bytecodealliance/jco')),
))

/** The command that a program of preview 1 is, as a component. */
export const componentOf = async (module: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await componentNew(module, [['wasi_snapshot_preview1', adapter]]))

export const componentOfText = async (text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await parse(text))

/** The same of a module that a test has put together. */
export const componentOfModule = (of: Parameters<typeof testModule>[0]): Promise<Uint8Array<ArrayBuffer>> =>
  componentOf(testModule(of))

/** A command that succeeds if `beep` of `docs:a/b` answers 7. */
export const beeping = (): Promise<Uint8Array<ArrayBuffer>> => componentOfText(`(component
  (import "docs:a/b" (instance $b (export "beep" (func (result u32))))) (alias export $b "beep" (func $beep))
  (core func $beep (canon lower (func $beep))) (core instance $h (export "beep" (func $beep)))
  (core module $main (import "h" "beep" (func $beep (result i32)))
    (func (export "run") (result i32) (i32.ne (call $beep) (i32.const 7))))
  (core instance $i (instantiate $main (with "h" (instance $h))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $run (export "run" (func $run))) (export "wasi:cli/run@0.2.0" (instance $run)))`)
