/** The text of a module whose exports are those of an object that this process holds. */

/** The object is the value of this symbol's key of `globalThis`. */
export const KEY = '@lsmkit/node fs'
export const SCHEME = 'lsmkit-fs:'

/** `path`: where in the object the exports are. */
export const sourceOf = (exports: object, path: string): string => {
  const names = Object.keys(exports).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name))
  const lines = names.map((name) => `export const ${name} = from.${name}`)
  const first = `const from = globalThis[Symbol.for(${JSON.stringify(KEY)})]${path}`
  return [first, 'export default from', ...lines].join('\n')
}
