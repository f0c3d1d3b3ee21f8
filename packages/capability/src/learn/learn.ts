/** The least set of each program, with what each capability permits beyond what was seen, and what would do instead. */
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, capName, capSetOf } from '@lsmkit/abi'
import { proposalNotes } from '@lsmkit/core/policy/audit-log'
import type { Proposal } from '@lsmkit/core/policy/audit-log'
import { capToText } from '../cap-to-text.ts'
import type { CapabilityCheck } from './checks.ts'
import { capWords } from './words.ts'

/** `text` is the program and its set, as cap_from_text(3) reads it: `ping cap_net_raw=ep`. */
export interface CapabilityProposal extends Proposal {
  readonly program: string
  /** Numbers, rising. */
  readonly caps: readonly number[]
  /** The set alone: `cap_net_raw=ep`. */
  readonly set: string
  /** Capabilities that were only looked for, and are not in the set. */
  readonly probed: readonly number[]
}

export interface LearnedCapabilities {
  readonly proposals: readonly CapabilityProposal[]
  /** A line for each program under what was seen. */
  readonly text: string
}

/** Takes what `readCapabilityChecks` reads. Programs are told apart by their names. */
export const learnCapabilities = (checks: readonly CapabilityCheck[]): LearnedCapabilities => {
  const programs = new Map<string, CapabilityCheck[]>()
  for (const check of withoutFallbacks(checks)) {
    const own = programs.get(check.comm)
    if (own === undefined) programs.set(check.comm, [check])
    else own.push(check)
  }
  const proposals = [...programs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([program, own]) => proposalOf(program, own))
  const lines = proposals.map((one) => `${proposalNotes(one).map((note) => `# ${note}\n`).join('')}${one.text}\n`)
  return { proposals, text: lines.join('\n') }
}

/**
 * Whoever may not read a file is asked for cap_dac_read_search first and for cap_dac_override next: a log of refusals
 * has both, and the first would have done.
 */
const withoutFallbacks = (checks: readonly CapabilityCheck[]): CapabilityCheck[] =>
  checks.filter((check, i) => {
    const before = checks[i - 1]
    return !(check.cap === CAP_DAC_OVERRIDE && before?.cap === CAP_DAC_READ_SEARCH && before.pid === check.pid &&
      before.outcome === 'denied' && check.outcome === 'denied')
  })

const capsOf = (checks: readonly CapabilityCheck[]): number[] =>
  [...new Set(checks.map(({ cap }) => cap))].sort((a, b) => a - b)

const nameOf = (cap: number): string => capName(cap).toLowerCase()

const proposalOf = (program: string, checks: readonly CapabilityCheck[]): CapabilityProposal[] => {
  const needed = checks.filter(({ isProbe }) => !isProbe)
  const [first] = needed
  if (first === undefined) return []
  const caps = capsOf(needed)
  const probed = capsOf(checks).filter((cap) => !caps.includes(cap))
  const set = capToText({ effective: capSetOf(...caps), permitted: capSetOf(...caps), inheritable: capSetOf() })
  const words = (field: 'permits' | 'escalates' | 'instead'): string[] => caps.flatMap((cap) => {
    const text = capWords[cap]![field]
    return text === null ? [] : [`${nameOf(cap)}: ${text}`]
  })
  return [{
    program, caps, set, probed,
    // what is no name would be read as another line
    text: `${program.replace(/[^\x21-\x7e]/g, '?')} ${set}`,
    seen: needed.length, line: first.line, commands: [program], objects: caps.map(nameOf),
    beyond: words('permits'), instead: words('instead'), broad: words('escalates'),
  }]
}
