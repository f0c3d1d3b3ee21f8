/** For tests: compiles texts that are in memory. */
import { compileProfiles, type CompileOptions, type CompileResult } from './compile.ts'
import { kernelFeatures } from './kernel-features.ts'
import { fromName } from './place.ts'
import type { ProfileFiles } from './sources.ts'

/** Files by their paths. A folder is what paths have before their last slash. */
export const memoryFiles = (texts: Readonly<Record<string, string>>): ProfileFiles => {
  const paths = Object.keys(texts)
  const inFolder = (folder: string): string[] => paths.filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1)).filter((name) => !name.includes('/'))
  return {
    read: (path) =>
      Object.hasOwn(texts, path) ? Uint8Array.from(
        fromName(texts[path]!), (character) => character.charCodeAt(0),
      ) : null,
    list: (path) => inFolder(path).length === 0 ? null : inFolder(path),
  }
}

/** Compiles `text`; further files are found by their paths, `<name>` below `d/`. */
export const compileText = (
  text: string, files: Readonly<Record<string, string>> = {}, options: Partial<CompileOptions> = {},
): CompileResult => compileProfiles('main', {
  files: memoryFiles({ main: text, ...files }), include: ['d'], features: kernelFeatures('6.12'), ...options,
})
