/** Takes reports of hosts into the state of a rollout. */
import type { BundleCounts } from '../agent/counts.ts'
import { wantsOf } from './wants.ts'
import type { HostWant } from './wants.ts'
import type { HostStanding, Rollout, RolloutHost, Step, Tally } from './state.ts'

/** A report of a host, as far as a rollout looks at it. */
export interface SeenReport {
  /** Of the value in bucket `have`. */
  readonly revision: number
  readonly boot: string
  /** The revision of `want` that it is about. */
  readonly want: number
  readonly error: string | null
  /** Digests of files. */
  readonly enforced: string | null
  readonly permissive: string | null
  readonly counts: readonly BundleCounts[]
}

/** One host as a controller has read it. */
export interface SeenHost {
  readonly host: string
  /** The value in bucket `want`: its revision, and the step that has written it. */
  readonly want: number
  readonly by: string | null
  readonly report: SeenReport | null
}

/** Errors after which an agent tries again by itself. */
const TEMPORARY: ReadonlySet<string> = new Set(['unreachable', 'stale', 'not-there', 'closed'])
const NONE: Tally = [0, 0]
/** Characters that are kept of texts of a host. */
const MOST_CODE = 24
const MOST_BOOT = 12

const MOST = Number.MAX_SAFE_INTEGER
/** A host that lies does not make the state grow. */
const plus = ([a, b]: Tally, [c, d]: Tally): Tally => [Math.min(a + c, MOST), Math.min(b + d, MOST)]
/** Counts only rise while an agent runs; what falls is not counted. */
const minus = ([a, b]: Tally, [c, d]: Tally): Tally => [Math.max(0, a - c), Math.max(0, b - d)]

const countsOf = (report: SeenReport, bundle: string | null, step: Step): Tally => {
  const found = report.counts.find((one) => one.bundle === bundle)
  if (found === undefined) return NONE
  return [found.decisions, step === 'permissive' ? found.wouldDenies : found.denies]
}

const hasWant = (seen: SeenHost, want: HostWant | undefined, before: HostStanding): boolean => {
  const { report } = seen
  if (report === null || want === undefined || seen.by !== want.by) return false
  // an agent that was started again has answered before
  const answered = report.want >= seen.want || before === 'has'
  // nor has one without a connection lost what it had
  const isFine = report.error === null || (before === 'has' && TEMPORARY.has(report.error))
  const bundle = want.mode === 'enforce' ? report.enforced : report.permissive
  return answered && isFine && bundle === want.bundle
}

const hasFailed = ({ want, report }: SeenHost): boolean =>
  report !== null && report.want >= want && report.error !== null && !TEMPORARY.has(report.error)

const standingOf = (host: RolloutHost, seen: SeenHost, state: Rollout, want: HostWant | undefined): HostStanding => {
  const { elapsed, since, gate } = state
  const isWanted = seen.by === want?.by
  if (isWanted && hasFailed(seen)) return 'failed'
  if (elapsed - host.heard > gate.silence) return 'silent'
  if (hasWant(seen, want, host.standing)) return 'has'
  return elapsed - Math.max(since, host.had) > gate.silence ? 'failed' : 'pending'
}

/** Sums of the counts. Those of the new bundle count while the host has it, from the report that says so on. */
const counted = (host: RolloutHost, report: SeenReport, state: Rollout, standing: HostStanding): RolloutHost => {
  const was = countsOf(report, host.before, 'enforce')
  const now = countsOf(report, state.bundle, state.step)
  const boot = report.boot.slice(0, MOST_BOOT)
  const isSame = boot === host.boot
  const had = host.standing === 'has' && standing === 'has' && host.boot !== null
  return {
    ...host, boot, lastWas: was, lastNow: now,
    was: plus(host.was, isSame ? minus(was, host.lastWas) : was),
    now: had ? plus(host.now, isSame ? minus(now, host.lastNow) : now) : host.now,
  }
}

const folded = (host: RolloutHost, seen: SeenHost, state: Rollout, want: HostWant | undefined): RolloutHost => {
  const { report } = seen
  const isNew = report !== null && report.revision > host.revision
  const heard: RolloutHost = isNew ? { ...host, revision: report.revision, heard: state.elapsed } : host
  const standing = state.step === 'draft' ? 'pending' : standingOf(heard, seen, state, want)
  const next = isNew ? counted(heard, report, state, standing) : heard
  const had = standing === 'has' ? state.elapsed : host.had
  return { ...next, standing, had, error: report?.error?.slice(0, MOST_CODE) ?? null }
}

/** The state with what was read of its hosts; a host that was not read is as before, and may be silent by now. */
export const withReports = (state: Rollout, hosts: readonly SeenHost[]): Rollout => {
  const seen = new Map(hosts.map((one) => [one.host, one]))
  const wants = new Map(wantsOf(state).map((one) => [one.host, one]))
  const rings = state.rings.map((ring, i) => ({
    ...ring,
    hosts: ring.hosts.map((host) => {
      const one = seen.get(host.host) ?? { host: host.host, want: 0, by: null, report: null }
      // a ring that was not begun is only counted
      return folded(host, one, i <= state.ring ? state : { ...state, step: 'draft' }, wants.get(host.host))
    }),
  }))
  return { ...state, rings }
}
