/** Patterns of `apply`: `src/**`, `*.md`, `docs`. A pattern that matches a directory stands for all below it. */
import { OptionError } from '@lsmkit/core/option-rules'

type Part = RegExp | '**'

const MOST_LENGTH = 4096

const partOf = (part: string): Part => {
  if (part === '**') return part
  // several stars in a row are one, so that no name takes long
  const body = part.replace(/\*+/g, '*').replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]')
  return new RegExp(`^${body}$`, 's')
}

/** Each part of a name is looked at once for each part of the pattern. */
const matches = (parts: readonly Part[], names: readonly string[]): boolean => {
  let at = new Set([0])
  const step = (states: Set<number>): Set<number> => {
    for (const state of states) if (parts[state] === '**') states.add(state + 1)
    return states
  }
  at = step(at)
  for (const name of names) {
    if (at.has(parts.length)) return true
    const next = new Set<number>()
    for (const state of at) {
      const part = parts[state]
      if (part === '**') next.add(state)
      else if (part?.test(name) === true) next.add(state + 1)
    }
    at = step(next)
  }
  return at.has(parts.length)
}

/**
 * A function that says whether a name of the folder mounted at `target` is meant. Patterns that begin with `/` are
 * paths of the box, others are relative to the folder. Throws OptionError for one that can match nothing.
 */
export const matcherOf = (patterns: readonly string[], target: string): ((path: string) => boolean) => {
  const compiled = patterns.map((pattern) => {
    const inner = pattern.replace(/\/+$/, '') || '/'
    const names = inner.split('/').filter((name) => name !== '' && name !== '.')
    if (pattern === '' || pattern.length > MOST_LENGTH || names.includes('..')) {
      throw new OptionError('bad-option', `\`${pattern.slice(0, 80)}\` cannot be a pattern of names in a folder`, {
        place: 'apply', hint: '`src/**`, `*.md`, or a path of the box',
      })
    }
    return { isAbsolute: pattern.startsWith('/'), parts: names.map(partOf) }
  })
  const top = target.split('/').filter((name) => name !== '')
  return (path) => {
    const names = path.split('/').filter((name) => name !== '')
    return compiled.some(({ isAbsolute, parts }) => matches(parts, isAbsolute ? [...top, ...names] : names))
  }
}
