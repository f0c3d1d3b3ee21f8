/** Everything an administrator can set: what smackfs shows, as one value that can be used without a stack. */
import { aBoolean, aFunction, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { CipsoMap } from './cipso.ts'
import { SmackError } from './errors.ts'
import { Ipv4Hosts, Ipv6Hosts } from './hosts.ts'
import type { Label } from './label.ts'
import { FLOOR, LabelTable } from './label-table.ts'
import { RuleTable } from './rule-table.ts'
import type { Rules } from './rules.ts'

export const SMACK_PTRACE_DEFAULT = 0
export const SMACK_PTRACE_EXACT = 1
export const SMACK_PTRACE_DRACONIAN = 2

/** Bits of smackfs/logging. */
export const SMACK_AUDIT_DENIED = 1
export const SMACK_AUDIT_ACCEPT = 2

const CIPSO_DOI_DEFAULT = 3

export interface PolicyOptions {
  /** CONFIG_SECURITY_SMACK_BRINGUP, on unless false. */
  readonly bringup?: boolean
  /** Labels that may be added: labels are never removed, and every task may add some. A million unless given. */
  readonly maxLabels?: number
  /** Rules of the system. Four million unless given. */
  readonly maxRules?: number
  /** Rules that one task may set for itself. 65536 unless given. */
  readonly maxSelfRules?: number
  /** How rules are kept: the table unless given. Tests give the list. */
  readonly rules?: (limit: number) => Rules
}

export const policyRules: OptionRules<PolicyOptions> = {
  bringup: aBoolean,
  maxLabels: wholeNumber(0),
  maxRules: wholeNumber(0),
  maxSelfRules: wholeNumber(0),
  rules: aFunction,
}

const SETTINGS = [
  'labels', 'cipso', 'ipv4Hosts', 'ipv6Hosts', 'onlycap', 'unconfined', 'syslog', 'ambient', 'ptrace', 'doi',
] as const satisfies readonly (keyof Policy)[]

/** All that smackfs sets: labels, rules, hosts, and the rest. */
export class Policy {
  readonly labels: LabelTable
  readonly rules: Rules
  readonly cipso: CipsoMap
  readonly ipv4Hosts = new Ipv4Hosts()
  readonly ipv6Hosts = new Ipv6Hosts()
  readonly bringup: boolean
  /** Newest first, as listed. */
  onlycap: readonly Label[] = []
  /** 0 means no label. */
  unconfined: Label = 0
  /** 0 means no label: the log is open to all tasks that capabilities allow. */
  syslog: Label = 0
  /** The label of an unlabelled packet. */
  ambient: Label = FLOOR
  ptrace = SMACK_PTRACE_DEFAULT
  doi = CIPSO_DOI_DEFAULT
  #auditing = SMACK_AUDIT_DENIED
  readonly #makeRules: (limit: number) => Rules
  readonly #maxSelfRules: number

  /** Throws OptionError. */
  constructor(options: PolicyOptions = {}) {
    checkOptions(options, policyRules, 'Policy')
    const { bringup = true, maxLabels = 1e6, maxRules = 4e6, maxSelfRules = 65536, rules } = options
    this.bringup = bringup
    this.labels = new LabelTable(maxLabels)
    this.cipso = new CipsoMap(this.labels)
    this.#makeRules = rules ?? ((limit) => new RuleTable(limit))
    this.rules = this.#makeRules(maxRules)
    this.#maxSelfRules = maxSelfRules
  }

  /**
   * Which decisions are recorded. A task that was granted something before is asked again, so that grants are recorded
   * from now on.
   */
  get logging(): number {
    return this.#auditing
  }
  set logging(bits: number) {
    this.#auditing = bits
    this.rules.renew()
  }

  /**
   * The labels and settings of this one, as they are at any time, with the rules of another one, whose labels come to
   * be known here. Throws SmackError if there is no room for them.
   */
  withRulesOf(other: Policy): Policy {
    const made = new Policy({ bringup: this.bringup, rules: this.#makeRules })
    for (const name of SETTINGS) Object.defineProperty(made, name, { get: () => this[name] })
    other.rules.each((subject, object, modes) => {
      const [from, to] = [this.#imported(other, subject), this.#imported(other, object)]
      made.rules.change(from, to, modes, 0)
    })
    return made
  }

  #imported({ labels }: Policy, label: Label): Label {
    const own = this.labels.import(labels.text(label))
    if (own < 0) throw new SmackError('too-many-labels', 'there is no room for more labels')
    return own
  }

  /** An empty set for a task's own rules. */
  newSelfRules(): Rules {
    return this.#makeRules(this.#maxSelfRules)
  }
}
