/** Items about the mounts of a policy, for formats that have no mounts of their own. */
import { isNothing } from '../plain.ts'
import type { Plain } from '../plain.ts'
import { isBeneath } from '../question.ts'
import { lost, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'

/** Rules name places of the host: they add up there, whatever the box shows. `adds`: rights are never taken away. */
export const movedItems = (plain: Plain, format: string): Unsaid[] => {
  const { mounts, nodes } = plain
  const items: Unsaid[] = []
  for (const { target, place } of mounts) {
    const where = `mounts: ${target}`
    if (place.kind === 'memory') {
      items.push(lost('memory', where, `${format} makes no files in memory: \`${target}\` is the host's own folder`))
      continue
    }
    if (place.copyOnWrite === true) {
      items.push(lost('copy-on-write', where, `changes go to \`${place.path}\` itself, at once`))
    }
    if (place.path !== target) {
      items.push(lost('moved', where, `programs find \`${place.path}\` under its own name, not as \`${target}\``))
    }
  }
  const granted = nodes.filter(({ rights }) => !isNothing(rights))
  const targets = mounts.map(({ target }) => target)
  const isBetween = (path: string, top: string): boolean =>
    targets.some((target) => target !== top && isBeneath(target, top) && isBeneath(path, target))
  const isMoved = granted.some(({ path, host }) => path !== host)
  if (isMoved || granted.some(({ path }) => targets.some((target) => target !== path && isBeneath(target, path)))) {
    items.push(wider('overlap', 'mounts',
      `rights of ${format} are for places of the host: they add up, and a mount below one takes none away`,
      (question) => (question.kind === 'path' || question.kind === 'unix') &&
        granted.some(({ path, host }) => isBeneath(question.host, host) &&
          (!isBeneath(question.path, path) || isBetween(question.path, path)))))
  }
  return items
}
