/** `lsm scenario --coverage`: which rules and programs the scenarios used, and which never. */
import { BpfCoverage } from '@lsmkit/bpf/coverage'
import { LandlockCoverage } from '@lsmkit/landlock/coverage'
import { coveredLines, PolicyCoverage } from '@lsmkit/selinux/coverage'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { SmackCoverage } from '@lsmkit/smack/coverage'
import { ScenarioCoverage } from '@lsmkit/testkit/scenario'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { writeFile } from '../../output-files.ts'
import { cilSources, isCil } from '../selinux/inputs.ts'

export interface CoverageFlags {
  readonly coverage?: boolean
  readonly lcov?: string
  readonly failUnder?: number
  /** Source types whose rules of SELinux do not count. */
  readonly without?: readonly string[]
}

/** The coverage that a run of scenarios gathers. */
export class RunCoverage {
  readonly smack = new SmackCoverage()
  readonly landlock = new LandlockCoverage()
  readonly bpf = new BpfCoverage()
  readonly all = new ScenarioCoverage(this.smack, this.landlock, this.bpf)
  readonly #policies = new Map<string, PolicyCoverage>()
  readonly #io: Io

  readonly #without: readonly string[]

  constructor(io: Io, without: readonly string[] = []) {
    this.#io = io
    this.#without = without
  }

  /** The gatherer of one policy file; lines are those of policies that are CIL. */
  selinux(name: string, policy: () => Policydb): PolicyCoverage {
    const known = this.#policies.get(name)
    if (known !== undefined) return known
    const coverage = new PolicyCoverage(policy())
    const odd = this.#without.find((type) => !coverage.view.hasType(type))
    if (odd !== undefined) throw new CommandError('badInput', `\`${name}\` has no type \`${odd}\``, '--without TYPE')
    this.#policies.set(name, coverage)
    this.all.add({
      parts: () => coverage.parts(name, this.#without),
      lines: () => (isCil(this.#io, name) ? coveredLines(coverage, cilSources(this.#io, [name])) : []),
    })
    return coverage
  }

  writeLcov(file: string): void {
    writeFile(this.#io, file, this.all.lcov())
  }
}
