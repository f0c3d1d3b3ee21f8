/** A policy of a file as one that a box takes: whatever a file says, mistakes are named and left out. */
import { LsmkitError } from '@lsmkit/core'
import { checkPolicy, isMistake, normalPath, parseRule } from '@lsmkit/sandbox/policy-parts'
import type { Allow, HostRule, Place, Policy } from '@lsmkit/sandbox/policy-parts'
import { EmitError } from './emit-error.ts'
import type { Format, LeftOut, Taken, Written } from './format.ts'

/** Null for a path that a policy can name. */
const pathMistake = (path: string): string | null => {
  if (!path.startsWith('/')) return `\`${path}\` is not a path from the root`
  if (/[\0*?[\]{}]/.test(path)) return `\`${path}\` is a pattern; a policy names directories`
  return path.split('/').includes('..') ? `\`${path}\` leads upwards` : null
}

type Leave = (place: string, text: string) => void

const soundPaths = (list: readonly string[] | undefined, leave: Leave): string[] => (list ?? []).flatMap((path) => {
  const mistake = pathMistake(path)
  if (mistake === null) return [normalPath(path)]
  leave(path, mistake)
  return []
})

const soundHosts = (list: readonly HostRule[] | undefined, leave: Leave): HostRule[] => (list ?? []).filter((host) => {
  const rule = parseRule(host)
  if (isMistake(rule)) leave(String(host), rule.message)
  return !isMistake(rule)
})

const soundAllow = ({ read, write, exec, hosts, connect = [], listen = [] }: Allow, leave: Leave): Allow => {
  const lists = {
    read: soundPaths(read, leave), write: soundPaths(write, leave), exec: soundPaths(exec, leave),
    connect, listen, hosts: soundHosts(hosts, leave),
  }
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))
}

const soundMounts = (mounts: Policy['mounts'], leave: Leave): Record<string, Place> | null => {
  const entries = Object.entries(mounts ?? {}).filter(([target]) => {
    const mistake = pathMistake(target)
    if (mistake !== null) leave(target, mistake)
    return mistake === null
  })
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

/** Throws EmitError for a file that cannot be used. */
export const takeFrom = (format: Format, written: Written): Taken => {
  const { policy: { allow = {}, mounts, ...rest }, leftOut } = format.take(written)
  const more: LeftOut[] = []
  const leave: Leave = (place, text) => void more.push({ place, text })
  const shown = soundMounts(mounts, leave)
  const policy = { ...rest, allow: soundAllow(allow, leave), ...(shown === null ? {} : { mounts: shown }) }
  try {
    return { policy: checkPolicy(policy), leftOut: [...leftOut, ...more] }
  } catch (error) {
    if (!(error instanceof LsmkitError)) throw error
    throw new EmitError('bad-file', error.summary, { place: error.place, hint: error.hint })
  }
}
