/** The programs of the tour, read once: Ruby as its package ships it, and ours from `programs/`. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export interface Programs {
  /** Ruby 3.4 with its standard library. */
  readonly ruby: Uint8Array<ArrayBuffer>
}

export const readPrograms = (): Programs => {
  const { resolve } = createRequire(import.meta.url)
  return { ruby: new Uint8Array(readFileSync(resolve('@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm'))) }
}

/** The C program whose work the cost of a stack is measured on. */
export const readWork = (): Uint8Array => readFileSync(new URL('../programs/work/work.wasm', import.meta.url))

/** On the host; the tour mounts it read-only. */
export const programsFolder = fileURLToPath(new URL('../programs/capraise', import.meta.url))
