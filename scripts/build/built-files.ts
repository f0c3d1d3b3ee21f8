/** The files of a package as its bundler wrote them, and those of the other packages that they import. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { BuiltFile } from './chunk-groups.ts'

/** An import as bundlers write it, of one line or the last line of several. */
const IMPORT = /^(?:import|export \*|export \{|\}) ?[^;"]*"([^"]+)";$/gm

/** For a package that is not ours: no start loads one because chunks are one file. */
const FOREIGN = Infinity

/** Entries that boxes and most programs start with. Each counts for many of the others. */
const OFTEN = /^(?:index|boot|worker|options|inline-\w+)\.js$/
/** Loaded when it is needed, by a program that has loaded an entry before: little is to be loaded then. */
const LATER = /-[A-Z\d]{8}\.js$/
const [MANY, FEW, LITTLE] = [10, 1, 0.1]

/** Files of ours that a file imports, by path; a package of others is its name. Node's own modules are free. */
const importsOf = (path: string, text: string): string[] =>
  [...text.matchAll(IMPORT)].map(([, module]) => module!).filter((module) => !module.startsWith('node:'))
    .map((module) => {
      if (module.startsWith('.')) return resolve(dirname(path), module)
      return module.startsWith('@lsmkit/') ? createRequire(path).resolve(module) : module
    })

/** Files of `dist` by path, and what they import. The packages that this one depends on have to be built. */
export const builtFiles = (dist: string): BuiltFile[] => {
  const own = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
    .map((name) => resolve(join(dist, name)))
  const kindOf = (path: string): BuiltFile['kind'] => {
    if (!own.includes(path)) return 'foreign'
    return basename(path).startsWith('chunk-') ? 'chunk' : 'entry'
  }
  const weightOf = (path: string): number => {
    if (OFTEN.test(relative(dist, path))) return MANY
    return LATER.test(path) ? LITTLE : FEW
  }
  const files = new Map<string, BuiltFile>()
  const add = (name: string): void => {
    if (files.has(name)) return
    const text = name.endsWith('.js') ? readFileSync(name, 'utf8') : null
    const imports = text === null ? [] : importsOf(name, text)
    files.set(name, { name, bytes: text?.length ?? FOREIGN, imports, kind: kindOf(name), weight: weightOf(name) })
    for (const one of imports) add(one)
  }
  for (const path of own) add(path)
  return [...files.values()]
}
