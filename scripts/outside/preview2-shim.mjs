#!/usr/bin/env node
/**
 * The tests of `@bytecodealliance/preview2-shim` on the functions of WASI 0.2 in `@lsmkit/wasi`.
 *
 *   node scripts/run.mjs exec node scripts/outside/preview2-shim.mjs FOLDER [FILE…]
 *
 * FOLDER: `packages/preview2-shim/test` of jco's repository, since the package has no tests. FILE: of that folder;
 * `node.ts` unless given. It fetches nothing and needs Node 24. The last line is `N of M passed`.
 */
import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Tests that may fail, by a part of their name, and why. */
const expected = {
  'WASI HTTP': 'asks a host of the internet',
  'should connect to a valid ipv4 address and port=0': 'asks a host of the internet',
  'preserve an explicitly bound local address': 'waits, without letting go, for a server of its own thread',
  'should throw not-supported': 'asks for a family that no component can name',
  'should be a singleton': 'compares objects; each call gives a component a handle of its own',
  'udp.stream(): should connect to a valid ipv4 address': 'sends to another network: datagrams stay in the kernel',
  'throws immutable when fields are locked': 'uses fields that were given away; a component has them no more',
  HTTPServer: 'is about a class of the package beside WASI',
  Instantiation: 'is about a class of the package beside WASI',
}

const [given, ...files] = process.argv.slice(2)
if (given === undefined) {
  console.error('usage: node scripts/outside/preview2-shim.mjs FOLDER [FILE…]')
  process.exit(2)
}
if (!process.execArgv.includes('--expose-gc')) {
  const { spawnSync } = await import('node:child_process')
  const args = ['--conditions=lsmkit:source', '--expose-gc', ...process.argv.slice(1)]
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1)
}
const ts = createRequire(import.meta.url)('typescript')
const { hostsOn } = await import('./preview2-shim/hosts.mjs')
const { runAll } = await import('./preview2-shim/vitest.mjs')

const folder = resolve(given)
globalThis.lsmkitHosts = await hostsOn(folder)
const shim = `export const { ${Object.keys(globalThis.lsmkitHosts).join(', ')} } = globalThis.lsmkitHosts`
const runner = new URL('preview2-shim/vitest.mjs', import.meta.url).href
registerHooks({
  resolve(name, context, next) {
    if (name === 'vitest') return { url: runner, shortCircuit: true }
    if (name === '@bytecodealliance/preview2-shim') return { url: 'shim:all', shortCircuit: true }
    return next(name, context)
  },
  load(url, context, next) {
    if (url === 'shim:all') return { format: 'module', source: shim, shortCircuit: true }
    if (!url.endsWith('.ts') || !fileURLToPath(url).startsWith(folder)) return next(url, context)
    // types that are imported as values are left out
    const { outputText } = ts.transpileModule(readFileSync(fileURLToPath(url), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2024, verbatimModuleSyntax: false },
    })
    return { format: 'module', source: outputText, shortCircuit: true }
  },
})
for (const file of files.length === 0 ? ['node.ts'] : files) await import(pathToFileURL(join(folder, file)).href)

let passed = 0
let all = 0
let unexpected = 0
await runAll((name, error) => {
  all++
  const why = Object.entries(expected).find(([part]) => name.includes(part))?.[1] ?? null
  if (error === null) passed++
  if (error === null && why === null) return
  if (error === null) return console.log(`passes, and is listed: ${name}`)
  if (why === null) unexpected++
  const text = error instanceof Error ? error.message.split('\n')[0] : JSON.stringify(error)
  console.log(`FAILED ${name}\n  ${why ?? text}`)
})
console.log(`${passed} of ${all} passed`)
process.exit(unexpected === 0 ? 0 : 1)
