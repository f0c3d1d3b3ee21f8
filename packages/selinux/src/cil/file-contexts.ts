/** The text of file_contexts: general patterns first, so that the last match is the most particular. */
import { categoriesText } from '../policydb/names.ts'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { list } from '../bits.ts'
import { W } from './keywords.ts'
import type { ContextSymbol, LevelSymbol } from './resolve/symbols.ts'
import { compareText, sortLabels } from './to-policydb/labels.ts'
import type { LabelOptions } from './to-policydb/labels.ts'
import type { Numbering } from './to-policydb/numbering.ts'

const types: readonly (readonly [number, string])[] = [
  [W.any, ''], [W.file, '--'], [W.dir, '-d'], [W.char, '-c'], [W.block, '-b'], [W.socket, '-s'], [W.pipe, '-p'],
  [W.symlink, '-l'],
]
const markOf = new Map(types)
const rankOf = new Map(types.map(([type], rank) => [type, rank]))

/** What decides the order of a path: whether it is a pattern, how much of it is fixed, how long it is. */
const measure = (path: string): { isPattern: boolean; stem: number; length: number } => {
  let [isPattern, stem, length] = [false, 0, 0]
  for (let i = 0; i < path.length; i++) {
    const character = path[i]!
    if ('.^$?*+|[({'.includes(character)) isPattern = true
    else {
      if (character === '\\') i++
      if (!isPattern) stem++
    }
    length++
  }
  return { isPattern, stem, length }
}

/** Levels as a policy prints them. */
export const levelTexts = (n: Numbering): ((symbol: LevelSymbol) => string) => {
  const categories: (string | undefined)[] = [undefined,
    ...n.facts.categories.toSorted((a, b) => a.value - b.value).map((symbol) => n.name(symbol))]
  return (symbol) => {
    const text = categoriesText(Ebitmap.of(list(n.categories.level(symbol))), categories)
    return text === '' ? n.name(symbol.sensitivity!) : `${n.name(symbol.sensitivity!)}:${text}`
  }
}

/** One line a filecon. */
export const writeFileContexts = (n: Numbering, options: LabelOptions): string => {
  const level = levelTexts(n)
  const contexts = new Map<ContextSymbol, string>()
  const textOf = (context: ContextSymbol): string => {
    let text = contexts.get(context)
    if (text === undefined) {
      text = `${n.name(context.user!)}:${n.name(context.role!)}:${n.name(context.type!)}`
      const [low, high] = [level(context.range!.low!), level(context.range!.high!)]
      if (n.isMls) text += low === high ? `:${low}` : `:${low}-${high}`
      contexts.set(context, text)
    }
    return text
  }
  const measured = n.facts.fileContexts.map(
    (fact) => ({ ...fact, ...measure(fact.path), rank: rankOf.get(fact.type)! }))
  const sorted = sortLabels(n, measured, 'filecon',
    (a, b) => Number(b.isPattern) - Number(a.isPattern) || a.stem - b.stem ||
    a.length - b.length || a.rank - b.rank || compareText(a.path, b.path), ({ context }) => [context], options)
  return sorted.map(({ path, type, context }) => {
    const mark = markOf.get(type)!
    return `${path}\t${mark === '' ? '' : `${mark}\t`}${context === null ? '<<none>>' : textOf(context)}\n`
  }).join('')
}
