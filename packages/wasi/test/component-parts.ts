/** For tests: pieces of which components of text are put together. */

/** Strings in memory from 1024 on: what places each, and the data segments of all. */
export const strings = (...texts: readonly string[]) => {
  let at = 1024
  const placed = texts.map((text) => {
    const place = at
    at += text.length + 8
    const data = `(data (i32.const ${place}) "${text}")`
    return { place, words: `(i32.const ${place}) (i32.const ${text.length})`, data }
  })
  return { placed, words: placed.map(({ words }) => words), data: placed.map(({ data }) => data).join('\n') }
}

export const LIBC = `
  (core module $libc (memory (export "memory") 2)
    (global $free (mut i32) (i32.const 8192))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.get $free) (global.set $free (i32.add (global.get $free) (local.get 3)))))
  (core instance $m (instantiate $libc))
  (alias core export $m "memory" (core memory $memory)) (alias core export $m "realloc" (core func $realloc))`

/** Lowers functions of an instance, by a name for each. */
export const lowered = (instance: string, functions: Readonly<Record<string, string>>): string =>
  Object.entries(functions).map(([short, name]) => `
  (alias export $${instance} "${name}" (func $${short}))
  (core func $${short} (canon lower (func $${short}) (memory $memory) (realloc $realloc)))`).join('')

export const exported = (...names: readonly string[]): string =>
  `(core instance $h ${names.map((name) => `(export "${name}" (func $${name}))`).join(' ')})`
