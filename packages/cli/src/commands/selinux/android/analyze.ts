/** `lsm selinux android analyze|neverallow|mapping`: questions about a policy that Android's build and CTS ask. */
import {
  attributeMembers, booleanNames, checkMapping, checkNeverallows, differingTypes, duplicateRules, equivalentTypes,
  identityMapping,
  parseMapping, parseNeverallows, permissiveTypes,
} from '@lsmkit/selinux/android'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { PolicyView } from '@lsmkit/selinux/query'
import { CommandError } from '../../../command-error.ts'
import { readHostText } from '../../../host-file.ts'
import { refuseIdle } from '../../../idle-options.ts'
import type { Io } from '../../../io.ts'
import { EXIT, printJson, printLines } from '../../../output.ts'
import { policyOf } from '../inputs.ts'
import { withAndroidErrors } from './errors.ts'

export interface AnalyzeFlags {
  readonly reverse?: boolean
  readonly difference?: boolean
  readonly json?: boolean
}

/** By the name of sepolicy-analyze; what is found fails a check of CTS where `isForbidden`. */
const questions: ReadonlyMap<string, {
  readonly isForbidden: boolean
  readonly ask: (policy: Policydb, name: string | undefined, isReverse: boolean) => string[]
}> = new Map([
  ['permissive', { isForbidden: true, ask: permissiveTypes }],
  ['booleans', { isForbidden: true, ask: booleanNames }],
  ['dups', { isForbidden: false, ask: duplicateRules }],
  ['typecmp', { isForbidden: false, ask: (policy: Policydb) => equivalentTypes(policy).map((types) =>
    types.join(' ')) }],
  ['attribute', { isForbidden: false, ask: (policy: Policydb, name: string | undefined, isReverse: boolean) => {
    if (name === undefined) throw new CommandError('usage', '`attribute` needs a name')
    return attributeMembers(policy, name, isReverse)
  } }],
])

/** Ends with 1 where there is something that CTS forbids. */
export const analyzeCommand = (
  io: Io, file: string, question: string, name: string | undefined, flags: AnalyzeFlags,
): number => withAndroidErrors(() => {
  const known = [...questions.keys()]
  const found = questions.get(question)
  if (found === undefined) {
    throw new CommandError('usage', `\`${question}\` is not a question`,
      didYouMean(question, known) ?? `questions: ${known.join(', ')}`)
  }
  if (question !== 'typecmp') refuseIdle(flags, `on \`${question}\``, ['difference'])
  if (question !== 'attribute') refuseIdle(flags, `on \`${question}\``, ['reverse'])
  if (name !== undefined && question !== 'attribute' && flags.difference !== true) {
    throw new CommandError('usage', `\`${question}\` takes no name`, 'leave it out')
  }
  const policy = policyOf(io, file)
  const lines = flags.difference === true ? differingTypes(policy, name)
    : found.ask(policy, name, flags.reverse === true)
  if (flags.json) printJson(io, { question, found: lines })
  else for (const line of lines) io.print(line)
  return found.isForbidden && lines.length > 0 ? EXIT.denied : EXIT.ok
})

export interface NeverallowFlags {
  readonly file?: readonly string[]
  readonly rule?: readonly string[]
  readonly warn?: boolean
  readonly json?: boolean
}

/** Ends with 1 for a violation. */
export const neverallowCommand = (io: Io, name: string, flags: NeverallowFlags): number => withAndroidErrors(() => {
  const rules = [
    ...(flags.file ?? []).flatMap((file) => parseNeverallows(readHostText(io, file), file)),
    ...(flags.rule ?? []).flatMap((text) => parseNeverallows(text, '--rule')),
  ]
  if (rules.length === 0) throw new CommandError('usage', 'there is no neverallow rule', '--file FILE or --rule TEXT')
  const { checked, violations, unknown } = checkNeverallows(policyOf(io, name), rules)
  if (flags.warn) for (const each of unknown) io.note(`lsm: the policy has no \`${each}\``)
  if (flags.json) {
    printJson(io, {
      checked, unknown, violations: violations.map(({ rule, ...found }) => ({ ...found, rule: rule.text,
        line: rule.line })),
    })
  } else {
    for (const { rule, source, target, tclass, permissions } of violations) {
      io.print(`line ${rule.line} is violated by allow ${source} ${target}:${tclass} { ${permissions.join(' ')} };`)
    }
    io.print(`${checked - new Set(violations.map(({ rule }) => rule)).size} of ${checked} rules hold`)
  }
  return violations.length === 0 ? EXIT.ok : EXIT.denied
})

export interface MappingFlags {
  readonly policy?: string
  readonly ignore?: readonly string[]
  readonly make?: string
  readonly json?: boolean
}

const typeNames = (policy: Policydb): string[] => {
  const view = new PolicyView(policy)
  return policy.types.items.filter(({ value, properties }) => properties !== 0 && !view.isAttribute(value))
    .map((item) => item.name)
}

/** A mapping beside a policy: what it names that is gone, and what it lacks. Or a new one of a policy's types. */
export const mappingCommand = (io: Io, file: string, flags: MappingFlags): number => withAndroidErrors(() => {
  if (flags.make !== undefined) {
    printLines(io, identityMapping(typeNames(policyOf(io, file)), flags.make).trimEnd())
    return EXIT.ok
  }
  if (flags.policy === undefined) throw new CommandError('usage', 'a mapping is checked beside a policy',
    '--policy POLICY')
  const text = readHostText(io, file)
  const declared = Array.from(text.matchAll(/\(\s*type\s+(\S+?)\s*\)/g), ([, name]) => name!)
  const ignored = (flags.ignore ?? []).flatMap((name) => [...parseMapping(readHostText(io, name),
    name).values()].flat())
  const problems = checkMapping(parseMapping(text, file), typeNames(policyOf(io, flags.policy)), ignored, declared)
  if (flags.json) printJson(io, problems)
  else {
    for (const type of problems.gone) io.print(`${type} is in the mapping and not in the policy`)
    for (const type of problems.unmapped) io.print(`${type} is in the policy and not in the mapping`)
  }
  return problems.gone.length + problems.unmapped.length === 0 ? EXIT.ok : EXIT.denied
})
