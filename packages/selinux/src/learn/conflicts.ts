/** Assertions of a policy's sources that learned policy would break. */
import { compileCil, CilErrors } from '../cil/compile.ts'
import type { CompileOptions } from '../cil/compile.ts'
import type { CilError } from '../cil/errors.ts'
import type { CilSource } from '../cil/sources.ts'

export interface ConflictOptions {
  readonly sources?: readonly CilSource[]
  readonly compile?: CompileOptions
}

export interface LearnedText {
  /** CIL that has to resolve: declarations. */
  readonly whole: string
  /** Rules. A log may name what the sources do not have: such a rule breaks nothing, so each is optional. */
  readonly rules: readonly string[]
}

/** A policy that breaks these is whole in all else. */
const ASSERTIONS: ReadonlySet<CilError['code']> = new Set(['neverallow', 'bounds'])

/**
 * Compiles the sources with and without the text: an error that only comes with the text is a conflict. Throws
 * CilErrors for sources that do not compile, as nothing can be checked with them.
 */
export const conflictsOf = (
  { whole, rules }: LearnedText, { sources, compile }: ConflictOptions,
): CilError[] => {
  if (sources === undefined || whole === '' && rules.length === 0) return []
  const failure = (files: readonly CilSource[]): CilErrors | null => {
    try {
      compileCil(files, { ...compile, disableNeverallow: false })
      return null
    } catch (error) {
      if (error instanceof CilErrors) return error
      throw error
    }
  }
  const own = failure(sources)
  if (own?.errors.some(({ code }) => !ASSERTIONS.has(code))) throw own
  const before = new Set(own?.errors.map((error) => error.message))
  const text = whole + rules.map((cil, i) => `(optional learned_${i} ${cil})`).join('\n')
  const errors = failure([...sources, { name: 'learned rules', text }])?.errors ?? []
  return errors.filter((error) => !before.has(error.message))
}
