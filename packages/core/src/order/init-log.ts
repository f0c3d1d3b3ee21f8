/**
 * The log of lsm.debug since Linux 6.19, when initialisation moved to security/lsm_init.c: another order of the steps
 * than `orderLsms` walks, which ends with the same LSMs.
 */
import { checkOptions } from '../option-rules.ts'
import { addSize } from './blob-layout.ts'
import { initFacts, initLevels, sizeLines } from './init-facts.ts'
import type { InitKind, InitSizes } from './init-facts.ts'
import { bootRules } from './order-boot.ts'
import type { OrderBoot } from './order-boot.ts'
import type { OrderRecord } from './order-record.ts'

interface Member {
  readonly record: OrderRecord
  /** Null until something has decided, where the LSM has no variable of its own. */
  enabled: boolean | null
}

class Initialisation {
  readonly lines: string[] = []
  readonly members: readonly Member[]
  readonly order: Member[] = []
  readonly #boot: OrderBoot
  #exclusive: Member | null = null

  constructor(records: readonly OrderRecord[], boot: OrderBoot) {
    this.members = records.map((record) => ({ record, enabled: record.enabled ?? null }))
    this.#boot = boot
  }

  get early(): Member[] {
    return this.members.filter(({ record }) => record.early)
  }

  get late(): Member[] {
    return this.members.filter(({ record }) => !record.early)
  }

  /** As lsm_order_append. Early LSMs come before the log is on, so that `say` drops their lines. */
  append(member: Member, source: string, say: (line: string) => void): void {
    const what = `${source}:${member.record.name}`
    if (this.order.includes(member)) return
    if (member.enabled === false) return say(`skip previously disabled LSM ${what}`)
    if (this.order.length === (this.#boot.maxLsmCount ?? this.members.length)) {
      member.enabled = false
      return say(`exceeded maximum LSM count on ${what}`)
    }
    if (member.record.exclusive && this.#boot.exclusive !== 'allow') {
      if (this.#exclusive !== null) {
        member.enabled = false
        return say(`skip exclusive LSM conflict ${what}`)
      }
      this.#exclusive = member
      say(`select exclusive LSM ${what}`)
    }
    member.enabled = true
    this.order.push(member)
    say(`enabling LSM ${what}`)
  }

  /** As lsm_order_parse: what `security=` excludes goes first, and everything left over is disabled. */
  parse(list: string, source: string, legacy: string | null): void {
    const say = (line: string): void => void this.lines.push(line)
    const place = (by: string, fits: (record: OrderRecord) => boolean): void => {
      for (const member of this.late) if (fits(member.record)) this.append(member, by, say)
    }
    for (const member of this.late) {
      if (legacy === null || !member.record.legacyMajor || member.record.name === legacy) continue
      member.enabled = false
      say(`skip legacy LSM conflict ${source}:${member.record.name}`)
    }
    place('first', ({ order }) => order === 'first')
    for (const part of list.split(',')) {
      place(source, ({ name, order = 'mutable' }) => name === part && order === 'mutable')
    }
    if (legacy !== null) place(source, ({ name }) => name === legacy)
    place('last', ({ order }) => order === 'last')
    for (const member of this.late) {
      if (this.order.includes(member)) continue
      member.enabled = false
      say(`skip disabled LSM ${source}:${member.record.name}`)
    }
  }
}

const blobLines = (order: readonly Member[]): string[] => {
  const totals = Object.fromEntries(sizeLines.map(([kind]) => [kind, 0])) as Record<InitKind, number>
  for (const { record: { name, blobs = initFacts(name).blobs ?? {} } } of order) {
    for (const [kind] of sizeLines) addSize(totals, kind, (blobs as InitSizes)[kind] ?? 0)
  }
  return sizeLines.map(([kind, words]) => `${words} ${totals[kind]}`)
}

const initcallLines = (names: readonly string[]): string[] =>
  initLevels.flatMap((level) => names
    .filter((name) => initFacts(name).initcalls?.includes(level))
    .map((name) => `running ${name} ${level} initcall`))

/**
 * The lines that a kernel since 6.19 logs with lsm.debug, without their `LSM: `. `records` are as for `orderLsms`;
 * blobs that a record does not give are those of Linux 7.3.4 as Debian builds it. Options that do not exist throw
 * OptionError.
 */
export const initLog = (records: readonly OrderRecord[], boot: OrderBoot): string[] => {
  checkOptions(boot, bootRules, 'initLog')
  const start = new Initialisation(records, boot)
  const { lsmParam = null, securityParam = null, configLsm } = boot
  const { early, late, lines } = start
  for (const member of early) {
    member.enabled = true
    start.append(member, 'early', () => {})
  }
  lines.push(
    `available LSMs: ${[...early.map(({ record }) => `${record.name}(E)`), ...late.map(({ record }) => record.name)]}`,
    `built-in LSM config: ${configLsm}`,
    `legacy LSM parameter: ${securityParam ?? '(null)'}`,
    `boot LSM parameter: ${lsmParam ?? '(null)'}`,
    ...early.map(({ record }) => `enabled LSM early:${record.name}`),
  )
  if (lsmParam === null) start.parse(configLsm, 'builtin', securityParam)
  else start.parse(lsmParam, 'cmdline', null)
  const names = start.order.map(({ record }) => record.name)
  return [
    ...lines,
    ...blobLines(start.order),
    ...names.slice(early.length).map((name) => `initializing ${name}`),
    ...initcallLines(names),
    'all enabled LSMs fully activated',
  ]
}
