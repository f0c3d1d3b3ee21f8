/** Components as the component model's tests write them, in `../../test/wast/own`. wasm-tools refuses the same ones. */
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runWast } from '../../test/wast/directives.ts'

const folder = fileURLToPath(new URL('../../test/wast/own/', import.meta.url))
const files = globSync(`${folder}*.wast`).toSorted()

test('there are files', () => {
  expect(files.map((file) => basename(file))).toEqual(
    ['async.wast', 'calls.wast', 'functions.wast', 'instances.wast', 'names.wast', 'traps.wast', 'types.wast'])
})

test.each(files)('%s', async (file) => {
  const { passed, failed } = await runWast(readFileSync(file, 'utf8'))
  expect(failed).toEqual([])
  expect(passed).toBeGreaterThan(7)
})

test('the runner sees what fails', async () => {
  const { passed, failed } = await runWast(`
    (component (core module $m (func (export "f") (result i32) (i32.const 1))) (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))
    (assert_return (invoke "f") (u32.const 2))
    (assert_trap (invoke "f") "")
    (assert_invalid (component) "")
    (assert_strange)`)
  expect(passed).toBe(1)
  expect(failed.map((line) => line.replace(/^.*\)+: /, ''))).toEqual([
    'it answers 1', 'it does not fail', 'it is taken for valid', 'a directive that is not known: assert_strange',
  ])
})
