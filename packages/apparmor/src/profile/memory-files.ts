/** Profile texts that are in memory, as files for the compiler. */
import { fromName } from './place.ts'
import type { ProfileFiles } from './sources.ts'

/** Files by their paths. A folder is the part of a path before its last slash. */
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
