/** `lsm apparmor diff` and `exec-graph`: what changes between policies, and who may become whom. */
import { execGraph, policyChanges, policyExcess } from '@lsmkit/apparmor/query'
import type { ExecEdge, PolicyChange } from '@lsmkit/apparmor/query'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson } from '../../output.ts'
import { compileAll, policyNamed, withCommandErrors, type SourceFlags } from './inputs.ts'

export interface DiffFlags extends SourceFlags {
  readonly json?: boolean
}

const KINDS = { profile: '', field: '', file: 'files: ', rule: '' } satisfies Record<PolicyChange['kind'], string>

/** Ends with 1 when the two do not mean the same. */
export const diffCommand = (io: Io,
  before: string, after: string, flags: DiffFlags): number => withCommandErrors(() => {
  const changes = policyChanges(policyNamed(io, before, flags), policyNamed(io, after, flags))
  if (flags.json) printJson(io, { same: changes.length === 0, changes })
  else {
    for (const { profile, kind, text, example } of changes) {
      io.print(`${profile}: ${KINDS[kind]}${text}${example === null ? '' : `, as ${example}`}`)
    }
    if (changes.length === 0) io.print('no difference')
  }
  return changes.length === 0 ? EXIT.ok : EXIT.denied
})

export interface WithinFlags extends SourceFlags {
  readonly max: string
  readonly json?: boolean
}

/** Ends with 1 when the policy allows something that the maximum does not. */
export const withinCommand = (io: Io,
  policy: string, { max, ...flags }: WithinFlags): number => withCommandErrors(() => {
  const excess = policyExcess(policyNamed(io, policy, flags), policyNamed(io, max, flags))
  if (flags.json) printJson(io, { within: excess.length === 0, excess })
  else {
    for (const { profile, text, example } of excess) {
      io.print(`${profile}: ${text}${example === null ? '' : `, as ${example}`}`)
    }
    io.print(excess.length === 0 ? 'within the maximum' : `${counted(excess.length, 'thing')} beyond the maximum`)
  }
  return excess.length === 0 ? EXIT.ok : EXIT.denied
})

export interface GraphFlags extends SourceFlags {
  readonly json?: boolean
  readonly forbidUnconfined?: boolean
}

const edgeText = ({ from, to, by, fallback, programs, place }: ExecEdge): string => {
  const how = by === 'exec' ? `executes ${programs}` : by === 'change_hat' ? 'changes hat' : 'changes profile'
  const otherwise = fallback === null ? '' : `, else ${fallback === 'inherit' ? 'stays' : 'unconfined'}`
  return `${from} -> ${to}: ${how}${otherwise} (${place.file}:${place.line})`
}

const edgeJson = ({ place, ...edge }: ExecEdge): object => ({ ...edge, file: place.file, line: place.line })

/** Ends with 1 when `--forbid-unconfined` is given and a profile leads out of confinement. */
export const execGraphCommand = (io: Io,
  names: readonly string[], flags: GraphFlags): number => withCommandErrors(() => {
  const { edges, leaves } = execGraph(compileAll(io, names, flags).flatMap(({ profiles }) => profiles))
  if (flags.json) printJson(io, { edges: edges.map(edgeJson), leaves: Object.fromEntries(leaves) })
  else {
    for (const edge of edges) io.print(edgeText(edge))
    if (edges.length === 0) io.print('no profile leads to another')
    for (const way of leaves.values()) io.print(`${io.colors.yellow('leaves confinement')}: ${way.join(' -> ')}`)
  }
  return flags.forbidUnconfined === true && leaves.size > 0 ? EXIT.denied : EXIT.ok
})
