/** Text for a value that was thrown, answered or given: it may be anything, and reading it may throw. */

export const isError = (value: unknown): value is Error => {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

/** The message of an error, the text of anything else; a value that cannot be read is described as such. */
export const textOf = (value: unknown): string => {
  try {
    return String(isError(value) ? value.message : value)
  } catch {
    return `a value that cannot be read (${typeof value})`
  }
}

const tagOf = (value: object): string => Object.prototype.toString.call(value).slice('[object '.length, -1)

const article = (noun: string): string => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`

/** A prototype that somebody has made, as `Rules`; null for plain objects and those of the engine. */
export const classOf = (value: object): string | null => {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return null
  const { constructor } = prototype
  return typeof constructor === 'function' && constructor !== Object ? constructor.name : ''
}

const functionKind = (value: object): string => {
  if (tagOf(value) !== 'Function') return { AsyncFunction: 'an async function' }[tagOf(value)] ?? 'a generator'
  // methods and bound functions have no prototype, that of a class is fixed
  const isFixed = Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
  return isFixed && Function.prototype.toString.call(value).startsWith('class') ? 'a class' : 'a function'
}

const objectKind = (value: object): string => {
  const tag = tagOf(value)
  if (tag !== 'Object') return tag === 'Promise' ? 'a promise' : article(tag)
  const name = classOf(value)
  return name === null || name === '' ? 'an object' : `an object of the class ${name}`
}

/** The sort of a value: `a promise`, `a Map`, `an async function`, `an object of the class Rules`, `null`. */
export const kindOf = (value: unknown): string => {
  try {
    if (typeof value === 'function') return functionKind(value)
    if (typeof value === 'object' && value !== null) return objectKind(value)
    return value === null || value === undefined ? String(value) : `the ${typeof value} ${textOf(value)}`
  } catch {
    return 'a value that cannot be read'
  }
}
