/** When V8 has compiled what most processes need of the scripts of kernels, their code may be kept for the next. */

/** A box is open; a program has run; a line of a shell has run. */
export type Stage = 'open' | 'run' | 'line'
export type KeepCode = (stage: Stage) => void

/** Given to the scripts. Packages have none: Node keeps their code, or nobody does. */
declare const $keepCode: KeepCode | undefined

export const keepCode: KeepCode = (stage) => {
  if (typeof $keepCode === 'function') $keepCode(stage)
}
