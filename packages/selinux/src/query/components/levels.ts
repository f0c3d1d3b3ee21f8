/** Sensitivities, categories, and which go together. */
import type { PolicyView } from '../view.ts'
import { braced } from './component.ts'
import type { Component } from './component.ts'

interface Aliased {
  readonly name: string
  readonly value: number
  readonly isAlias: boolean
}

const aliased = (keyword: string, items: readonly Aliased[]): Component[] =>
  items.filter(({ isAlias }) => !isAlias).map(({ name, value }) => {
    const aliases = items.filter((item) => item.isAlias && item.value === value).map((item) => item.name).sort()
    const also = aliases.length === 0 ? '' : ` alias ${braced(aliases)}`
    return { name, statement: `${keyword} ${name}${also};`, has: { aliases } }
  })

export const sensitivities = ({ policy }: PolicyView): Component[] => aliased('sensitivity',
  policy.sensitivities.items.map(({ name, isAlias, level }) => ({ name, isAlias, value: level.sens })))

export const categories = ({ policy }: PolicyView): Component[] => aliased('category', policy.categories.items)

/** The categories that a sensitivity may be used with. */
export const levels = ({ policy, names }: PolicyView): Component[] =>
  policy.sensitivities.items.filter(({ isAlias }) => !isAlias).map(({ name, level }) => ({
    name, statement: `level ${names.level(level)};`,
    has: { categories: Array.from(level.cats, (bit) => names.categories[bit + 1] ?? `#${bit + 1}`).sort() },
  }))
