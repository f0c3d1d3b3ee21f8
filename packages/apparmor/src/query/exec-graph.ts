/** Transitions between profiles by executing a program or by asking for it, and ways to leave confinement. */
import type { CompiledProfile } from '../profile/compile.ts'
import { CHANGE_PROFILE, EXEC_BITS, EXEC_TARGET_SHIFT } from '../profile/file-perms.ts'
import { nameOf, type Place } from '../profile/place.ts'
import type { FileEntry } from '../profile/ast.ts'

export interface ExecEdge {
  readonly from: string
  /** A profile; `unconfined`; `(by attachment)` for whatever profile a program has. */
  readonly to: string
  readonly by: 'exec' | 'change_profile' | 'change_hat'
  /** Where no profile is found: `inherit` stays in its own, `unconfined` leaves. */
  readonly fallback: 'inherit' | 'unconfined' | null
  /** Programs, as the rule names them. */
  readonly programs: string
  readonly place: Place
}

export const BY_ATTACHMENT = '(by attachment)'
const UNCONFINED = 'unconfined'

const targetOf = (number: number, { source }: CompiledProfile, entry: FileEntry): string | null => {
  if (number === 0) return null
  if (number === 1) return UNCONFINED
  if (number === 2) return BY_ATTACHMENT
  if (number === 3) return `${nameOf(source.name)}//${nameOf(entry.name)}`
  return nameOf(source.transitions[number - 4] ?? '')
}

const execEdge = (profile: CompiledProfile, entry: FileEntry): ExecEdge | null => {
  const bits = entry.perms & 0x3fff | entry.perms >>> 14 & 0x3fff
  const to = targetOf(bits >> EXEC_TARGET_SHIFT & 0xf, profile, entry)
  if (to === null) return null
  const fallback = (bits & 0x200) !== 0 ? 'inherit' : (bits & 0x80) !== 0 ? UNCONFINED : null
  return { from: profile.profile.name, to, by: 'exec', fallback, programs: nameOf(entry.name), place: entry.place }
}

const edgesOf = (profile: CompiledProfile): ExecEdge[] => {
  const { name } = profile.profile
  const files = profile.source.files.filter(({ mode }) => mode !== 'deny')
  const execs = files.filter(({ perms }) => (perms & EXEC_BITS) !== 0 && (perms & CHANGE_PROFILE) === 0)
    .flatMap((entry) => execEdge(profile, entry) ?? [])
  const changes = files.filter(({ perms }) => (perms & CHANGE_PROFILE) !== 0).map((entry): ExecEdge => ({
    from: name, to: nameOf(entry.name), by: 'change_profile', fallback: null, place: entry.place,
    programs: entry.link === null ? '' : nameOf(entry.link),
  }))
  const hats = profile.source.children.filter(({ hat }) => hat).map((hat): ExecEdge => (
    { from: name, to: nameOf(hat.name), by: 'change_hat', fallback: null, programs: '', place: hat.place }
  ))
  return [...execs, ...changes, ...hats]
}

export interface ExecGraph {
  readonly edges: readonly ExecEdge[]
  /** Profiles from which steps lead to `unconfined`, each with the profiles on the shortest way. */
  readonly leaves: ReadonlyMap<string, readonly string[]>
}

const leads = ({ to, fallback }: ExecEdge): string[] => fallback === UNCONFINED ? [to, UNCONFINED] : [to]

/** The way from `start` to `unconfined`, or null. */
const wayOut = (edges: readonly ExecEdge[], start: string): string[] | null => {
  const before = new Map<string, string | null>([[start, null]])
  for (const at of before.keys()) {
    if (at === UNCONFINED) {
      const way: string[] = []
      for (let step: string | null = at; step !== null; step = before.get(step) ?? null) way.unshift(step)
      return way
    }
    for (const edge of edges) {
      if (edge.from !== at) continue
      for (const to of leads(edge)) if (!before.has(to)) before.set(to, at)
    }
  }
  return null
}

/** Steps by attachment lead to a profile that depends on the programs on a machine; they are edges, and no way out. */
export const execGraph = (profiles: readonly CompiledProfile[]): ExecGraph => {
  const edges = profiles.flatMap(edgesOf)
  const ways = profiles.map(({ profile }) => [profile.name, wayOut(edges, profile.name)] as const)
  return { edges, leaves: new Map(ways.filter((pair): pair is [string, string[]] => pair[1] !== null)) }
}
