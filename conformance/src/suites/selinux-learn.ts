/**
 * Learned calls of interfaces beside those of `audit2allow -R` (`record/selinux-learn`): both modules are compiled and
 * linked onto the policy, and what is new in each is counted there. Ours has to let pass what theirs does, and to allow
 * no more.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { answerWithInterfaces, learn, readDenials, teModuleOfCalls } from '@lsmkit/selinux/learn'
import { linkModules, neededAttributes } from '@lsmkit/selinux/module'
import { readPolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { TeRules } from '@lsmkit/selinux/query'
import {
  compiledToCil, compileTe, interfaceGrants, PolicyHeaders, readBuildConf, SourceError,
} from '@lsmkit/selinux/source'
import type { InterfaceGrants, SourceFile } from '@lsmkit/selinux/source'
import { parseJsonLines } from '../json.ts'
import { newAccesses } from '../selinux/new-accesses.ts'
import { played, UsageError } from '../suite.ts'
import type { Options, Row, Suite } from '../suite.ts'

const DEVEL = '/usr/share/selinux/devel/include'

interface Line {
  readonly id: string
  readonly log: readonly string[]
  /** The module of audit2allow. */
  readonly te: string
}

const filesWithin = (folder: string): SourceFile[] => readdirSync(folder).sort().flatMap((entry) => {
  const name = join(folder, entry)
  return statSync(name).isDirectory() ? filesWithin(name) : [{ name, text: readFileSync(name, 'utf8') }]
})

class Comparison {
  readonly #policy: Policydb
  readonly #rules: TeRules
  readonly #headers: PolicyHeaders
  readonly #grants: readonly InterfaceGrants[]
  readonly counts = { less: 0, same: 0, more: 0, refusedTheirs: 0, ours: 0, theirs: 0 }

  constructor(policy: Policydb, devel: string) {
    const files = filesWithin(devel)
    const ending = (end: string): SourceFile[] => files.filter(({ name }) => name.endsWith(end))
    const [build] = ending('build.conf')
    const interfaces = ending('.if')
    this.#policy = policy
    this.#rules = new TeRules(policy)
    this.#headers = new PolicyHeaders({
      support: ending('.spt'), interfaces, ...(build === undefined ? {} : { build: readBuildConf(build) }),
    })
    this.#grants = interfaceGrants(this.#headers, interfaces)
  }

  compare({ log, te }: Line): string {
    const { rules } = learn(readDenials(log.join('\n')), { policy: this.#rules })
    const { calls, rest } = answerWithInterfaces(rules, this.#rules, this.#grants)
    const own = teModuleOfCalls('ours', calls, rest)
    const after = own === null ? this.#policy : this.#linked(own)
    const left = learn(readDenials(log.join('\n')), { policy: new TeRules(after) }).rules
      .filter(({ permissions }) => permissions.length > 0)
    if (left.length > 0) return `refused still: ${left.map(({ cil }) => cil).join(' ')}`
    let theirs: number
    try {
      theirs = newAccesses(this.#policy, this.#linked(te))
    } catch (error) {
      if (!(error instanceof SourceError) && !String(error).includes('unresolved')) throw error
      this.counts.refusedTheirs++
      return 'no more'
    }
    const ours = newAccesses(this.#policy, after)
    this.counts.ours += ours
    this.counts.theirs += theirs
    this.counts[ours < theirs ? 'less' : ours === theirs ? 'same' : 'more']++
    return ours <= theirs ? 'no more' : `${ours} accesses beside ${theirs}: ${calls.map(({ text }) => text).join(' ')}`
  }

  #linked(text: string): Policydb {
    const compiled = compileTe({ name: 'learned.te', text }, { headers: this.#headers })
    const module = { name: 'learned.te', text: compiledToCil(compiled), ...neededAttributes(compiled.module) }
    return linkModules(this.#policy, [module], { disableNeverallow: true, multipleDeclarations: true }).policy
  }
}

let comparison: Comparison | null = null

export const selinuxLearn: Suite = {
  options: ['policy', 'devel'],
  *run(inputs, { policy, devel = DEVEL }: Options) {
    if (policy === undefined || !existsSync(policy)) {
      throw new UsageError('the policy is missing', '--policy FILE, which the answers were recorded with')
    }
    if (!existsSync(devel)) throw new UsageError(`\`${devel}\` is missing`, 'apt install selinux-policy-dev')
    const asked = comparison = new Comparison(readPolicy(new Uint8Array(readFileSync(policy))), devel)
    for (const input of inputs) {
      for (const line of parseJsonLines<Line>(input)) {
        yield { id: line.id, expected: 'no more', got: played(() => asked.compare(line)) } satisfies Row
      }
    }
  },
  totals: () => Object.entries(comparison?.counts ?? {}),
}
