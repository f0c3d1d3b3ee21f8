/** A tree of mounts, as bwrap, systemd and runtimes of OCI make one: what may be done at a path of it. */
import { decidingPath, isGranted } from './decision.ts'
import type { Plain, Rights } from './plain.ts'
import { isNothing, NO_RIGHTS } from './plain.ts'
import type { Node } from './plain.ts'
import { isBeneath } from './question.ts'
import type { Answers } from './question.ts'

export interface View {
  readonly kind: 'bind' | 'tmpfs' | 'overlay' | 'hidden'
  readonly target: string
  /** Of the host, where there is one. */
  readonly source: string | null
  readonly readOnly: boolean
  readonly noExec: boolean
}

/** The mounts that show a policy's places: one a node. Places without rights are hidden where a mount shows them. */
export const viewsOf = ({ nodes, mounts }: Plain): View[] => {
  const views: View[] = []
  for (const node of nodes) {
    const view = viewOf(node, mounts)
    if (view.kind !== 'hidden' || views.some(({ target }) => isBeneath(node.path, target))) views.push(view)
  }
  return views
}

const viewOf = ({ path, host, rights }: Node, mounts: Plain['mounts']): View => {
  const rest = { target: path, readOnly: !rights.write, noExec: !rights.execute }
  if (isNothing(rights)) return { ...rest, kind: 'hidden', source: null }
  const place = mounts.filter(({ target }) => isBeneath(path, target)).at(-1)?.place
  if (place?.kind === 'memory') return { ...rest, kind: 'tmpfs', source: null }
  const isCopied = place?.kind === 'host-folder' && place.copyOnWrite === true && place.writable !== true
  return { ...rest, kind: isCopied && rights.write ? 'overlay' : 'bind', source: host }
}

/** Of the deepest mount above a path. A path that no mount shows does not exist. */
export const rightsInView = (views: readonly View[], path: string): Rights => {
  const view = views.filter(({ target }) => isBeneath(path, target)).reduce<View | null>(
    (deepest, one) => (deepest === null || one.target.length >= deepest.target.length ? one : deepest), null)
  if (view === null || view.kind === 'hidden') return NO_RIGHTS
  return { read: true, write: !view.readOnly, execute: !view.noExec }
}

/** Answers to questions of paths alone. */
export const viewAnswers = (views: readonly View[]): Answers => (question) =>
  question.kind !== 'path' || isGranted(rightsInView(views, decidingPath(question, question.path)), question.right)
