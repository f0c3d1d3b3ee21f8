/**
 * Seccomp profiles as OCI's runtime specification has them (config-linux.md, "Seccomp"), as Docker extends them
 * (moby/profiles, seccomp.go), and as podman does (containers/common, pkg/seccomp): read from JSON, with the place of
 * each mistake.
 */
import { errnoTable } from '@lsmkit/abi/errno-name'
import { didYouMean } from '@lsmkit/core'
import { badFile } from '../emit-error.ts'

export const actions = [
  'SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_TRAP', 'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE', 'SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_NOTIFY',
] as const
export type Action = (typeof actions)[number]

export const operators = [
  'SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ',
] as const
export type Operator = (typeof operators)[number]

/** A condition on an argument. With MASKED_EQ: `(argument & value) == valueTwo`. */
export interface Condition {
  readonly index: number
  readonly value: bigint
  readonly valueTwo: bigint
  readonly op: Operator
}

/** `includes` and `excludes` of Docker. */
export interface RuleFilter {
  readonly caps: readonly string[]
  readonly arches: readonly string[]
  /** `4.8`; null for any. */
  readonly minKernel: string | null
}

export interface Rule {
  readonly names: readonly string[]
  readonly action: Action
  readonly errnoRet: number | null
  readonly args: readonly Condition[]
  readonly includes: RuleFilter | null
  readonly excludes: RuleFilter | null
  /** `syscalls[3]`. */
  readonly place: string
}

export interface Profile {
  readonly defaultAction: Action
  readonly defaultErrnoRet: number | null
  /** `SCMP_ARCH_X86_64`; empty for that of the host. */
  readonly architectures: readonly string[]
  /** Docker's map of an architecture to those below it. */
  readonly archMap: readonly (readonly string[])[]
  readonly rules: readonly Rule[]
}

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const objectAt = (value: unknown, place: string): Json => {
  if (isObject(value)) return value
  throw badFile(place, 'an object is expected')
}

const listAt = (value: unknown, place: string): readonly unknown[] => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value as unknown[]
  throw badFile(place, 'a list is expected')
}

const textsAt = (value: unknown, place: string): string[] => listAt(value, place).map((item, at) => {
  if (typeof item === 'string') return item
  throw badFile(`${place}[${at}]`, 'a text is expected')
})

const oneOf = <T extends string>(value: unknown, names: readonly T[], place: string): T => {
  const found = names.find((name) => name === value)
  if (found !== undefined) return found
  throw badFile(place, `\`${String(value)}\` is not known here`,
    didYouMean(String(value), names) ?? names.slice(0, 6).join(', '))
}

const numberAt = (value: unknown, place: string): number | null => {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw badFile(place, 'a whole number is expected')
}

/** Podman names the errno; its name counts before a number. */
const errnoAt = (name: unknown, number: unknown, place: string, field: string): number | null => {
  if (name === undefined || name === '') return numberAt(number, `${place}.${field}Ret`)
  const found = errnoTable.numberOf(String(name))
  if (found !== undefined) return found
  throw badFile(`${place}.${field}`, `\`${String(name)}\` is not an errno`, 'ENOSYS')
}

/** Numbers of 64 bits lose their last digits in JSON: those that may have done so are refused. */
const wideAt = (value: unknown, place: string): bigint => {
  const number = numberAt(value, place) ?? 0
  if (Number.isSafeInteger(number)) return BigInt(number)
  throw badFile(place, `\`${number}\` has more than 53 bits`)
}

const conditionAt = (value: unknown, place: string): Condition => {
  const { index, value: one, valueTwo, op, ...rest } = objectAt(value, place)
  refuseOthers(rest, place)
  const at = numberAt(index, `${place}.index`) ?? 0
  if (at > 5) throw badFile(`${place}.index`, 'a call has the arguments 0 to 5')
  return {
    index: at, value: wideAt(one, `${place}.value`), valueTwo: wideAt(valueTwo, `${place}.valueTwo`),
    op: oneOf(op, operators, `${place}.op`),
  }
}

const filterAt = (value: unknown, place: string): RuleFilter | null => {
  if (value === undefined || value === null) return null
  const { caps, arches, minKernel, ...rest } = objectAt(value, place)
  refuseOthers(rest, place)
  if (minKernel !== undefined && !/^\d{1,3}\.\d{1,3}$/.test(String(minKernel))) {
    throw badFile(`${place}.minKernel`, `\`${String(minKernel)}\` is not a version of Linux`, '4.8')
  }
  return {
    caps: textsAt(caps, `${place}.caps`), arches: textsAt(arches, `${place}.arches`),
    minKernel: minKernel === undefined ? null : String(minKernel),
  }
}

const refuseOthers = (rest: Json, place: string): void => {
  const [name] = Object.keys(rest)
  if (name !== undefined) throw badFile(`${place}.${name}`, `\`${name}\` is not known here`)
}

const ruleAt = (value: unknown, place: string): Rule => {
  const { names, name, action, errnoRet, errno, args, comment, includes, excludes, ...rest } = objectAt(value, place)
  refuseOthers(rest, place)
  if (comment !== undefined && typeof comment !== 'string') throw badFile(`${place}.comment`, 'a text is expected')
  if (name !== undefined && name !== '' && names !== undefined) {
    throw badFile(place, 'it has both `name` and `names`', 'use one of them')
  }
  const all = name === undefined || name === '' ? textsAt(names, `${place}.names`) : textsAt([name], `${place}.name`)
  return {
    names: all, action: oneOf(action, actions, `${place}.action`), errnoRet: errnoAt(errno, errnoRet, place, 'errno'),
    args: listAt(args, `${place}.args`).map((one, at) => conditionAt(one, `${place}.args[${at}]`)),
    includes: filterAt(includes, `${place}.includes`), excludes: filterAt(excludes, `${place}.excludes`), place,
  }
}

const archesAt = (value: unknown, place: string): string[][] => listAt(value, place).map((item, at) => {
  const { architecture, subArchitectures } = objectAt(item, `${place}[${at}]`)
  return [
    ...textsAt([architecture], `${place}[${at}].architecture`),
    ...textsAt(subArchitectures, `${place}[${at}].subArchitectures`),
  ]
})

/** A profile alone, or the one in a `config.json` of OCI. Throws EmitError. */
export const readProfile = (value: unknown, place = 'profile'): Profile => {
  const whole = objectAt(value, place)
  if (isObject(whole['linux'])) return readProfile(whole['linux']['seccomp'] ?? {}, `${place}: linux.seccomp`)
  const { defaultAction, defaultErrnoRet, defaultErrno, architectures, archMap, syscalls, ...rest } = whole
  const { flags, listenerPath, listenerMetadata, ...others } = rest
  void [flags, listenerPath, listenerMetadata]
  refuseOthers(others, place)
  const arches = textsAt(architectures, `${place}: architectures`)
  const map = archesAt(archMap, `${place}: archMap`)
  if (arches.length > 0 && map.length > 0) throw badFile(place, 'it has both `architectures` and `archMap`')
  return {
    defaultAction: oneOf(defaultAction, actions, `${place}: defaultAction`),
    defaultErrnoRet: errnoAt(defaultErrno, defaultErrnoRet, place, 'defaultErrno'), architectures: arches, archMap: map,
    rules: listAt(syscalls, `${place}: syscalls`).map((one, at) => ruleAt(one, `syscalls[${at}]`)),
  }
}
