/**
 * The wishes of a state of a rollout, one a host. The name of the step goes with it: a controller writes `want`
 * only over one of another step, so that each change of direction is written to every host that was begun, and a
 * controller that was stopped in between finds another revision when it goes on.
 */
import type { Mode } from '../agent/records.ts'
import { reached } from './state.ts'
import type { Rollout, RolloutHost } from './state.ts'

export interface HostWant {
  readonly host: string
  readonly bundle: string
  readonly mode: Mode
  readonly by: string
}

const isGoingBack = ({ step }: Rollout): boolean => step === 'rolling-back' || step === 'rolled-back'

const wayBack = (state: Rollout): readonly HostWant[] => reached(state).flatMap(({ host, before }) =>
  before === null ? [] : [{ host, bundle: before, mode: 'enforce', by: `${state.id}/back` }])

const wayOn = ({ id, bundle, step }: Rollout, hosts: readonly RolloutHost[], ring: number): readonly HostWant[] => {
  const mode: Mode = step === 'permissive' ? 'permissive' : 'enforce'
  const by = `${id}/${ring === 0 ? mode : `ring-${ring}`}`
  return hosts.map(({ host }) => ({ host, bundle, mode, by }))
}

/** Hosts of rings that were not begun are not in it: nothing is written for them. */
export const wantsOf = (state: Rollout): readonly HostWant[] => {
  if (state.step === 'draft') return []
  if (isGoingBack(state)) return wayBack(state)
  return state.rings.slice(0, state.ring + 1).flatMap(({ hosts }, i) => wayOn(state, hosts, i))
}

/** Those of `after` that `before` had not. */
export const newWants = (before: Rollout, after: Rollout): readonly HostWant[] => {
  const old = new Map(wantsOf(before).map(({ host, by }) => [host, by]))
  return wantsOf(after).filter(({ host, by }) => old.get(host) !== by)
}
