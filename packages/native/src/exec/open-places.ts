/** Opens the places of a plan: each is looked up once, without following links, and its descriptor makes the rule. */
import { closeSync, constants, openSync } from 'node:fs'
import {
  EINVAL, ELOOP, ENOENT, ENOTDIR, errnoName, EXDEV, O_CLOEXEC, RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
} from '@lsmkit/abi'
import { ACCESS_FILE } from '@lsmkit/landlock/plan'
import { NativeError } from '../native-error.ts'
import { hostPathOf } from '../plan/mapping.ts'
import type { HostPlace } from '../plan/mapping.ts'
import type { LandlockPlan, PathRule, Plan } from '../plan/plan.ts'
import { openat2 } from '../sys/files.ts'
import { addPathRule, addPortRule, addQuietPath, createRuleset } from '../sys/landlock.ts'
import type { System } from '../sys/system.ts'

const O_PATH = 0x20_0000
const UNFOLLOWED = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS

const refused = (call: string, rc: number): NativeError =>
  new NativeError('start-failed', `\`${call}\` answered ${errnoName(rc)}`, { place: 'native' })

/** A descriptor of a place, or null where nothing is there: then there is nothing to grant. */
const openPlace = (
  system: System, place: HostPlace, { resolve }: Plan, privates: ReadonlyMap<string, string>,
): number | null => {
  const folder = place.private === null ? place.folder : privates.get(place.private)!
  let top: number
  try {
    top = openSync(folder, O_PATH | constants.O_DIRECTORY)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new NativeError('no-path', `\`${folder}\` cannot be opened: ${code}`, { hint: openHint(code), cause })
  }
  if (place.below === '') return top
  const fd = openat2(system, top, place.below, O_PATH | O_CLOEXEC, resolve ? 0 : UNFOLLOWED)
  closeSync(top)
  if (fd >= 0) return fd
  if (fd === -ENOENT || fd === -ENOTDIR) return null
  const path = hostPathOf(place)
  if (fd === -ELOOP || fd === -EXDEV) {
    throw new NativeError('no-path', `\`${path}\` leads over a link`, {
      hint: 'name where it leads to, or say `resolve: true` in the policy if you trust whoever made the link',
    })
  }
  const name = errnoName(fd)
  throw new NativeError('no-path', `\`${path}\` cannot be opened: ${name}`, { hint: openHint(name) })
}

const openHint = (name: string | undefined): string => (name === 'EACCES' || name === 'EPERM'
  ? 'you have to be allowed to reach what the policy grants' : 'leave it out of the policy, or mend it')

/** Why nothing would start: a sentence for each place that cannot be opened as the policy says. */
export const placeErrors = (system: System, plan: Plan): string[] => {
  const places = (plan.landlock?.paths ?? []).map(({ place }) => place).filter((place) => place.private === null)
  const sentences = places.flatMap((place) => {
    try {
      const at = openPlace(system, place, plan, new Map())
      if (at !== null) closeSync(at)
      return []
    } catch (error) {
      if (!(error instanceof NativeError)) throw error
      return [error.message]
    }
  })
  return [...new Set(sentences)]
}

const addRule = (system: System, ruleset: number, { rights }: PathRule, at: number): void => {
  let rc = addPathRule(system, ruleset, rights, at)
  // what is no directory has fewer rights
  const left = rights & ACCESS_FILE
  if (rc === -EINVAL && left !== rights) rc = left === 0 ? 0 : addPathRule(system, ruleset, left, at)
  if (rc !== 0) throw refused('landlock_add_rule', rc)
}

/** A descriptor of the ruleset of a plan. Calls `missing` for each path that does not exist. */
export const openRuleset = (
  system: System, plan: Plan, landlock: LandlockPlan, privates: ReadonlyMap<string, string>,
  missing: (path: string) => void,
): number => {
  const ruleset = createRuleset(
    system, landlock.fs, landlock.net, landlock.scope, landlock.quiet.length === 0 ? 0 : landlock.fs)
  if (ruleset < 0) throw refused('landlock_create_ruleset', ruleset)
  try {
    for (const rule of landlock.paths) {
      const at = openPlace(system, rule.place, plan, privates)
      if (at === null) {
        missing(hostPathOf(rule.place))
        continue
      }
      try {
        addRule(system, ruleset, rule, at)
      } finally {
        closeSync(at)
      }
    }
    for (const place of landlock.quiet) {
      const at = openPlace(system, place, plan, privates)
      if (at === null) continue
      const rc = addQuietPath(system, ruleset, at)
      closeSync(at)
      if (rc !== 0) throw refused('landlock_add_rule', rc)
    }
    for (const [port, rights] of landlock.ports) {
      const rc = addPortRule(system, ruleset, rights, port)
      if (rc !== 0) throw refused('landlock_add_rule', rc)
    }
    return ruleset
  } catch (error) {
    closeSync(ruleset)
    throw error
  }
}
