/** Levels and ranges, as they are written and worked out. */
import type { ModuleUser, WrittenLevel } from '../../module/module.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type { Context, Level, Range } from '../../policydb/policydb.ts'
import type { ContextText, LevelText, RangeText, Word } from '../te/ast.ts'
import type { Builder } from './builder.ts'
import { noLevel } from './symbols.ts'

/** `c0.c5`, or one category. */
export const categoryRange = (builder: Builder, { text, at }: Word): readonly [low: number, high: number] => {
  const [first = '', second, ...more] = text.split('.')
  if (more.length > 0) builder.fail('bad-value', `\`${text}\` is not a range of categories`, at)
  const low = builder.find('categories', { text: first, at }).value
  const high = second === undefined ? low : builder.find('categories', { text: second, at }).value
  if (low > high) builder.fail('bad-value', `\`${text}\` ends before it begins`, at)
  return [low, high]
}

export const levelOf = (builder: Builder, { sensitivity, categories }: LevelText): WrittenLevel => ({
  sens: builder.find('sensitivities', sensitivity).value,
  cats: categories.map((word) => categoryRange(builder, word)),
})

export const rangeOf = (builder: Builder, { low, high }: RangeText): ModuleUser['range'] => {
  const from = levelOf(builder, low)
  return { low: from, high: high === null ? from : levelOf(builder, high) }
}

const expanded = ({ sens, cats }: WrittenLevel): Level => {
  const bits = new Set<number>()
  for (const [low, high] of cats) for (let value = low; value <= high; value++) bits.add(value - 1)
  return { sens, cats: Ebitmap.of(bits) }
}

const noRange: Range = { low: expanded(noLevel), high: expanded(noLevel) }

export const contextOf = (builder: Builder, { user, role, type, range }: ContextText): Context => {
  const names = {
    user: builder.find('users', user).value, role: builder.find('roles', role).value,
    type: builder.find('types', type).value,
  }
  if (!builder.options.mls) return { ...names, range: noRange }
  if (range === null) return builder.fail('missing', 'a context has no level', type.at)
  const { low, high } = rangeOf(builder, range)
  return { ...names, range: { low: expanded(low), high: expanded(high) } }
}
