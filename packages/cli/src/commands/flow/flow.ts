/** `lsm flow`: where information and domains can go, and whether they go where they must not. */
import type { Finding } from '@lsmkit/report'
import { DomainTransitions, defaultPermissionMap, permissionMapText } from '@lsmkit/selinux/flow'
import type { DomainTransition } from '@lsmkit/selinux/flow'
import { SmackFlowError } from '@lsmkit/smack/flow'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { EXIT, printLines, printLongJson } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { openFlows } from './engine.ts'
import type { EngineFlags, Flow, FlowEngine, Opened } from './engine.ts'
import { checksOf, forbiddenOf, printForbidden } from './forbidden.ts'

export interface FlowFlags extends Omit<EngineFlags, 'policy'>, ReportFlags {
  readonly policy?: string
  readonly allPaths?: number
  readonly into?: boolean
  readonly domain?: boolean
  readonly forbid?: string
  readonly rules?: boolean
  readonly limit: number
  readonly printMap?: boolean
}

/** A label that is not known is wrong usage, as a type is. */
const named = <T>(work: () => T): T => {
  try {
    return withCommandErrors(work)
  } catch (error) {
    if (error instanceof SmackFlowError) throw new CommandError('usage', error.summary, error.hint ?? undefined)
    throw error
  }
}

/** Ends with 1 when there is a flow; with `--forbid`, when there is one that must not be. */
export const flowCommand = (
  io: Io, from: string | undefined, to: string | undefined, flags: FlowFlags,
): number => {
  if (flags.printMap) {
    printLines(io, permissionMapText(defaultPermissionMap()).trimEnd())
    return EXIT.ok
  }
  return reported(io, 'flow', flags, () => named(() => outcomeOf(io, from, to, flags)))
}

const outcomeOf = (io: Io, from: string | undefined, to: string | undefined, flags: FlowFlags): Outcome => {
  const { policy } = flags
  if (policy === undefined) throw new CommandError('usage', 'which policy?', '--policy FILE')
  if (from === undefined && flags.forbid === undefined) {
    throw new CommandError('usage', 'from where?', 'name a type or label, or a file of assertions: --forbid FILE')
  }
  const opened = openFlows(io, { ...flags, policy })
  noteUnmapped(io, opened.engine, flags)
  const found = from === undefined ? null : flags.domain ? domainsOf(opened, from, to, flags)
    : flowsOf(opened.engine, from, to, flags)
  const forbidden = flags.forbid === undefined ? null : forbiddenOf(io, opened, flags.forbid)
  return {
    code: (forbidden?.forbidden ?? found!).length > 0 ? EXIT.denied : EXIT.ok,
    checks: forbidden === null
      ? [{ name: `flows from ${from}`, file: policy, findings: found!.lines.map(({ text }) => flowFinding(text)) }]
      : checksOf(forbidden),
    rules,
    json: (out) => printLongJson(out, { ...found?.json, ...forbidden }),
    pretty(out) {
      if (found !== null) print(out, opened.engine, found, flags)
      if (forbidden !== null) printForbidden(out, forbidden)
    },
  }
}

const rules = {
  'flow/found': 'Information or a domain can get there.',
  'flow/forbidden': 'A flow is there that must not be.',
}

const flowFinding = (text: string): Finding => ({ rule: 'flow/found', level: 'note', message: text })

interface Found {
  readonly length: number
  /** More than are listed. */
  readonly truncated: boolean
  readonly json: object
  /** A line for each, and the steps it has. */
  readonly lines: readonly { text: string; steps: readonly (readonly [from: string, to: string])[] }[]
}

const pathText = (path: readonly string[]): string => path.join(' -> ')

const stepsOf = (path: readonly string[]): [string, string][] =>
  path.slice(1).map((to, i) => [path[i]!, to])

/** At most `limit` of them, and whether there are more. */
const take = <T>(items: Iterable<T>, limit: number): { taken: T[]; truncated: boolean } => {
  const taken: T[] = []
  for (const item of items) {
    if (taken.length === limit) return { taken, truncated: true }
    taken.push(item)
  }
  return { taken, truncated: false }
}

const flowsOf = (engine: FlowEngine, from: string, to: string | undefined, flags: FlowFlags): Found => {
  const { taken, truncated } = take<Flow>(to === undefined ? (flags.into ? engine.into(from) : engine.out(from))
    : flags.allPaths === undefined ? engine.shortest(from, to) : engine.all(from, to, flags.allPaths), flags.limit)
  return { length: taken.length, truncated, json: { flows: taken, ...truncated ? { truncated } : {} },
    lines: taken.map(({ path, weight }) => ({ text: `${pathText(path)}  (weight ${weight})`, steps: stepsOf(path) })) }
}

const domainsOf = (
  { selinux, booleans }: Opened, from: string, to: string | undefined, flags: FlowFlags,
): Found => {
  if (selinux === null) throw new CommandError('usage', 'Smack has no domains', '`--domain` is for SELinux')
  const { exclude = [], allPaths, into, limit } = flags
  const domains = new DomainTransitions(selinux, { exclude, booleans })
  if (to === undefined) {
    const { taken, truncated } = take(into ? domains.to(from) : domains.from(from), limit)
    return { length: taken.length, truncated, json: { transitions: taken, ...truncated ? { truncated } : {} },
      lines: taken.map((one) => ({ text: transitionText(one), steps: [] })) }
  }
  const { taken, truncated } = take(
    allPaths === undefined ? domains.shortest(from, to) : domains.all(from, to, allPaths), limit)
  const paths = taken.map((chain) => [chain[0]!.source, ...chain.map(({ target }) => target)])
  const single = new Map(taken.flat().map((one) => [`${one.source} ${one.target}`, one]))
  return { length: taken.length, truncated,
    json: { transitions: [...single.values()], paths, ...truncated ? { truncated } : {} },
    lines: taken.map((chain, i) => ({
      text: [pathText(paths[i]!), ...chain.map((one) => `  ${transitionText(one)}`)].join('\n'), steps: [],
    })) }
}

export const transitionText = ({ source, target, entrypoints, dynamic }: DomainTransition): string => {
  const ways = [...entrypoints.length === 0 ? [] : [`by ${entrypoints.join(', ')}`], ...dynamic ? ['dynamically'] : []]
  return `${source} -> ${target}  (${ways.join('; ')})`
}

const print = (io: Output, engine: FlowEngine, { length, truncated, lines }: Found, flags: FlowFlags): void => {
  if (length === 0) io.print(flags.domain ? 'no transition' : 'no flow')
  for (const { text, steps } of lines) {
    printLines(io, text)
    if (!flags.rules) continue
    for (const [a, b] of steps) {
      io.print(`  ${a} -> ${b}`)
      for (const rule of engine.rulesOf(a, b)) io.print(`    ${rule}`)
    }
  }
  if (truncated) io.note(`there are more than ${length}: --limit N shows more of them`)
}

/** What a map passes over in silence could be the very flow that was asked about. */
const noteUnmapped = (io: Io, engine: FlowEngine, { map, domain }: FlowFlags): void => {
  const unmapped = domain ? [] : engine.unmapped?.() ?? []
  if (unmapped.length === 0) return
  const some = unmapped.slice(0, 3).join(', ')
  io.note(`${unmapped.length} permissions are not in ${map === undefined ? 'the permission map' : `\`${map}\``} ` +
    `and count as no flow: ${some}${unmapped.length > 3 ? ' …' : ''}`)
}
