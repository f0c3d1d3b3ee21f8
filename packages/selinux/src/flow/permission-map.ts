/**
 * Permission maps: which way information goes when a permission is used, and how much of it. The text format is that
 * of setools, so that a map made for seinfoflow can be given.
 */
import { LsmkitError } from '@lsmkit/core'

/** `r` to the source, `w` to the target, `b` both, `n` none, `u` unmapped: nothing is known, and nothing flows. */
export type FlowDirection = 'r' | 'w' | 'b' | 'n' | 'u'

export interface PermissionFlow {
  readonly direction: FlowDirection
  /** From 1, a trickle, to 10, data as such. */
  readonly weight: number
}

/** By class, by permission. */
export type PermissionMap = ReadonlyMap<string, ReadonlyMap<string, PermissionFlow>>

/** The place is `line 3`. */
export class PermissionMapError extends LsmkitError<'bad-map'> {}

const directions: ReadonlySet<string> = new Set(['r', 'w', 'b', 'n', 'u'])
const MOST = 10

const fault = (line: number, message: string, hint: string | null = null): PermissionMapError =>
  new PermissionMapError('bad-map', message, { place: `line ${line}`, hint })

const countOf = (text: string | undefined, line: number, what: string): number => {
  const value = Number(text)
  if (text === undefined || !/^\d+$/.test(text) || value < 1) throw fault(line, `the number of ${what} is missing`)
  return value
}

const flowOf = ([name, direction, weight = String(MOST)]: readonly string[], line: number): PermissionFlow => {
  if (direction === undefined || !directions.has(direction)) {
    throw fault(line, `permission \`${name}\` has no direction`, 'r, w, b, n or u')
  }
  const value = Number(weight)
  if (!/^\d+$/.test(weight) || value < 1 || value > MOST) {
    throw fault(line, `\`${weight}\` is not a weight`, `from 1 to ${MOST}`)
  }
  return { direction: direction as FlowDirection, weight: value }
}

/** Reads the number of classes, then each class: `class NAME COUNT`, and `PERMISSION DIRECTION WEIGHT` COUNT times. */
export const parsePermissionMap = (text: string): PermissionMap => {
  const map = new Map<string, Map<string, PermissionFlow>>()
  let classes: number | null = null
  let current = new Map<string, PermissionFlow>()
  let left = 0
  for (const [i, raw] of text.split('\n').entries()) {
    const words = raw.trim().split(/\s+/)
    const line = i + 1
    if (words[0] === '' || words[0]!.startsWith('#')) continue
    if (classes === null) classes = countOf(words[0], line, 'classes')
    else if (left > 0) {
      current.set(words[0]!, flowOf(words, line))
      left--
    } else {
      if (words[0] !== 'class' || words[1] === undefined) throw fault(line, 'a class is expected', '`class NAME COUNT`')
      if (map.size === classes) throw fault(line, `there are more than ${classes} classes`)
      left = countOf(words[2], line, 'permissions')
      map.set(words[1], current = new Map())
    }
  }
  if (classes === null) throw fault(1, 'this is not a permission map', 'it begins with the number of its classes')
  if (left > 0) throw fault(text.split('\n').length, `${left} permissions of the last class are missing`)
  return map
}

/** The map in the format that is read. */
export const permissionMapText = (map: PermissionMap): string => {
  const classes = [...map].map(([name, permissions]) => {
    const rows = [...permissions].map(([permission, { direction, weight }]) =>
      `${permission.padStart(24)} ${direction.padStart(9)} ${String(weight).padStart(9)}\n`)
    return `class ${name} ${permissions.size}\n${rows.join('')}\n`
  })
  return `${map.size}\n\n${classes.join('')}`
}
