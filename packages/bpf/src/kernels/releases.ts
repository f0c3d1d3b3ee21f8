/** The kernel releases that programs are judged for, and spans of them. */

/** Oldest first. Every release is the newest stable update of its series that was at hand. */
const everyRelease = ['5.10', '5.15', '6.1', '6.6', '6.12', '6.18', '7.3'] as const

/** A release with tables. 5.10 is here to be compared with, as the oldest at hand; programs ship to later ones. */
export type KernelRelease = (typeof everyRelease)[number]

export const kernelReleases: readonly KernelRelease[] = everyRelease

/** Releases whose kernels were not asked: their tables follow from public sources and the releases around them. */
export const unprovenReleases: ReadonlySet<KernelRelease> = new Set<KernelRelease>(['5.15', '6.6'])

/** The release that is meant where no other is named. */
export const DEFAULT_RELEASE: KernelRelease = '6.12'

/** Position in the list; a larger number is a later release. */
export const releaseOrder = (release: KernelRelease): number => everyRelease.indexOf(release)

/** A run of releases: the first that has something, and the first that no longer has it (null: all later ones do). */
export interface Span {
  readonly from: KernelRelease
  readonly until: KernelRelease | null
}

export const from = (first: KernelRelease): Span => ({ from: first, until: null })
/** From the oldest release on; `gone` is the first without it. */
export const until = (gone: KernelRelease): Span => ({ from: everyRelease[0], until: gone })
export const between = (first: KernelRelease, gone: KernelRelease): Span => ({ from: first, until: gone })

const releaseNamed = (text: string): KernelRelease => {
  const release = everyRelease.find((one) => one === text)
  if (release === undefined) throw new Error(`a table names an unknown release: ${text}`)
  return release
}

/** `6.12`: from there on; `..6.12`: before it; `6.1..6.12`; empty: every release. */
export const parseSpan = (text: string): Span => {
  const [first, last] = text.split('..') as [string, string?]
  return {
    from: first === '' ? everyRelease[0] : releaseNamed(first),
    until: last === undefined ? null : releaseNamed(last),
  }
}

export const isWithin = (span: Span, release: KernelRelease): boolean =>
  releaseOrder(release) >= releaseOrder(span.from) &&
  (span.until === null || releaseOrder(release) < releaseOrder(span.until))

export const earliest = (releases: readonly KernelRelease[]): KernelRelease =>
  releases.reduce((first, one) => (releaseOrder(one) < releaseOrder(first) ? one : first))
