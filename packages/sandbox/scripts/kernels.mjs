/**
 * Makes few scripts of `dist/worker.js`, of the code of inline boxes and of the packages they stand on, and writes them
 * into `dist/kernels`. Under Node the thread of kernels starts with `dist/kernels.cjs`, and an inline box with
 * `dist/here.cjs`, which run them with the code that V8 compiled for an earlier process; Node would look for, read and
 * compile some 30 modules instead. Runs after tsup.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(folder, 'dist')
const target = join(dist, 'kernels')

/** A built file, as its package and its path there. */
const BUILT = /[/\\]packages[/\\]([\w-]+)[/\\]dist[/\\](.+)$/
const builtFile = (path) => BUILT.exec(path)?.slice(1).map((part) => part.replaceAll('\\', '/')) ?? []
const packageOf = (path) => builtFile(path)[0]

/** Of a module that is named when the program runs. */
const NAMED_LATER = /\bimport\((?:\s*\/\*.*?\*\/)?\s*(?=[\w$]+\s*\))/g

/** A script does not know the place of the module that it was, and cannot import. */
const places = {
  name: 'places',
  transform: (code, path) => ({
    code: code.replaceAll('import.meta.url', `$moduleUrl("${packageOf(path)}")`).replace(NAMED_LATER, '$import('),
  }),
}

/** Packages of others stay what they are. */
const external = (id) => !/^(?:\.|[/\\]|[A-Z]:|@lsmkit\/)/.test(id)

/** What a program loads with the package: a script of each, as inline boxes have the modules themselves. */
const loadedByIndex = async () => {
  const index = join(dist, 'index.js')
  const files = new Set([index])
  const graph = {
    name: 'graph',
    buildEnd() {
      for (const file of files) for (const one of this.getModuleInfo(file).importedIds) files.add(one)
    },
  }
  const whole = await rolldown({ input: index, platform: 'node', external, plugins: [graph] })
  await whole.generate({ format: 'esm' })
  await whole.close()
  files.delete(index)
  return [...files].map((path) => {
    const [name, file] = builtFile(path)
    return { path, name, file, script: `${name}-${file.replaceAll('/', '-')}` }
  })
}
const shared = await loadedByIndex()
const isShared = new Set(shared.map(({ path }) => path))

const bundle = await rolldown({
  input: {
    worker: join(dist, 'worker.js'),
    inline: join(dist, readdirSync(dist).find((name) => /^inline-\w+\.js$/.test(name))),
    ...Object.fromEntries(shared.map(({ path, script }) => [script.slice(0, -'.js'.length), path])),
  },
  platform: 'node',
  external,
  plugins: [places],
  preserveEntrySignatures: 'allow-extension',
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
const first = new Set(['worker.js', 'inline.js'])
const open = loadedWith(apart, ({ fileName }) => first.has(fileName))
const host = loadedWith(apart, ({ facadeModuleId: id }) => id?.endsWith(join('wasi', 'dist', 'index.js')))
const groupOf = (id) => (open.has(id) ? 'open' : host.has(id) ? 'programs' : null)
const scripts = await generate((id) => (isShared.has(id) ? null : groupOf(id)))
await bundle.close()

/** An inline box has a module in place of such a script. */
for (const { path, script } of shared) {
  const made = scripts.find(({ fileName }) => fileName === script)
  const names = Object.keys(await import(pathToFileURL(path).href))
  const strange = made.exports.filter((name) => !names.includes(name))
  if (made.moduleIds.length > 1 || strange.length > 0) throw new Error(`${script} is not ${path}: ${strange}`)
}

/** Read as one byte for a character. */
const ascii = (code) => code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

rmSync(target, { recursive: true, force: true })
mkdirSync(target)
const bodyOf = ({ fileName, code }) => {
  if (/(?<!\$)\bimport(?:\(|\.meta)/.test(code)) throw new Error(`${fileName} would import from a script`)
  return `${JSON.stringify(fileName)}:function(exports,require,$moduleUrl,$import,$keepCode){${ascii(code)}}`
}
/** Scripts that are loaded together lie in one file: each file takes a while to find, and so does its code. */
const fileOf = new Map([
  ...[...first, 'open.js'].map((script) => [script, 'open.js']), ...shared.map(({ script }) => [script, 'shared.js']),
])
const id = createHash('sha256')
for (const [file, list] of Map.groupBy(scripts, ({ fileName }) => fileOf.get(fileName) ?? fileName)) {
  const text = `({${list.map(bodyOf).join()}})`
  id.update(file).update(text)
  writeFileSync(join(target, file), text)
}

const used = new Set(scripts.flatMap(({ moduleIds }) => moduleIds).map(packageOf))
const versions = [...used].filter((name) => name !== undefined && name !== 'sandbox').sort().map((name) =>
  [name, JSON.parse(readFileSync(join(folder, '..', name, 'package.json'), 'utf8')).version])
await build({
  absWorkingDir: folder,
  entryPoints: { kernels: join(folder, 'src/kernels/start.ts'), here: join(folder, 'src/kernels/here.ts') },
  outdir: dist,
  outExtension: { '.js': '.cjs' },
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
    FILE_OF: JSON.stringify(JSON.stringify([...fileOf])),
    SHARED: JSON.stringify(JSON.stringify(shared.map(({ name, file, script }) => [name, file, script]))),
  },
})
