/** Assertions about flows that must not be, asked of a policy. */
import { parseAssertions } from '@lsmkit/core/policy/flow'
import type { FlowAssertion } from '@lsmkit/core/policy/flow'
import type { Check } from '@lsmkit/report'
import { DomainTransitions } from '@lsmkit/selinux/flow'
import { CommandError } from '../../command-error.ts'
import { parsedFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import type { Output } from '../../output.ts'
import type { Opened } from './engine.ts'

interface Step {
  readonly from: string
  readonly to: string
  /** What lets it be: rules, or of a domain transition the programs. */
  readonly by: readonly string[]
}

export interface Forbidden {
  readonly file: string
  readonly line: number
  readonly assertion: string
  readonly path: readonly string[]
  /** Null of a chain of transitions. */
  readonly weight: number | null
  readonly steps: readonly Step[]
}

export interface ForbiddenFlows {
  /** Assertions there are. */
  readonly assertions: number
  readonly forbidden: readonly Forbidden[]
}

/** Throws CommandError for what is not an assertion, and for names that the policy does not have. */
export const forbiddenOf = (io: Io, opened: Opened, file: string): ForbiddenFlows => {
  const assertions = parsedFile(io, file, parseAssertions)
  const found = assertions.map((assertion) => at(file, assertion, () =>
    assertion.kind === 'domain' ? chainOf(opened, assertion) : flowOf(opened, assertion)))
  const forbidden = assertions.flatMap(({ line, text }, i) =>
    (found[i] === null ? [] : [{ file, line, assertion: text, ...found[i]! }]))
  return { assertions: assertions.length, forbidden }
}

type Found = Pick<Forbidden, 'path' | 'weight' | 'steps'> | null

/** Runs a question; an error of it is told with the line that asked. */
const at = (file: string, { line }: FlowAssertion, ask: () => Found): Found => {
  try {
    return ask()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { hint, summary = error.message } = error as { hint?: string | null, summary?: string }
    throw new CommandError('badInput', `${file}:${line}: ${summary}`, hint ?? undefined)
  }
}

const flowOf = ({ engine }: Opened, { from, to, except, minWeight, steps }: FlowAssertion): Found => {
  const flow = engine.first(from, to, { exclude: except, minWeight, steps })
  if (flow === null) return null
  const { path, weight } = flow
  const by = path.slice(1).map((target, i) => ({
    from: path[i]!, to: target, by: engine.rulesOf(path[i]!, target, minWeight ?? engine.minWeight),
  }))
  return { path, weight, steps: by }
}

const chainOf = ({ selinux, booleans }: Opened, { from, to, except, steps }: FlowAssertion): Found => {
  if (selinux === null) throw new CommandError('badInput', 'Smack has no domains')
  const chain = new DomainTransitions(selinux, { exclude: except, booleans }).first(from, to, steps)
  if (chain === null) return null
  return { path: [chain[0]!.source, ...chain.map(({ target }) => target)], weight: null,
    steps: chain.map(({ source, target, entrypoints, dynamic }) =>
      ({ from: source, to: target, by: dynamic ? [...entrypoints, 'dynamically'] : entrypoints })) }
}

/** All assertions are one check, so that a report names what held too. */
export const checksOf = ({ assertions, forbidden }: ForbiddenFlows): Check[] => [{
  name: `${assertions} assertions about flows`,
  findings: forbidden.map(({ file, line, assertion, path, steps }) => ({
    rule: 'flow/forbidden', level: 'error', file, line, message: `${assertion}: ${path.join(' -> ')}`,
    properties: { path, steps },
  })),
}]

export const printForbidden = (io: Output, { assertions, forbidden }: ForbiddenFlows): void => {
  for (const { file, line, assertion, path, steps } of forbidden) {
    io.print(`${file}:${line}: ${io.colors.red('forbidden')}: ${assertion}`)
    io.print(`  ${path.join(' -> ')}`)
    for (const { from, to, by } of steps) {
      io.print(`    ${from} -> ${to}`)
      for (const rule of by) io.print(`      ${rule}`)
    }
  }
  io.print(`${assertions - forbidden.length} of ${assertions} assertions hold`)
}
