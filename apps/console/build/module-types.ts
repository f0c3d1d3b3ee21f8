/**
 * The types that the editor of a module knows: declarations of the packages that a module can import, of TypeScript's
 * own libraries, and of the worker that runs it. Made from the sources while the console is bundled, as one file of
 * JSON: paths and texts.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const here = import.meta.dirname
const root = join(here, '../../..')
const packages = join(root, 'packages')

/** Entries by the names that they are imported by. */
const entries: Readonly<Record<string, string>> = {
  '@lsmkit/abi': 'abi/src/index.ts',
  '@lsmkit/core': 'core/src/index.ts',
  '@lsmkit/core/option-rules': 'core/src/option-rules.ts',
}
/** Of the kernel a module can have types alone, for functions that take one. */
const kernelTypes: Readonly<Record<string, string>> = {
  Kernel: 'kernel/src/boot/kernel.ts',
  SysCalls: 'kernel/src/syscalls/entry.ts',
}
const KERNEL = '@lsmkit/kernel'
const sources = [...Object.values(entries), ...Object.values(kernelTypes)]

const declared = (path: string): string => path.replace(/\.[jt]s$/, '.d.ts')

const LIBRARY = 'lib.es2023.d.ts'

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: [LIBRARY],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  customConditions: ['lsmkit:source'],
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  strict: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  declaration: true,
  emitDeclarationOnly: true,
  // their types are checked elsewhere
  noCheck: true,
  skipLibCheck: true,
  outDir: packages,
  rootDir: packages,
}

/** Declarations of all sources that the entries reach, by their paths below `packages`. Throws where one has none. */
const emitted = (): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  const roots = [...sources.map((path) => join(packages, path)), join(root, 'types/webassembly.d.ts')]
  const program = ts.createProgram(roots, options)
  const { emitSkipped } = program.emit(undefined, (path, text) => void files.set(relative(packages, path), text))
  if (emitSkipped) throw new Error('the declarations for the editor of modules cannot be made')
  return files
}

/** Paths that a declaration names, relative to `packages`; names of packages are left out. */
const namedIn = (path: string, text: string): readonly string[] =>
  ts.preProcessFile(text, true, true).importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => declared(join(dirname(path), fileName)))

/** All that the entries need, and nothing else. */
const reachable = (files: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const waiting = sources.map(declared)
  for (const path of waiting) {
    const text = files.get(path)
    if (text === undefined || found.has(path)) continue
    found.set(path, text)
    waiting.push(...namedIn(path, text))
  }
  return found
}

/** A library of TypeScript with those that it is made of. */
const libraries = (first: string): ReadonlyMap<string, string> => {
  const folder = dirname(fileURLToPath(import.meta.resolve('typescript')))
  const found = new Map<string, string>()
  const waiting = [first]
  for (const name of waiting) {
    if (found.has(name)) continue
    const text = readFileSync(join(folder, name), 'utf8')
    found.set(name, text)
    waiting.push(...ts.preProcessFile(text).libReferenceDirectives.map(({ fileName }) => `lib.${fileName}.d.ts`))
  }
  return found
}

/** Below the folder of its package. */
const inPackage = (path: string): string => `./${declared(path.slice(path.indexOf('/') + 1))}`

const manifestOf = (name: string): string => {
  const own = Object.entries(entries).filter(([entry]) => entry === name || entry.startsWith(`${name}/`))
  const exports = own.map(([entry, path]) => [`.${entry.slice(name.length)}`, { types: inPackage(path) }])
  return JSON.stringify({ name, type: 'module', exports: Object.fromEntries(exports) as object })
}

const kernelEntry = (): string => Object.entries(kernelTypes)
  .map(([name, path]) => `export type { ${name} } from '${inPackage(path)}'\n`)
  .join('')

/** Texts by their paths, as the service of the editor reads them. */
export const moduleTypes = (): Readonly<Record<string, string>> => {
  const kernel = { name: KERNEL, type: 'module', types: './index.d.ts' }
  const files = [
    ...[...libraries(LIBRARY)].map(([name, text]) => [`/lib/${name}`, text] as const),
    ...[...reachable(emitted())].map(([path, text]) => [`/node_modules/@lsmkit/${path}`, text] as const),
    ...['@lsmkit/abi', '@lsmkit/core'].map((name) => [`/node_modules/${name}/package.json`, manifestOf(name)] as const),
    [`/node_modules/${KERNEL}/package.json`, JSON.stringify(kernel)] as const,
    [`/node_modules/${KERNEL}/index.d.ts`, kernelEntry()] as const,
    ['/globals.d.ts', readFileSync(join(here, 'globals.d.ts'), 'utf8')] as const,
  ]
  return Object.fromEntries(files)
}
