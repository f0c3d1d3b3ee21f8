/** `lsm seccomp check PROFILE`: the calls that a profile refuses, rules that do nothing, and the needs of a program. */
import { syscallByName } from '@lsmkit/abi/syscall-name'
import { callsIn, checkProfile, readProfile, verdictOf } from '@lsmkit/emit/seccomp'
import type { CallVerdict, Container, NeededCall, Profile, ProfileFinding } from '@lsmkit/emit/seccomp'
import type { Finding } from '@lsmkit/report'
import { CommandError } from '../../command-error.ts'
import { readHostJson, readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, tableWithin } from '../../output.ts'
import type { Output } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'

export interface SeccompFlags extends ReportFlags {
  readonly cap?: readonly string[]
  readonly arch?: string
  readonly kernel?: string
  /** A log of a run. */
  readonly programNeeds?: string
}

interface Asked extends CallVerdict {
  /** As it was asked: `socket(2,1,0)`. */
  readonly call: string
}

interface Need extends CallVerdict, Pick<NeededCall, 'count' | 'lines'> {}

interface Answer {
  readonly findings: readonly ProfileFinding[]
  readonly asked: readonly Asked[]
  readonly needs: readonly Need[]
}

const rules: Readonly<Record<string, string>> = {
  'seccomp/denies-all': 'No program can start under the profile.',
  'seccomp/allows-all': 'The profile refuses nothing.',
  'seccomp/unknown-call': 'The profile names a call that Linux does not have.',
  'seccomp/dead': 'A rule is never asked.',
  'seccomp/like-default': 'A rule does what the default does.',
  'seccomp/wide-open': 'A call is allowed that leads out of a container with the capability.',
  'seccomp/refused': 'A call is refused.',
  'seccomp/needed': 'A call of the recorded run is refused.',
}

const containerOf = ({ cap = [], arch, kernel }: SeccompFlags): Container => ({
  caps: cap.map((name) => (name.toUpperCase().startsWith('CAP_') ? name.toUpperCase() : `CAP_${name.toUpperCase()}`)),
  ...(arch === undefined ? {} : { arch }), ...(kernel === undefined ? {} : { kernel }),
})

const CALL = /^([a-z_]\w*)(?:\(([^)]*)\))?$/

const ask = (profile: Profile, container: Container, call: string): Asked => {
  const [, name, list] = CALL.exec(call) ?? []
  if (name === undefined || syscallByName(name) === undefined) {
    throw new CommandError('usage', `\`${call}\` is not a call`, 'openat, or with arguments: socket(2,1,0)')
  }
  const args = list?.split(',').map((text) => text.trim()).filter((text) => text !== '')
  const wrong = args?.find((text) => !/^(?:0x[\da-f]+|\d+)$/i.test(text))
  if (wrong !== undefined) throw new CommandError('usage', `\`${wrong}\` is not a number`, 'socket(2,1,0)')
  return { call, ...verdictOf(profile, name, container, args?.map(BigInt)) }
}

const needsOf = (io: Io, profile: Profile, container: Container, log: string | undefined): Need[] => {
  if (log === undefined) return []
  const calls = callsIn(readHostText(io, log).split('\n'))
  if (calls.length === 0) {
    const hint = 'a log of strace -f, or audit records of seccomp'
    throw new CommandError('badInput', `\`${log}\` has no calls in it`, hint)
  }
  return calls.map(({ name, count, lines }) => ({ ...verdictOf(profile, name, container), count, lines }))
}

/** Ends with 1 when the profile has errors or warnings, or refuses a call that was asked or is needed. */
export const seccompCheckCommand = (
  io: Io, file: string, calls: readonly string[], flags: SeccompFlags,
): number => reported(io, 'seccomp check', flags, () => {
  const profile = readProfile(readHostJson(io, file), file)
  const container = containerOf(flags)
  const answer: Answer = {
    findings: checkProfile(profile, container), asked: calls.map((call) => ask(profile, container, call)),
    needs: needsOf(io, profile, container, flags.programNeeds),
  }
  const refused = [...answer.asked, ...answer.needs].some(({ verdict }) => verdict === 'refused')
  const isWrong = answer.findings.some(({ level }) => level !== 'note')
  return {
    code: refused || isWrong ? EXIT.denied : EXIT.ok, rules,
    checks: [{ name: file, file, findings: findingsOf(answer) }],
    json: (out) => printJson(out, { ...answer }),
    pretty: (out) => print(out, answer),
  }
})

const refusal = ({ name, action, errno, place }: CallVerdict): string =>
  `${name}: ${action}${errno === null ? '' : ` with errno ${errno}`}, by ${place ?? 'the default'}`

const findingsOf = ({ findings, asked, needs }: Answer): Finding[] => [
  ...findings.map(({ rule, level, place, text, hint }): Finding =>
    ({ rule: `seccomp/${rule}`, level, message: `${place}: ${text}`, fix: hint })),
  ...asked.filter(({ verdict }) => verdict === 'refused')
    .map((one): Finding => ({ rule: 'seccomp/refused', level: 'error', message: refusal(one) })),
  ...needs.filter(({ verdict }) => verdict === 'refused')
    .map((one): Finding => ({ rule: 'seccomp/needed', level: 'error', message: refusal(one) })),
]

const verdictLine = ({ colors }: Output, one: CallVerdict): string => {
  if (one.verdict === 'allowed') return `${colors.green('allowed')} by ${one.place ?? 'the default'}`
  if (one.verdict === 'refused') return `${colors.red('refused')}: ${refusal(one).slice(one.name.length + 2)}`
  return `depends: ${one.conditions.slice(0, 3).join('; or ')}${one.conditions.length > 3 ? '; or others' : ''}`
}

const print = (out: Output, { findings, asked, needs }: Answer): void => {
  const rows = findings.map(({ level, place, text, hint }) =>
    [place, level, `${text}${hint === null ? '' : ` (${hint})`}`])
  for (const line of tableWithin(rows)) out.print(line)
  for (const line of tableWithin(asked.map((one) => [one.call, verdictLine(out, one)]))) out.print(line)
  const others = needs.filter(({ verdict }) => verdict !== 'allowed')
  const needed = others.map((one) => [one.name, `${one.count}×`, verdictLine(out, one)])
  for (const line of tableWithin(needed)) out.print(line)
  if (needs.length > 0) {
    const refused = needs.filter(({ verdict }) => verdict === 'refused').length
    out.print(`${counted(needs.length, 'call')} of the run: ${needs.length - others.length} allowed, ` +
      `${refused} refused, ${others.length - refused} by their arguments`)
  }
  if (rows.length + asked.length + needs.length === 0) out.print('nothing was found')
}
