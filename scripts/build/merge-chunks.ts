/** The last step of a package's build: chunks that belong together become one file (chunk-groups.ts). */
import { rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { builtFiles } from './built-files.ts'
import { chunkGroups } from './chunk-groups.ts'
import { keepConst } from './keep-const.ts'

/** Rewrites the files of the folder. Those that others import by name have the same exports as before. */
export const mergeChunks = async (folder: string): Promise<void> => {
  const dist = resolve(folder)
  const files = builtFiles(dist)
  const groups = new Map(chunkGroups(files).flatMap((paths, i) => paths.map((path) => [path, `group-${i}`])))
  if (groups.size === 0) return
  const entries = files.filter(({ kind }) => kind === 'entry').map(({ name }) => name)
  const build = await rolldown({
    input: Object.fromEntries(entries.map((path) => [relative(dist, path), path])),
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    platform: 'neutral',
    treeshake: false,
    preserveEntrySignatures: 'allow-extension',
  })
  const { output } = await build.generate({
    entryFileNames: '[name]',
    chunkFileNames: 'chunk-[hash].js',
    hashCharacters: 'hex',
    minify: false,
    // the declarations have them, and a start would read them
    comments: { annotation: true, jsdoc: false, legal: true },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ debugName: 'groups', name: (id) => groups.get(id) ?? null }],
    },
  })
  const chunks = output.filter((one) => one.type === 'chunk')
  // what other files import from an entry would become an export of it
  const names = new Set(entries.map((path) => relative(dist, path)))
  const imported = chunks.flatMap(({ imports }) => imports).find((name) => names.has(name))
  if (imported !== undefined) throw new Error(`${imported} is an entry, and another file of the package imports it`)
  for (const { name, kind } of files) if (kind !== 'foreign') rmSync(name)
  for (const { fileName, code } of chunks) writeFileSync(join(dist, fileName), keepConst(code))
}
