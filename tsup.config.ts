/** The build all packages share: one ESM file per public entry of package.json; `tsc` writes the declarations. */
import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'
import { literalsOfAbi } from './scripts/build/abi-literals.ts'
import { keepConst } from './scripts/build/keep-const.ts'
import { mergeChunks } from './scripts/build/merge-chunks.ts'

interface Manifest {
  exports: Record<string, string | { 'lsmkit:source': string; default?: string }>
  bin?: Record<string, string>
  dependencies?: Record<string, string>
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

/** An entry that has a source alone is for this repository. */
const modules = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string' || entry.default === undefined ? [] : [entry['lsmkit:source']],
)
/** One that is CommonJS is made by its package. */
const programs = Object.values(manifest.bin ?? {})
  .filter((path) => path.endsWith('.js'))
  .map((path) => path.replace('./dist/', './src/').replace(/\.js$/, '.ts'))

const usesAbi = manifest.dependencies?.['@lsmkit/abi'] !== undefined

export default defineConfig({
  entry: [...new Set([...modules, ...programs])],
  format: 'esm',
  target: 'es2023',
  platform: 'neutral',
  // Deno and workers of the edge know Node's modules by their whole names alone
  removeNodeProtocol: false,
  external: [/^node:/],
  esbuildPlugins: usesAbi ? [literalsOfAbi()] : [],
  dts: false,
  clean: true,
  sourcemap: false,
  silent: true,
  plugins: [{ name: 'keep-const', renderChunk: (code) => ({ code: keepConst(code) }) }],
  onSuccess: () => mergeChunks('dist'),
})
