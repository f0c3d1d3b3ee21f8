/**
 * A host where nothing of Node is: a context with what web workers of the edge have, where code cannot be made of
 * text. Imports of `node:` fail. Run with `--experimental-vm-modules`; prints each result as a line of JSON.
 */
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL, fileURLToPath } from 'node:url'
import vm from 'node:vm'
import { ownFile } from './resolve.mjs'

const [programs, ...names] = process.argv.slice(2)
const shared = [
  'AbortController', 'AbortSignal', 'atob', 'btoa', 'clearInterval', 'clearTimeout', 'CompressionStream', 'console',
  'crypto', 'DecompressionStream', 'Event', 'EventTarget', 'fetch', 'MessageChannel', 'performance', 'queueMicrotask',
  'ReadableStream', 'setInterval', 'setTimeout', 'structuredClone', 'TextDecoder', 'TextEncoder', 'TransformStream',
  'URL', 'URLSearchParams', 'WritableStream',
]
const scope = Object.fromEntries(shared.map((name) => [name, globalThis[name]]))
const context = vm.createContext(scope, { codeGeneration: { strings: false, wasm: true } })
vm.runInContext('globalThis.self = globalThis', context)

const known = new Map()
const load = (file) => {
  const there = known.get(file)
  if (there !== undefined) return there
  const url = pathToFileURL(file).href
  const module = new vm.SourceTextModule(readFileSync(file, 'utf8'), {
    context, identifier: url,
    initializeImportMeta: (meta) => void (meta.url = url),
    importModuleDynamically: async (specifier) => ready(resolve(specifier, url)),
  })
  known.set(file, module)
  return module
}
const resolve = (specifier, from) => {
  if (/^\.\.?\//.test(specifier)) return fileURLToPath(new URL(specifier, from))
  const own = ownFile(specifier)
  if (own !== null) return own
  if (isBuiltin(specifier)) throw new Error(`there is no \`${specifier}\``)
  return fileURLToPath(import.meta.resolve(specifier, from))
}
const ready = async (file) => {
  const module = load(file)
  if (module.status === 'unlinked') await module.link((specifier, from) => load(resolve(specifier, from.identifier)))
  if (module.status === 'linked') await module.evaluate()
  if (module.status === 'errored') throw module.error
  return module
}

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const { tryFeature } = (await ready(here('try.mjs'))).namespace
const copy = vm.runInContext('(bytes) => Uint8Array.from(bytes)', context)
const host = { bytes: async (name) => copy(readFileSync(join(programs, `${name}.wasm`))), folder: null, port: null }
for (const name of names) {
  const result = await tryFeature(async () => (await ready(here(`features/${name}.mjs`))).namespace, host)
  console.log(JSON.stringify({ name, ...result }))
}
process.exit(0)
