/** Flows of information and domains, compared with setools; `record/selinux-flow` makes the files. */
import { gunzipSync } from 'node:zlib'
import { readPolicy } from '@lsmkit/selinux/policydb'
import { PolicyView } from '@lsmkit/selinux/query'
import { DomainTransitions, InformationFlows, parsePermissionMap } from '@lsmkit/selinux/flow'
import type { DomainTransition, PermissionMap } from '@lsmkit/selinux/flow'
import { canonical, parseJsonLines } from '../json.ts'
import { UsageError } from '../suite.ts'
import type { Suite } from '../suite.ts'

type Paths = readonly (readonly string[])[]

interface PolicyLine {
  readonly policy: string
  /** Base64 of gzip. */
  readonly binary: string
  readonly map: string
}

interface FlowLine {
  readonly flow: readonly [from: string, to: string]
  readonly minWeight: number
  readonly exclude: readonly string[]
  readonly all?: number
  readonly paths?: Paths
  readonly shortest?: Paths
}

interface DirectLine {
  readonly direct: string
  readonly in: boolean
  readonly minWeight: number
  readonly exclude: readonly string[]
  readonly types: readonly string[]
}

interface DomainLine {
  readonly domain: readonly [from: string, to: string]
  readonly exclude: readonly string[]
  readonly all?: number
  readonly paths?: Paths
  readonly shortest?: Paths
}

interface TransitionsLine {
  readonly transitions: string
  readonly in: boolean
  readonly exclude: readonly string[]
  readonly found: readonly unknown[]
}

type Line = PolicyLine | FlowLine | DirectLine | DomainLine | TransitionsLine

interface Asked {
  readonly name: string
  readonly view: PolicyView
  readonly map: PermissionMap
}

const sorted = (lists: readonly (readonly unknown[])[]): string => {
  const texts = lists.map((list) => JSON.stringify(list))
  return `${texts.length} ${texts.sort().join(' ')}`
}

const row = ({ source, target, entrypoints, dynamic }: DomainTransition): unknown[] =>
  [source, target, entrypoints, dynamic]

const chainOf = (chain: readonly DomainTransition[]): string[] =>
  [chain[0]!.source, ...chain.map(({ target }) => target)]

/** Answer and expectation of one question, in that order. */
const answer = ({ view, map }: Asked, line: Exclude<Line, PolicyLine>): [got: string, expected: string] => {
  if ('transitions' in line) {
    const graph = new DomainTransitions(view, { exclude: line.exclude })
    const found = [...line.in ? graph.to(line.transitions) : graph.from(line.transitions)]
    return [sorted(found.map(row)), sorted(line.found as unknown[][])]
  }
  if ('domain' in line) {
    const graph = new DomainTransitions(view, { exclude: line.exclude })
    const found = line.all === undefined ? graph.shortest(...line.domain) : graph.all(...line.domain, line.all)
    return [sorted(Array.from(found, chainOf)), sorted((line.paths ?? line.shortest)!)]
  }
  const flows = new InformationFlows(view, { map, minWeight: line.minWeight, exclude: line.exclude })
  if ('direct' in line) {
    const found = [...line.in ? flows.into(line.direct) : flows.out(line.direct)]
    return [canonical(found.map(({ path }) => path[line.in ? 0 : 1]).sort()), canonical([...line.types].sort())]
  }
  const found = line.all === undefined ? flows.shortest(...line.flow) : flows.all(...line.flow, line.all)
  return [sorted(Array.from(found, ({ path }) => path)), sorted((line.paths ?? line.shortest)!)]
}

const idOf = (line: Exclude<Line, PolicyLine>): string => {
  const answers = ['paths', 'shortest', 'types', 'found']
  return JSON.stringify(Object.fromEntries(Object.entries(line).filter(([part]) => !answers.includes(part))))
}

export const selinuxFlow: Suite = {
  *run(inputs) {
    for (const input of inputs) {
      let asked: Asked | null = null
      for (const line of parseJsonLines<Line>(input)) {
        if ('policy' in line) {
          const policy = readPolicy(gunzipSync(Buffer.from(line.binary, 'base64')))
          asked = { name: line.policy, view: new PolicyView(policy), map: parsePermissionMap(line.map) }
          continue
        }
        if (asked === null) throw new UsageError(`\`${input.path}\` begins with no policy`)
        const [got, expected] = answer(asked, line)
        yield { id: `${asked.name} ${idOf(line)}`, expected, got }
      }
    }
  },
}
