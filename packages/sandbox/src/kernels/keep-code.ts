/** When the thread of kernels has compiled what most processes need, its first file may keep the code for the next. */

/** A box is open; a program has run; a line of a shell has run. */
export type Stage = 'open' | 'run' | 'line'

/** Where the first file puts its function. */
export const KEEP_CODE: unique symbol = Symbol.for('lsmkit.kernels.keep-code')

export const keepCode = (stage: Stage): void =>
  (globalThis as { readonly [KEEP_CODE]?: (stage: Stage) => void })[KEEP_CODE]?.(stage)
