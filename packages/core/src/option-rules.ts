/**
 * Options of public functions, checked by a table. JavaScript callers get no help from the types, and a misspelt option
 * that is ignored may leave open what it was to close.
 */
import { didYouMean } from './did-you-mean.ts'
import { LsmkitError } from './errors.ts'

// here too: the main entry loads the framework, which is much for a program that only reports an error
export { LsmkitError }

/**
 * An option that a function does not have (`unknown-option`), of a type it does not take (`bad-option`), or that it
 * cannot hold a policy to (`refused-option`).
 */
export class OptionError extends LsmkitError<'bad-option' | 'refused-option' | 'unknown-option'> {}

/** The rule of a value, and its wording: "`early` is not a boolean". */
export interface OptionRule {
  readonly is: (value: unknown) => boolean
  readonly what: string
  readonly required?: boolean
  readonly hint?: string | undefined | ((value: unknown) => string | null)
  /** Looks at what is inside, when the value itself is right. */
  readonly inside?: (value: unknown, place: string) => void
}

/** A rule for every option: one that is added to the type does not compile without. */
export type OptionRules<T> = Readonly<Record<keyof T & string, OptionRule>>

/** What a value is by the engine's own name: `Object`, `Map`, `Promise`, `Date`. */
const kindOf = (value: object): string => Object.prototype.toString.call(value).slice('[object '.length, -1)

/** An object with fields, or a module's namespace. Of a Map or a Promise no field would ever be looked at. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false
  const kind = kindOf(value)
  return kind === 'Object' || kind === 'Module'
}

export const anything: OptionRule = { is: () => true, what: 'a value' }
export const aBoolean: OptionRule = { is: (value) => typeof value === 'boolean', what: 'a boolean' }
export const aString: OptionRule = { is: (value) => typeof value === 'string', what: 'a string' }
export const aFunction: OptionRule = { is: (value) => typeof value === 'function', what: 'a function' }
/** An object that is handed on as it is. For one with options of its own take `optionsOf`, which looks inside. */
export const anObject: OptionRule = { is: (value) => typeof value === 'object' && value !== null, what: 'an object' }
export const bytes: OptionRule = { is: (value) => value instanceof Uint8Array, what: 'a Uint8Array' }

/** An object with that method: one of our classes, from whichever copy of its package. */
export const objectWith = (method: string, what: string): OptionRule => ({
  is: (value) => typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function', what,
})

/** An integer within these bounds, both included. */
export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER): OptionRule => ({
  is: (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  what: most === Number.MAX_SAFE_INTEGER
    ? `a whole number of at least ${least}`
    : `a whole number from ${least} to ${most}`,
})

/** A number that may have a fraction, or be Infinity. */
export const aNumber = (least: number): OptionRule => ({
  is: (value) => typeof value === 'number' && value >= least,
  what: `a number of at least ${least}`,
})

/** One of these values, compared by identity. */
export const oneOf = (...values: readonly unknown[]): OptionRule => ({
  is: (value) => values.includes(value),
  what: values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`,
})

/** One of many names; the error for a misspelt name suggests the nearest. `of` is what they name. */
export const nameOf = (names: readonly string[], of: string): OptionRule => ({
  is: (value) => names.includes(value as string),
  what: `a ${of}`,
  hint: (value) => didYouMean(String(value), names),
})

/** Chosen by `is` alone. */
export const either = (...rules: readonly OptionRule[]): OptionRule => ({
  is: (value) => rules.some((rule) => rule.is(value)),
  what: rules.map(({ what }) => what).join(' or '),
  inside: (value, place) => rules.find((rule) => rule.is(value))?.inside?.(value, place),
})

export const orNull = (rule: OptionRule): OptionRule => either(rule, { is: (value) => value === null, what: 'null' })

export const instanceOf = (...classes: readonly (abstract new (...args: never[]) => object)[]): OptionRule => ({
  is: (value) => classes.some((one) => value instanceof one),
  what: classes.map(({ name }) => `a ${name}`).join(' or '),
})

/** A list; an error in an element includes its place in the list. */
export const listOf = (rule: OptionRule): OptionRule => ({
  is: Array.isArray,
  what: 'an array',
  inside: (value, place) => (value as unknown[]).forEach((one, i) => checkValue(one, rule, `${place}[${i}]`)),
})

/** An object whose keys are the caller's own. */
export const recordOf = (rule: OptionRule): OptionRule => ({
  is: isRecord,
  what: 'an object',
  inside: (value, place) => {
    for (const [key, one] of Object.entries(value as object)) checkValue(one, rule, `${place}.${key}`)
  },
})

/** Options inside options. */
export const optionsOf = <T>(rules: OptionRules<T>): OptionRule => ({
  is: isRecord,
  what: 'an object',
  inside: (value, place) => checkFields(value as object, rules, place),
})

export const required = (rule: OptionRule, hint?: string): OptionRule => ({ ...rule, required: true, hint })

/**
 * Throws OptionError for the first option that is not known or not what it must be. `place` is the function's name; an
 * option of an option has `place: option` before it. An undefined option counts as not given.
 */
export const checkOptions = <T>(given: unknown, rules: OptionRules<T>, place: string): void => {
  if (!isRecord(given)) {
    const needed = Object.entries<OptionRule>(rules).flatMap(([key, rule]) => (rule.required ? [`\`${key}\``] : []))
    const hint = needed.length === 0 ? null : `with ${needed.join(' and ')}`
    throw new OptionError('bad-option', `\`${place}\` takes one object`, { place, hint })
  }
  checkFields(given, rules, place)
}

type Entries = readonly { readonly key: string; readonly rule: OptionRule }[]
const known = new WeakMap<object, Entries>()

/** The table of rules as a list, made once. */
const entriesOf = (rules: object): Entries => {
  let made = known.get(rules)
  if (made === undefined) {
    made = Object.entries<OptionRule>(rules as Record<string, OptionRule>).map(([key, rule]) => ({ key, rule }))
    known.set(rules, made)
  }
  return made
}

/** All that somebody may have meant as options: fields that are not enumerable, and those of a prototype of theirs. */
const keysOf = (given: object): readonly string[] => {
  const keys = Object.getOwnPropertyNames(given)
  const above: unknown = Object.getPrototypeOf(given)
  return isRecord(above) && Object.getPrototypeOf(above) !== null ? [...keys, ...Object.keys(above)] : keys
}

const checkFields = <T>(given: object, rules: OptionRules<T>, place: string): void => {
  for (const key of keysOf(given)) {
    if (Object.hasOwn(rules, key)) continue
    const hint = didYouMean(key, Object.keys(rules))
    throw new OptionError('unknown-option', `there is no option \`${key}\``, { place, hint })
  }
  for (const { key, rule } of entriesOf(rules)) {
    const value = (given as Record<string, unknown>)[key]
    if (value === undefined && rule.required !== true) continue
    if (!rule.is(value)) throw notA(key, value, rule, place)
    rule.inside?.(value, `${place}: ${key}`)
  }
}

/** One of a list or a record: its place names it. */
const checkValue = (value: unknown, rule: OptionRule, place: string): void => {
  if (!rule.is(value)) {
    const [, of, key] = /^(.*): (.*)$/s.exec(place)!
    throw notA(key!, value, rule, of!)
  }
  rule.inside?.(value, place)
}

const notA = (key: string, value: unknown, { what, hint }: OptionRule, place: string): OptionError =>
  new OptionError('bad-option', `\`${key}\` is not ${what}`, {
    place, hint: typeof hint === 'function' ? hint(value) : hint,
  })
