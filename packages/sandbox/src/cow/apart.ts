/** Two copy-on-write folders of a box may be one folder of the host, or lie in each other. */
import { SandboxError } from '../sandbox-error.ts'
import type { ErrorPlace } from '../sandbox-error.ts'
import type { Plan } from './apply-plan.ts'
import { pathInBox } from './change.ts'
import type { CowFolder } from './cow-folder.ts'

interface Planned {
  readonly folder: CowFolder
  readonly plan: Plan
}

const isWithin = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`)

const overlap = ({ tree: a }: CowFolder, { tree: b }: CowFolder): boolean =>
  isWithin(a.realPath, b.realPath) || isWithin(b.realPath, a.realPath)

interface Touched {
  readonly host: string
  /** In the box. */
  readonly path: string
  /** All below it goes too. */
  readonly isTaken: boolean
}

/** Names of the host that a plan changes. */
const touched = ({ folder, plan }: Planned): Touched[] => {
  const top = folder.tree.realPath
  return plan.chosen.flatMap(({ kind, path, lower }) => {
    const isTaken = kind === 'removed' || kind === 'renamed'
    return [...new Set([path, lower ?? path])]
      .map((name) => ({ host: `${top}/${name}`, path: pathInBox(folder.target, path), isTaken }))
  })
}

const areOne = (a: Touched, b: Touched): boolean =>
  a.host === b.host || (a.isTaken && isWithin(b.host, a.host)) || (b.isTaken && isWithin(a.host, b.host))

/** Throws SandboxError where two folders would write the same name of the host. Nothing has been written. */
export const assertApart = (plans: readonly Planned[]): void => {
  const places = plans.flatMap((one, i): ErrorPlace[] => {
    const near = plans.slice(i + 1).filter(({ folder }) => overlap(one.folder, folder)).flatMap(touched)
    if (near.length === 0) return []
    return touched(one).flatMap((name) => {
      const other = near.find((there) => areOne(name, there))
      return other === undefined ? [] : [{ path: name.path, reason: `\`${other.path}\` is the same name of the host` }]
    })
  })
  const [first] = places
  if (first === undefined) return
  throw new SandboxError('host-changed', `\`${first.path}\`: ${first.reason}`, {
    place: 'apply', places, hint: 'apply the changes of one folder, look at box.changes() again, then apply the others',
  })
}
