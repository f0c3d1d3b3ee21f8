/** Options of public functions, checked by a table: JavaScript callers get no help from the types. */
import { didYouMean } from './errors.ts'

/** What a value must be, and how that is said: "`early` is not a boolean". */
export interface OptionRule {
  readonly is: (value: unknown) => boolean
  readonly what: string
  readonly required?: boolean
  readonly hint?: string
}

export type OptionRules<T> = Readonly<Record<keyof T & string, OptionRule>>
export type Refuse = (code: 'bad-option' | 'unknown-option', message: string, hint?: string | null) => Error

export const aBoolean: OptionRule = { is: (value) => typeof value === 'boolean', what: 'a boolean' }
export const aString: OptionRule = { is: (value) => typeof value === 'string', what: 'a string' }
export const aFunction: OptionRule = { is: (value) => typeof value === 'function', what: 'a function' }
export const anObject: OptionRule = { is: (value) => typeof value === 'object' && value !== null, what: 'an object' }
export const aList: OptionRule = { is: Array.isArray, what: 'an array' }
export const wholeNumber = (least: number): OptionRule => ({
  is: (value) => Number.isSafeInteger(value) && (value as number) >= least,
  what: `a whole number of at least ${least}`,
})
export const oneOf = (...values: readonly unknown[]): OptionRule => ({
  is: (value) => values.includes(value),
  what: `one of ${values.join(', ')}`,
})
export const required = (rule: OptionRule, hint?: string): OptionRule => ({ ...rule, required: true, hint })

/** Throws what `refuse` makes of the first option that is not known or not what it must be. */
export const checkOptions = <T>(options: unknown, rules: OptionRules<T>, of: string, refuse: Refuse): void => {
  if (!anObject.is(options)) {
    throw refuse('bad-option', `\`${of}\` takes one object`, `with ${requiredOf(rules).join(' and ')}`)
  }
  for (const key of Object.keys(options as object)) {
    if (!Object.hasOwn(rules, key)) {
      throw refuse('unknown-option', `there is no option \`${key}\``, didYouMean(key, Object.keys(rules)))
    }
  }
  for (const [key, { is, what, required: needed = false, hint }] of Object.entries<OptionRule>(rules)) {
    const value = (options as Record<string, unknown>)[key]
    if ((value !== undefined || needed) && !is(value)) throw refuse('bad-option', `\`${key}\` is not ${what}`, hint)
  }
}

const requiredOf = (rules: Readonly<Record<string, OptionRule>>): string[] =>
  Object.entries(rules).flatMap(([key, rule]) => (rule.required ? [`\`${key}\``] : []))
