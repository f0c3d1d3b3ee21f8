/** A plan whose program is watched: the filter asks, and the watch knows what Landlock was given. */
import { realpathSync } from 'node:fs'
import { SECCOMP_RET_ALLOW } from '@lsmkit/abi'
import { filterCodes } from '@lsmkit/sandbox/policy-parts'
import { hostPathOf } from '../plan/mapping.ts'
import type { HostPlace } from '../plan/mapping.ts'
import type { Plan } from '../plan/plan.ts'
import { joinFilters } from './filter.ts'
import { askingFilter } from './filter-refusals.ts'
import type { HostRules } from './host-rules.ts'
import type { Watch } from './watch.ts'

export const allowAll = [{ code: filterCodes.RETURN, jt: 0, jf: 0, k: SECCOMP_RET_ALLOW }]

export const watchedPlan = (plan: Plan, { filter }: Watch): Plan =>
  ({ ...plan, filter: joinFilters(askingFilter(plan.filter ?? allowAll), filter) })

const pathOf = (place: HostPlace, privates: ReadonlyMap<string, string>): string => {
  const folder = place.private === null ? place.folder : privates.get(place.private) ?? place.folder
  return hostPathOf({ ...place, folder })
}

const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** What Landlock is given, by paths of the host without links. */
const hostRulesOf = ({ landlock }: Plan, privates: ReadonlyMap<string, string>): HostRules => {
  const paths = new Map<string, number>()
  for (const { place, rights } of landlock?.paths ?? []) {
    const path = realPath(pathOf(place, privates))
    paths.set(path, (paths.get(path) ?? 0) | rights)
  }
  const { fs = 0, net = 0, scope = 0, ports = [] } = landlock ?? {}
  return { fs, net, scope, paths, ports: new Map(ports) }
}

/** For `onListener` of a start. The rules are those of `model`; the filter is the one that `watchedPlan` was given. */
export const attaching = ({ filter, user }: Plan, model: Plan, watch: Watch) =>
  (listener: number, _pid: number, privates: ReadonlyMap<string, string>, probe: number): void =>
    watch.attach(listener, hostRulesOf(model, privates), { user, filter, probe })
