/** Which differences `apply` writes, and in which order; refused as a whole where the host has changed one of them. */
import { SandboxError } from '../sandbox-error.ts'
import type { ErrorPlace } from '../sandbox-error.ts'
import { linkLeadsOut } from './change-list.ts'
import { pathInBox } from './change.ts'
import type { ApplyOptions, LeftOut } from './change.ts'
import { pathAfter } from './differences.ts'
import type { Conflict, Difference } from './differences.ts'

export interface Plan {
  readonly chosen: readonly Difference[]
  readonly left: readonly LeftOut[]
}

export const REASONS: Readonly<Record<Conflict | 'link', string>> = {
  changed: 'the host has changed it meanwhile', removed: 'the host has removed it meanwhile',
  made: 'the host has made something there', replaced: 'the host has put another directory on the way',
  link: 'the link leads out of the folder',
}

/** With what has to be there first, or gone: directories above, and what a name takes the place of. */
const closed = (all: readonly Difference[], first: readonly Difference[]): Difference[] => {
  const makesWay = ({ kind, type }: Difference): boolean =>
    type === 'directory' && (kind === 'added' || kind === 'renamed')
  const directories = new Map(all.filter(makesWay).map((one) => [one.path, one]))
  const renames = all.filter(({ kind, type }) => kind === 'renamed' && type === 'directory')
  // what goes away with a directory that moves would be in the way at its new place
  const leaving = new Map<string, Difference[]>()
  for (const one of all) {
    if (one.kind !== 'removed' && one.kind !== 'renamed') continue
    for (const path of new Set([one.lower!, pathAfter(renames.filter((other) => other !== one), one.lower!)])) {
      leaving.set(path, [...leaving.get(path) ?? [], one])
    }
  }
  const chosen = new Set(first)
  const todo = [...first]
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    const needed = [...above(one.path).map((path) => directories.get(path)),
      ...one.kind === 'removed' ? [] : leaving.get(one.path) ?? []]
    for (const other of needed) {
      if (other === undefined || chosen.has(other)) continue
      chosen.add(other)
      todo.push(other)
    }
  }
  return all.filter((one) => chosen.has(one))
}

const above = (path: string): string[] => {
  const names = path.split('/')
  return names.slice(1).map((_, i) => names.slice(0, i + 1).join('/'))
}

/** `all` is in the order of paths. Throws SandboxError with all places that stand in the way. */
export const planOf = (
  target: string, all: readonly Difference[], isMeant: (path: string) => boolean, options: ApplyOptions,
): Plan => {
  const wanted = closed(all, all.filter(({ path, kind, lower }) =>
    isMeant(path) || (kind === 'renamed' && isMeant(lower!))))
  const left = wanted.flatMap(({ path, type, attributes }): LeftOut[] => {
    if (type === 'special') return [{ path: pathInBox(target, path), why: 'special' }]
    return attributes.length > 0 ? [{ path: pathInBox(target, path), why: 'attributes' }] : []
  })
  const chosen = wanted.filter(({ type, kind }) => type !== 'special' || kind === 'removed')
  const places = chosen.flatMap(({ path, text, conflict }): ErrorPlace[] => {
    const leads = options.outsideLinks !== true && text !== null && linkLeadsOut(path, text)
    const why = leads ? 'link' : options.overwrite === true ? null : conflict
    return why === null ? [] : [{ path: pathInBox(target, path), reason: REASONS[why] }]
  })
  if (places.length > 0) throw refused(places)
  return { chosen, left }
}

/** Nothing has been written. */
export const refused = (places: readonly ErrorPlace[]): SandboxError => {
  const isLink = places.every(({ reason }) => reason === REASONS.link)
  const [first] = places
  const more = places.length === 1 ? '' : `, and ${places.length - 1} more`
  return new SandboxError(isLink ? 'link' : 'host-changed', `\`${first!.path}\`: ${first!.reason}${more}`, {
    place: 'apply', places,
    hint: isLink ? 'apply(…, { outsideLinks: true }) makes it all the same' :
      'look at box.changes() again, leave these out, or say { overwrite: true }',
  })
}
