/** Modules that the command loads late: every way to import one of their names finds it, and nothing loads before. */
import { createRequire } from 'node:module'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { lazyModules } from './lazy-modules.mjs'

const require = createRequire(import.meta.url)

test.each<[how: string, source: string, answer: unknown, loaded: readonly string[]]>([
  ['a name', `import { isIP } from 'node:net'; globalThis.answer = () => isIP('::1')`, 6, ['node:net']],
  ['a name that is called something else', `import { isIPv4 as is } from 'net'
    globalThis.answer = () => is('1.1.1.1')`, true, ['net']],
  ['a class', `import { Server, createServer } from 'node:net'
    globalThis.answer = () => [new Server() instanceof Server, createServer() instanceof Server].join()`, 'true,true',
  ['node:net']],
  ['a class of a class', `import { Socket } from 'node:net'
    globalThis.answer = () => { class Own extends Socket {} return new Own() instanceof Socket }`, true, ['node:net']],
  ['the module', `import childProcess from 'node:child_process'
    globalThis.answer = () => typeof childProcess.spawn`, 'function', ['node:child_process']],
  ['all of it', `import * as net from 'node:net'; globalThis.answer = () => net.isIP('x')`, 0, ['node:net']],
  ['a module that is a function', `import assert from 'node:assert'
    globalThis.answer = () => { try { assert(false) } catch ({ code }) { return code } }`, 'ERR_ASSERTION',
  ['node:assert']],
  ['nothing of it', `import { spawn } from 'node:child_process'
    globalThis.answer = () => 1; globalThis.late = () => spawn`, 1, []],
])('%s', async (_, contents, answer, expected) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname }, bundle: true, write: false, platform: 'node', format: 'cjs',
    plugins: [lazyModules(import.meta.dirname)],
  })
  const loaded: string[] = []
  const context: { answer?: () => unknown } = {}
  const lateRequire = (path: string): unknown => {
    loaded.push(path)
    return require(path)
  }
  runInNewContext(outputFiles[0]!.text, Object.assign(context, { require: lateRequire, module: { exports: {} } }))
  expect(loaded).toEqual([])
  expect(context.answer!()).toEqual(answer)
  expect([...new Set(loaded)]).toEqual(expected)
})
