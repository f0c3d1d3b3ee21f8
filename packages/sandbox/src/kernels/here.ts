/**
 * The code of inline boxes as scripts, in the thread that asks for it. They share the modules that the program has
 * loaded with `@lsmkit/sandbox`: errors that they throw are of the classes that the program knows.
 */
import { areAsBuilt, fileUrl, importModule, Scripts } from './scripts.ts'

/** JSON: the files that `dist/index.js` loads, and the scripts made of them. */
declare const SHARED: string

type Shared = readonly (readonly [name: string, file: string, script: string])[]

/**
 * The exports of a script. Null where the packages are to be used: they are not those that the scripts are made of, or
 * the modules of `classes` are others than those found by their names.
 */
export const loadHere = async (script: string, classes: readonly unknown[]): Promise<object | null> => {
  if (!areAsBuilt()) return null
  const shared = await Promise.all((JSON.parse(SHARED) as Shared).map(
    async ([name, file, made]) => [made, { ...await importModule(fileUrl(name, file)) }] as const))
  const known = new Set(shared.flatMap(([, exports]): unknown[] => Object.values(exports)))
  return classes.every((one) => known.has(one)) ? new Scripts('inline', shared).load(script) : null
}
