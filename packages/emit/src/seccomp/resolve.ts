/**
 * A profile of Docker for one container: rules whose `includes` and `excludes` do not fit are left out, as
 * `setupSeccomp` of moby/profiles does.
 */
import { aString, checkOptions, listOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Profile, Rule, RuleFilter } from './profile.ts'

export interface Container {
  /** Capabilities of the container, with `CAP_`. Default: none. */
  readonly caps?: readonly string[]
  /** As Go names it. Default `amd64`. */
  readonly arch?: string
  /** `6.12`. */
  readonly kernel?: string
}

const containerRules: OptionRules<Container> = { caps: listOf(aString), arch: aString, kernel: aString }

type WholeContainer = Required<Container>

/** Names of architectures in profiles, by their names in Go. */
const archNames: ReadonlyMap<string, string> = new Map([
  ['386', 'x86'], ['amd64', 'amd64'], ['arm', 'arm'], ['arm64', 'arm64'], ['ppc64le', 'ppc64le'],
  ['riscv64', 'riscv64'], ['s390x', 's390x'], ['loong64', 'loongarch64'],
])

const isAtLeast = (kernel: string, least: string): boolean => {
  const [a = 0, b = 0] = kernel.split('.').map(Number)
  const [c = 0, d = 0] = least.split('.').map(Number)
  return a > c || (a === c && b >= d)
}

/** One capability of those named is enough to exclude; all are needed to include. */
const isExcluded = ({ caps, arches, minKernel }: RuleFilter, container: WholeContainer): boolean =>
  arches.includes(container.arch) || caps.some((cap) => container.caps.includes(cap)) ||
  (minKernel !== null && isAtLeast(container.kernel, minKernel))

const isIncluded = ({ caps, arches, minKernel }: RuleFilter, container: WholeContainer): boolean =>
  (arches.length === 0 || arches.includes(container.arch)) && caps.every((cap) => container.caps.includes(cap)) &&
  (minKernel === null || isAtLeast(container.kernel, minKernel))

/** The rules that hold for the container. Throws OptionError. */
export const rulesFor = ({ rules }: Profile, container: Container = {}): Rule[] => {
  checkOptions(container, containerRules, 'container')
  const { caps = [], arch = 'amd64', kernel = '6.12' } = container
  const whole = { caps, arch: archNames.get(arch) ?? arch, kernel }
  return rules.filter(({ includes, excludes }) =>
    (excludes === null || !isExcluded(excludes, whole)) && (includes === null || isIncluded(includes, whole)))
}
