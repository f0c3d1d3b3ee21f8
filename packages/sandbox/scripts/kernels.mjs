/**
 * Makes few scripts of `dist/worker.js` and of the packages it stands on, and writes them into `dist/kernels`. Under
 * Node the thread of kernels starts with `dist/kernels.cjs`, which runs them with the code that V8 compiled for an
 * earlier process; Node would look for, read and compile some 30 modules instead. Runs after tsup.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(folder, 'dist')
const target = join(dist, 'kernels')

/** The package that a built file belongs to. */
const PACKAGE = /[/\\]packages[/\\]([\w-]+)[/\\]dist[/\\]/
const packageOf = (path) => PACKAGE.exec(path)?.[1]

/** Of a module that is named when the program runs. */
const NAMED_LATER = /\bimport\((?:\s*\/\*.*?\*\/)?\s*(?=[\w$]+\s*\))/g

/** A script does not know the place of the module that it was, and cannot import. */
const places = {
  name: 'places',
  transform: (code, path) => ({
    code: code.replaceAll('import.meta.url', `$moduleUrl("${packageOf(path)}")`).replace(NAMED_LATER, '$import('),
  }),
}

const bundle = await rolldown({
  input: { worker: join(dist, 'worker.js') },
  platform: 'node',
  // packages of others stay what they are
  external: (id) => !/^(?:\.|[/\\]|[A-Z]:|@lsmkit\/)/.test(id),
  plugins: [places],
  preserveEntrySignatures: false,
})

const generate = async (groupOf) => (await bundle.generate({
  format: 'cjs',
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  comments: false,
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  codeSplitting: { includeDependenciesRecursively: false, groups: [{ debugName: 'scripts', name: groupOf }] },
})).output

/** The modules that are loaded with a script. */
const loadedWith = (scripts, isFirst) => {
  const all = new Set(scripts.filter(isFirst))
  for (const { imports } of all) for (const one of scripts) if (imports.includes(one.fileName)) all.add(one)
  return new Set([...all].flatMap(({ moduleIds }) => moduleIds))
}

const apart = await generate(() => null)
const open = loadedWith(apart, ({ isEntry }) => isEntry)
const host = loadedWith(apart, ({ facadeModuleId: id }) => id?.endsWith(join('wasi', 'dist', 'index.js')))
const scripts = await generate((id) => (open.has(id) ? 'open' : host.has(id) ? 'programs' : null))
await bundle.close()

/** Read as one byte for a character. */
const ascii = (code) => code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

rmSync(target, { recursive: true, force: true })
mkdirSync(target)
const id = createHash('sha256')
for (const { fileName, code } of scripts) {
  if (/(?<!\$)\bimport(?:\(|\.meta)/.test(code)) throw new Error(`${fileName} would import from a script`)
  const text = `(function(exports,require,$moduleUrl,$import){${ascii(code)}})`
  id.update(fileName).update(text)
  writeFileSync(join(target, fileName), text)
}

const used = new Set(scripts.flatMap(({ moduleIds }) => moduleIds).map(packageOf))
const versions = [...used].filter((name) => name !== undefined && name !== 'sandbox').sort().map((name) =>
  [name, JSON.parse(readFileSync(join(folder, '..', name, 'package.json'), 'utf8')).version])
await build({
  absWorkingDir: folder,
  entryPoints: [join(folder, 'src/kernels/start.ts')],
  outfile: join(dist, 'kernels.cjs'),
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  conditions: ['lsmkit:source'],
  minifyWhitespace: true,
  logLevel: 'error',
  define: {
    SCRIPTS_ID: JSON.stringify(id.digest('hex').slice(0, 16)),
    VERSIONS: JSON.stringify(JSON.stringify(versions)),
  },
})
