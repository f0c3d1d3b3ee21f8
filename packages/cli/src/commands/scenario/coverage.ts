/** `lsm scenario --coverage`: which rules of the policies the scenarios used, and which never. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { LandlockCoverage } from '@lsmkit/landlock/coverage'
import { coveredLines, PolicyCoverage } from '@lsmkit/selinux/coverage'
import type { CoveredLine } from '@lsmkit/selinux/coverage'
import { SmackCoverage } from '@lsmkit/smack/coverage'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import type { Output } from '../../output.ts'
import { cilSources, isCil } from '../selinux/inputs.ts'

export interface CoverageFlags {
  readonly coverage?: boolean
  readonly lcov?: string
  readonly failUnder?: number
}

interface Part {
  /** `policy.cil`, `type transitions of policy.cil`, `rules of Smack`. */
  readonly name: string
  readonly total: number
  readonly used: number
  readonly never: readonly string[]
}

/** What a run of scenarios gathers. */
export class ScenarioCoverage {
  readonly landlock = new LandlockCoverage()
  readonly smack = new SmackCoverage()
  private readonly policies = new Map<string, PolicyCoverage>()

  /** The gatherer of one policy file. */
  selinux(name: string, policy: () => Policydb): PolicyCoverage {
    const known = this.policies.get(name) ?? new PolicyCoverage(policy())
    this.policies.set(name, known)
    return known
  }

  parts(): Part[] {
    const smack = this.smack.rules()
    const { rulesets, ...landlock } = this.landlock.rulesets()
    return [
      ...[...this.policies].flatMap(([name, coverage]) => policyParts(name, coverage)),
      ...smack.rules.length === 0 ? [] : [{
        name: 'rules of Smack', total: smack.rules.length, used: smack.used,
        never: smack.rules.filter(({ used }) => !used).map(({ text }) => text),
      }],
      ...landlock.total === 0 ? [] : [{
        name: 'rules of Landlock', ...landlock,
        never: rulesets.flatMap(({ rules }, i) =>
          rules.filter(({ used }) => used.length === 0).map(({ text }) => `ruleset ${i + 1}: ${text}`)),
      }],
    ]
  }

  /** In percent; of no rules at all it is 100. */
  percent(): number {
    const parts = this.parts()
    const total = parts.reduce((sum, part) => sum + part.total, 0)
    return total === 0 ? 100 : (parts.reduce((sum, part) => sum + part.used, 0) / total) * 100
  }

  /** Lines of the policies that are CIL. */
  writeLcov(io: Io, file: string): void {
    const lines = [...this.policies].filter(([name]) => isCil(io, name))
      .flatMap(([name, coverage]) => coveredLines(coverage, cilSources(io, [name])))
    try {
      writeFileSync(resolve(io.cwd, file), lcovText(lines))
    } catch (error) {
      throw new CommandError('badInput', `\`${file}\` cannot be written: ${(error as NodeJS.ErrnoException).code}`)
    }
  }
}

/** Its allow rules, and its type transitions where it has some. */
const policyParts = (name: string, coverage: PolicyCoverage): Part[] => {
  const { rules, used } = coverage.rules()
  const never = rules.filter((rule) => rule.used.length === 0).map(({ text }) => text)
  const allows = { name, total: rules.length, used, never }
  const transitions = coverage.transitions()
  if (transitions.rules.length === 0) return [allows]
  return [allows, {
    name: `type transitions of ${name}`, total: transitions.rules.length, used: transitions.used,
    never: transitions.rules.filter(({ uses }) => uses.length === 0).map(({ text }) => text),
  }]
}

const lcovText = (lines: readonly CoveredLine[]): string => {
  const files = new Map<string, Map<number, number>>()
  for (const { file, line, hits } of lines) {
    const own = files.get(file) ?? new Map<number, number>()
    files.set(file, own.set(line, (own.get(line) ?? 0) + hits))
  }
  return Array.from(files, ([file, own]) => {
    const hit = [...own.values()].filter((hits) => hits > 0).length
    const data = [...own].sort(([a], [b]) => a - b).map(([line, hits]) => `DA:${line},${hits}\n`)
    return `TN:\nSF:${file}\n${data.join('')}LF:${own.size}\nLH:${hit}\nend_of_record\n`
  }).join('')
}

const SHOWN = 20

export const printCoverage = (out: Output, coverage: ScenarioCoverage): void => {
  for (const { name, total, used, never } of coverage.parts()) {
    const share = total === 0 ? 100 : Math.round((used / total) * 1000) / 10
    out.print(`${name}: ${used} of ${total} rules used (${share} %)`)
    for (const text of never.slice(0, SHOWN)) out.print(`  never: ${text}`)
    if (never.length > SHOWN) out.print(`  … and ${never.length - SHOWN} more; --json has all`)
  }
}
