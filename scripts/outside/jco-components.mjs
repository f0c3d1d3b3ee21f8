#!/usr/bin/env node
/**
 * The components of a folder on `@lsmkit/wasi`: those of jco's tests (`packages/jco/test/fixtures/components` of its
 * repository), or others.
 *
 *   node scripts/run.mjs exec node scripts/outside/jco-components.mjs FOLDER
 *
 * FOLDER has components as `.wasm`, or as `.wat` where `@bytecodealliance/jco-transpile` of this clone reads them.
 * Folders below it count with `--all`. It fetches nothing and needs Node 24. Imports beside WASI are stood in for by
 * functions that answer nothing. A component counts when it fits together; a command runs to its end as well, and a
 * component without a `run` is set up. The last line is `N of M run`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [given, ...rest] = process.argv.slice(2)
if (given === undefined || rest.some((one) => one !== '--all')) {
  console.error('usage: node scripts/outside/jco-components.mjs FOLDER [--all]')
  process.exit(2)
}
if (!process.execArgv.includes('--conditions=lsmkit:source')) {
  const { spawnSync } = await import('node:child_process')
  const args = ['--conditions=lsmkit:source', ...process.argv.slice(1)]
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1)
}
const [{ bootKernel }, { createStack }, { capability }, wasi] = await Promise.all([
  import('../../packages/kernel/src/index.ts'), import('../../packages/core/src/index.ts'),
  import('../../packages/capability/src/index.ts'), import('../../packages/wasi/src/index.ts'),
])

const folder = resolve(given)
const names = readdirSync(folder, { recursive: rest.length > 0 }).map(String)
  .filter((name) => /\.(?:wasm|wat)$/.test(name)).toSorted()
const tools = createRequire(new URL('../../packages/wasi/package.json', import.meta.url))
const bytesOf = async (name) => {
  const bytes = readFileSync(join(folder, name))
  if (name.endsWith('.wasm')) return new Uint8Array(bytes)
  const { parse } = await import(pathToFileURL(tools.resolve('@bytecodealliance/jco-transpile/wasm-tools')).href)
  return new Uint8Array(await parse(String(bytes)))
}

/** An object that has every name. Each stands for a function and for a class. */
const anything = () => new Proxy({}, {
  getOwnPropertyDescriptor: () => ({ value: stub(), configurable: true, enumerable: true }),
  get: () => stub(),
})
const stub = () => {
  const made = function anyOne() {}
  Object.setPrototypeOf(made.prototype, anything())
  return Object.setPrototypeOf(made, anything())
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
const isComponent = (bytes) => HEADER.every((byte, i) => bytes[i] === byte)

/** Runs it once; imports that are missing are given and tried again. */
const attempt = async (program) => {
  const imports = {}
  const decoder = new TextDecoder()
  let output = ''
  for (;;) {
    const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
    const sink = (bytes) => void (output += decoder.decode(bytes))
    const limits = { ...wasi.guestLimits, time: '10 s' }
    const options = { program, imports: { ...imports }, limits, stdin: '', stdout: sink, stderr: sink }
    try {
      const { status, reason } = await wasi.runWasiAsync(kernel, kernel.init, options)
      return reason === '' && status < 126 ? { isRun: true, what: `a command, status ${status}` }
        : { isRun: false, what: `${reason || `status ${status}`} ${output.slice(-200)}`.trim() }
    } catch (error) {
      const [, missing] = /^the component imports `([^`]*)`$/.exec(error.summary) ?? []
      if (missing !== undefined && error.hint.startsWith('give it') && !(missing in imports)) {
        imports[missing] = missing.includes('/') ? anything() : () => null
        continue
      }
      if (error.code !== 'no-entry') return { isRun: false, what: error.message }
    }
    try {
      const reactor = wasi.openReactor(kernel, kernel.init, options)
      const { length } = reactor.names
      reactor.end()
      return { isRun: true, what: `${length} exports` }
    } catch (error) {
      const [, missing] = /^the component imports `([^`]*)`$/.exec(error.summary) ?? []
      if (missing === undefined || missing in imports) return { isRun: false, what: error.message }
      imports[missing] = missing.includes('/') ? anything() : () => null
    }
  }
}

let runs = 0
let all = 0
for (const name of names) {
  const bytes = await bytesOf(name).catch((error) => error)
  if (bytes instanceof Uint8Array && !isComponent(bytes)) continue
  all++
  const { isRun, what } = bytes instanceof Uint8Array ? await attempt(bytes)
    : { isRun: false, what: `the text cannot be read: ${bytes.message ?? bytes}` }
  if (isRun) runs++
  console.log(`${isRun ? 'runs' : 'FAILED'} ${name}: ${what}`)
}
console.log(`${runs} of ${all} run`)
process.exit(runs === all ? 0 : 1)
