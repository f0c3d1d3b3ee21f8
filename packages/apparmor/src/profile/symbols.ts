/** Variables of a policy: sets of values `@{NAME}`, and booleans `$NAME`. */
import { didYouMean } from '@lsmkit/core'
import { ProfileError } from './errors.ts'
import { nameOf, type Place } from './place.ts'

/** Values that one variable may stand for once those in it are replaced. */
const MOST_VALUES = 100_000

interface SetVariable {
  readonly place: Place | null
  /** The last one first, as the parser keeps them. */
  readonly values: string[]
  expanded: readonly string[] | null
}

/** A reference `@{NAME}` in a text. */
export interface Reference {
  readonly start: number
  readonly end: number
  readonly name: string
}

const REFERENCE = /\\.|@\{([A-Za-z][A-Za-z0-9_]*)\}/gsu

/** The first reference to a variable; a backslash takes the meaning off what is behind it. */
export const findReference = (text: string): Reference | null => {
  if (!text.includes('@{')) return null
  for (const match of text.matchAll(REFERENCE)) {
    if (match[1] !== undefined) return { start: match.index, end: match.index + match[0].length, name: match[1] }
  }
  return null
}

/** `@{X}`, `@X`, `$X` and `${X}` to X. */
export const bareName = (written: string): string => written.replace(/^[@$]\{?/u, '').replace(/\}$/u, '')

export class Symbols {
  readonly #sets = new Map<string, SetVariable>()
  readonly #booleans = new Map<string, boolean>()

  /** `@{NAME} = values`, or `+=`, which needs an earlier one. */
  assign(name: string, values: readonly string[], adds: boolean, place: Place | null): void {
    const old = this.#sets.get(name)
    if (adds) {
      if (old === undefined) throw this.#undeclared(name, place)
      old.values.unshift(...values.toReversed())
      old.expanded = null
      return
    }
    if (old !== undefined || this.#booleans.has(name)) {
      const related = old?.place ? [{ message: 'it is declared here', place: old.place }] : []
      throw new ProfileError('redeclared', `variable @{${name}} is declared already`, place, {
        related, hint: '`+=` adds values to a variable',
      })
    }
    this.#sets.set(name, { place, values: values.toReversed(), expanded: null })
  }

  assignBoolean(name: string, value: boolean, place: Place): void {
    if (this.#sets.has(name) || this.#booleans.has(name)) {
      throw new ProfileError('redeclared', `variable $${name} is declared already`, place)
    }
    this.#booleans.set(name, value)
  }

  remove(name: string): void {
    this.#sets.delete(name)
  }

  boolean(name: string, place: Place): boolean {
    const value = this.#booleans.get(name)
    if (value !== undefined) return value
    if (this.#sets.has(name)) throw new ProfileError('wrong-kind', `@{${name}} is not a boolean`, place)
    throw new ProfileError('undeclared', `boolean $${name} is not declared`, place, {
      hint: didYouMean(name, this.#booleans.keys()),
    })
  }

  isDeclared(name: string, place: Place): boolean {
    const set = this.#sets.get(name)
    if (set === undefined) return false
    this.#expand(name, set, [], place)
    return true
  }

  /** Replaces every variable: one value as it is, several as an alternation. */
  replace(text: string, place: Place): string {
    let replaced = text
    for (let at = findReference(replaced); at !== null; at = findReference(replaced)) {
      const before = replaced.slice(0, at.start)
      const behind = replaced.slice(at.end)
      replaced = `${before}${alternation(this.values(at.name, place), before, behind)}${behind}`
      if (replaced.length > MOST_VALUES * 10) throw new ProfileError('too-big', 'variables make this too long', place)
    }
    return replaced
  }

  /** The values of a variable without references. */
  values(name: string, place: Place): readonly string[] {
    const set = this.#sets.get(name)
    if (set === undefined) throw this.#undeclared(name, place)
    return this.#expand(name, set, [], place)
  }

  #undeclared(name: string, place: Place | null): ProfileError {
    if (this.#booleans.has(name)) {
      return new ProfileError('wrong-kind', `$${name} is a boolean, no set of values`, place)
    }
    return new ProfileError('undeclared', `variable @{${nameOf(name)}} is not declared`, place, {
      hint: didYouMean(name, this.#sets.keys()) ?? 'many are declared in <tunables/global>',
    })
  }

  #expand(name: string, set: SetVariable, within: readonly string[], place: Place | null): readonly string[] {
    if (set.expanded !== null) return set.expanded
    if (within.includes(name)) {
      throw new ProfileError('recursive', `variable @{${name}} contains itself`, set.place ?? place)
    }
    const seen = [...within, name]
    const done: string[] = []
    const work = set.values.toReversed()
    while (work.length > 0) {
      const value = work.pop()!
      const at = findReference(value)
      if (at === null) done.push(value)
      else work.push(...this.#substitute(value, at, seen, set.place ?? place))
      if (done.length + work.length > MOST_VALUES) {
        throw new ProfileError('too-big', `variable @{${name}} has too many values`, set.place ?? place)
      }
    }
    return set.expanded = done
  }

  #substitute(value: string, at: Reference, seen: readonly string[], place: Place | null): string[] {
    const inner = this.#sets.get(at.name)
    if (inner === undefined) throw this.#undeclared(at.name, place)
    return this.#expand(at.name, inner, seen, place).map((one) => value.slice(0, at.start) + one + value.slice(at.end))
  }
}

/** Several values as `{a,b}`; slashes that would be doubled beside their neighbours are left out. */
const alternation = (values: readonly string[], before: string, behind: string): string => {
  if (values.length === 1) return values[0]!
  const leading = before.endsWith('/')
  const trailing = behind.startsWith('/')
  return `{${values.map((value) => trim(value, leading, trailing)).join(',')}}`
}

const trim = (value: string, leading: boolean, trailing: boolean): string => {
  const start = leading ? value.replace(/^\/+/u, '') : value
  return trailing ? start.replace(/\/+$/u, '') : start
}
