/** Which context a path has by file_contexts: what libselinux 3.8's `selabel_lookup` answers. */
import { aString, checkOptions, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { S_IFMT } from '@lsmkit/abi'
import { MatchLimit } from './automaton.ts'
import { FileContextsError } from './errors.ts'
import { byteText } from './pattern.ts'
import { PrefixTree } from './prefix-tree.ts'
import { parseSpec } from './spec.ts'
import type { Spec } from './spec.ts'
import { Substitutions } from './substitutions.ts'

/** Texts of the files that lie beside each other as file_contexts, .homedirs, .local, .subs and .subs_dist. */
export interface FileContextsTexts {
  readonly base: string
  readonly homedirs?: string | undefined
  readonly local?: string | undefined
  readonly subs?: string | undefined
  readonly subsDist?: string | undefined
}

export const textsRules: OptionRules<FileContextsTexts> = {
  base: required(aString), homedirs: aString, local: aString, subs: aString, subsDist: aString,
}

/** Paths without any pattern in them: by path, what is preferred first. */
type Literals = Map<string, Spec[]>

const fits = ({ kind }: Spec, asked: number): boolean => kind === 0 || asked === 0 || kind === asked

/** Doubled slashes are one, one at the end is none, but for the root. */
const clean = (path: string): string => {
  const single = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single
}

/** file_contexts that were read, ready for look-ups. */
export class FileContexts {
  /** Lines that say something, in all files. */
  readonly size: number
  readonly #literals: Literals = new Map()
  readonly #patterns = new PrefixTree()
  readonly #substitutions: readonly Substitutions[]

  /** Throws OptionError, and FileContextsError for an invalid line. */
  constructor(texts: FileContextsTexts) {
    checkOptions(texts, textsRules, 'FileContexts')
    const { base, homedirs, local, subs, subsDist } = texts
    let order = 0
    for (const [file, text] of Object.entries({ base, homedirs, local })) {
      if (text !== undefined) order = this.#take(file, text, order)
    }
    for (const specs of this.#literals.values()) specs.sort((a, b) => a.rank - b.rank || a.order - b.order)
    this.size = order
    this.#substitutions = [
      ...(subs === undefined ? [] : [new Substitutions(subs, 'subs')]),
      ...(subsDist === undefined ? [] : [new Substitutions(subsDist, 'subs_dist')]),
    ]
  }

  #take(file: string, text: string, from: number): number {
    let order = from
    for (const [i, line] of text.split('\n').entries()) {
      const spec = parseSpec(line, file, i + 1, order)
      if (spec === null) continue
      order++
      if (spec.pattern.rest !== 'none') {
        this.#patterns.add(spec)
        continue
      }
      const known = this.#literals.get(spec.pattern.prefix)
      if (known === undefined) this.#literals.set(spec.pattern.prefix, [spec])
      else known.push(spec)
    }
    return order
  }

  /**
   * The context of a path, null if it has none. Of `mode` the file type counts; 0 stands for any. A literal path is
   * found before any pattern: one for a kind of file first, then in the order of the files. Of patterns the last that
   * matches wins, but `<<none>>` hides those whose fixed directories are fewer. Throws FileContextsError
   * `match-limit` where a pattern that looks ahead or behind meets a path of thousands of characters.
   */
  lookup(path: string, mode = 0): string | null {
    let asked = clean(byteText(path))
    for (const substitutions of this.#substitutions) asked = substitutions.apply(asked)
    const kind = mode & S_IFMT
    const found = this.#literals.get(asked)?.find((spec) => fits(spec, kind))
    if (found !== undefined) return found.context
    return this.#match(asked, kind)?.context ?? null
  }

  #match(path: string, kind: number): Spec | null {
    try {
      return this.#patterns.find(path, kind)
    } catch (error) {
      if (!(error instanceof MatchLimit)) throw error
      const { file, line } = this.#patterns.trying!
      const message = `a path of ${path.length} bytes takes too many steps to match`
      throw new FileContextsError('match-limit', message, file, line,
        'without `(?…)` groups and large `{n}`, patterns take one step a character')
    }
  }
}
