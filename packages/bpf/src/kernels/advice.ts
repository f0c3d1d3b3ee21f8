/** Advice about a refusal: the release that brought the missing thing, and how a program asks for it. */
import { bpfHelperName, BPF_CALL, BPF_JMP } from '@lsmkit/abi'
import { helperLines } from '../helpers/lookup.ts'
import { firstWithKfunc, kfuncIn, unknownKfuncs } from '../kfuncs/by-release.ts'
import type { ProgramSpec } from '../object/bpf-object.ts'
import { programLetter } from '../verifier/context/program-kind.ts'
import { isDisabledHook, maySleepOn } from '../verifier/context/lsm-hooks.ts'
import type { Verdict } from '../verifier/verify.ts'
import { knowsAttachType, knowsProgramType } from './attach-types.ts'
import { hasHook, hookSpan } from './hooks.ts'
import { kernelProfile } from './profile.ts'
import type { KernelProfile } from './profile.ts'
import type { KernelRelease } from './releases.ts'
import { isWithin, kernelReleases, releaseOrder } from './releases.ts'

/** The version of Linux that brought the helpers from a number on. */
const helperVersions: readonly (readonly [first: number, linux: string])[] = [
  [210, '6.2'], [208, '6.1'], [204, '6.0'], [194, '5.19'], [186, '5.18'], [180, '5.17'], [176, '5.16'], [169, '5.15'],
  [166, '5.14'], [164, '5.13'], [163, '5.12'], [156, '5.11'],
]

const CALL = BPF_JMP | BPF_CALL

/** Number of the helper that the instruction calls; 0 when it calls none. */
const helperAt = ({ code }: ProgramSpec, at: number): number =>
  at >= 0 && at < code.length && code.op[at] === CALL && code.src[at] === 0 ? code.imm[at]! : 0

const opensTo = (release: KernelRelease, id: number, letter: string): boolean =>
  id < kernelProfile(release).limits.helpers && helperLines(id).some(({ programs }) =>
    programs.some(({ letters, releases }) => letters.includes(letter) && isWithin(releases, release)))

const adviceOnHelper = (release: KernelRelease, program: ProgramSpec, id: number): string | null => {
  const name = bpfHelperName(id)
  if (helperLines(id).length === 0) return null
  if (id >= kernelProfile(release).limits.helpers) {
    const linux = helperVersions.find(([first]) => id >= first)?.[1] ?? 'a later release'
    return `${name} came with Linux ${linux}: call it only if bpf_core_enum_value_exists(enum bpf_func_id, ` +
      `BPF_FUNC_${name.slice('bpf_'.length)})`
  }
  const letter = programLetter(program)
  if (opensTo(release, id, letter)) return null
  const later = kernelReleases.find((one) => releaseOrder(one) > releaseOrder(release) && opensTo(one, id, letter))
  return later === undefined ? null : `programs of this type have ${name} from ${later} on`
}

const adviceOnKfunc = (release: KernelRelease, name: string): string | null => {
  if (unknownKfuncs.has(name)) return `${name} has rules of its own that lsmkit does not know yet: it is refused here`
  const first = firstWithKfunc(name)
  if (first === null) return null
  if (kfuncIn(release, name) !== undefined) return `${name} is for programs of other types in ${release}`
  if (releaseOrder(first) < releaseOrder(release)) return `${name} is gone from ${release}`
  return `${name} is there from ${first} on: declare it __ksym __weak and call it only if bpf_ksym_exists(${name})`
}

const adviceOnHook = (release: KernelRelease, { section, attachTo }: ProgramSpec): string | null => {
  if (!section.startsWith('lsm') || attachTo === null || hasHook(release, attachTo)) return null
  const span = hookSpan(attachTo)
  if (span !== null && releaseOrder(release) < releaseOrder(span.from))
    return `the hook ${attachTo} is there from ${span.from} on: do not load this program before`
  return `${release} has no hook ${attachTo}`
}

/** The releases where `may` holds, as `7.3` or `6.12, 6.18`; empty for none. */
const releasesWhere = (may: (profile: KernelProfile) => boolean): string =>
  kernelReleases.filter((one) => may(kernelProfile(one))).join(', ')

const adviceOnSleeping = (release: KernelRelease, { attachTo }: ProgramSpec): string => {
  const plain = 'load it from a section without `.s` where the hook may not sleep'
  const where = releasesWhere((profile) => maySleepOn(profile, attachTo ?? ''))
  return where === '' ? plain : `${plain}: programs sleep on ${attachTo} in ${where} alone, and not in ${release}`
}

const adviceOnDisabled = (release: KernelRelease, { attachTo }: ProgramSpec): string => {
  const where = releasesWhere((profile) =>
    hasHook(profile.release, attachTo ?? '') && !isDisabledHook(profile, attachTo ?? ''))
  return `${release} lets no program attach to ${attachTo}` + (where === '' ? '' : `: load it in ${where} alone`)
}

/** Of programs whose type or attach type came later. */
const adviceOnKind = (release: KernelRelease, { section, type, expectedAttachType }: ProgramSpec): string | null => {
  const knows = (one: KernelRelease): boolean =>
    knowsProgramType(one, type) && knowsAttachType(one, expectedAttachType)
  if (knows(release)) return null
  const first = kernelReleases.find((one) => releaseOrder(one) > releaseOrder(release) && knows(one))
  return first === undefined ? null : `programs of a section \`${section}\` load from ${first} on`
}

interface Rule {
  readonly when: RegExp
  advice(release: KernelRelease, program: ProgramSpec, found: RegExpExecArray): string | null
}

const ISA = (release: KernelRelease): string => {
  const { features } = kernelProfile(release)
  return features.isaV4
    ? 'the instruction is of a later instruction set than this release has'
    : 'the instruction is of a later instruction set: compile with -mcpu=v3, or v2 for releases before 5.12'
}

const rules: readonly Rule[] = [
  { when: /calling kernel function (\w+) is not allowed/, advice: (release, _, found) => adviceOnKfunc(release, found[1]!) },
  { when: /^kfunc `?(\w+)`?/,
    advice: (release, _, found) => kfuncIn(release, found[1]!) === undefined ? adviceOnKfunc(release, found[1]!)
      : `${found[1]} is in a module, or left out of the configuration that these types are of` },
  { when: /is not sleepable$/, advice: (release, program) => adviceOnSleeping(release, program) },
  { when: /points to disabled hook/, advice: (release, program) => adviceOnDisabled(release, program) },
  { when: /unknown opcode|uses reserved fields|invalid (?:atomic|BPF_JMP)/i, advice: ISA },
  { when: /(?:calls|frames).*too deep|combined stack size/,
    advice: () => 'put large variables into a per-CPU array, or make the chain of calls shorter' },
  { when: /program is too large|too complex|infinite loop|back-edge/,
    advice: (release) => kernelProfile(release).features.openCodedIterators
      ? 'bound the loop, or write it with bpf_for() or bpf_loop()'
      : releaseOrder(release) >= releaseOrder('6.1') ? 'bound the loop, or write it with bpf_loop()'
        : 'bound the loop, unroll it, or go on in another program by bpf_tail_call()' },
  { when: /has no (?:member|such)|no such (?:member|type)|lacks/,
    advice: () => 'ask bpf_core_field_exists() or bpf_core_type_exists() before it is read' },
]

/** A sentence, or null when there is nothing to say beyond the reason. */
export const adviceOn = (
  release: KernelRelease, program: ProgramSpec, { at }: Pick<Verdict, 'at'>, reason: string,
): string | null => {
  const early = adviceOnHook(release, program) ?? adviceOnKind(release, program)
  if (early !== null) return early
  const helper = helperAt(program, at)
  const onHelper = helper === 0 ? null : adviceOnHelper(release, program, helper)
  if (onHelper !== null) return onHelper
  for (const rule of rules) {
    const found = rule.when.exec(reason)
    const advice = found === null ? null : rule.advice(release, program, found)
    if (advice !== null) return advice
  }
  return null
}
