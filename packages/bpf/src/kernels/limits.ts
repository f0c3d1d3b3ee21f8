/** Limits of the verifiers: each with its value and the releases where the value changed. */
import type { KernelRelease } from './releases.ts'
import { kernelReleases, releaseOrder } from './releases.ts'

type Steps = Readonly<Partial<Record<KernelRelease, number>>> & { readonly '5.10': number }

/** A value holds from its release on, until the next one named. */
const steps = {
  /** Instructions that are walked. */
  insns: { '5.10': 1_000_000 },
  /** Instructions of a program of a loader without CAP_BPF. */
  unprivilegedInsns: { '5.10': 4096 },
  /** Frames of functions that call each other. */
  frames: { '5.10': 8, '7.3': 16 },
  /** Paths that wait at a time. */
  waitingPaths: { '5.10': 8192 },
  /** The largest number of a helper, + 1. */
  helpers: { '5.10': 156, '5.15': 176, '6.1': 210, '6.6': 212 },
  /** Of a program, its entry among them. */
  functions: { '5.10': 256 },
  /** Maps that a program names. */
  maps: { '5.10': 64 },
} satisfies Readonly<Record<string, Steps>>

export type LimitName = keyof typeof steps
export type Limits = Readonly<Record<LimitName, number>>

const valueOf = (values: Steps, release: KernelRelease): number =>
  kernelReleases.slice(0, releaseOrder(release) + 1).reduce((value, at) => values[at] ?? value, values['5.10'])

export const limitsOf = (release: KernelRelease): Limits =>
  Object.fromEntries(Object.entries(steps).map(([name, values]) => [name, valueOf(values, release)])) as Limits
