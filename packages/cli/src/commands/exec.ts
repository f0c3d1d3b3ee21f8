/** `lsm exec --policy FILE -- PROGRAM ARGS…`: a native program, held by the walls of this kernel. */
import { signalByName } from '@lsmkit/abi'
import {
  createNativeBox, gapIds, mediatedCallLines, mediatedCalls, NativeError, nativePreset, openWatch, settledStatus,
  watchedCallLines, watchedCalls,
} from '@lsmkit/native'
import type {
  JoinedEvent, NativeBox, NativeDenial, NativeOptions, PresetName, StartOptions, WatchDifference, WatchOptions,
} from '@lsmkit/native'
import type { Policy } from '@lsmkit/sandbox'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'
import { COLUMNS, EXIT, printJson, printLines, wrap } from '../output.ts'
import { environment, withVariables } from '../run/environment.ts'
import { readPolicy } from '../run/policy-file.ts'
import { auditSource, eventText, joinedEvents } from './exec-audit.ts'

export interface ExecCommandOptions {
  readonly policy?: string
  readonly preset?: string
  readonly role?: string
  readonly check?: boolean
  readonly watch?: boolean
  readonly mediate?: boolean
  readonly audit?: string
  readonly accept?: readonly string[]
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly json?: boolean
}

const NOT_FOUND = 127
const NOT_EXECUTED = 126
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** The exit status of the program, 126 for one that was not started, 127 for one that is not there. */
export const execCommand = async (
  io: Io, program: string | undefined, args: readonly string[], options: ExecCommandOptions,
): Promise<number> => {
  const { box, env, policy } = boxOf(io, options)
  const { check = false, role, json = false } = options
  if (check) {
    const explained = box.explain(role)
    const { mediate = false, watch = false } = options
    const calls = mediate ? mediatedCalls : watchedCalls
    if (json) printJson(io, mediate || watch ? { ...explained, calls } : explained)
    else {
      const lines = mediate ? mediatedCallLines(explained.landlock) : watch ? watchedCallLines() : []
      printLines(io, [String(explained), ...lines].join('\n'))
    }
    return explained.gaps.length === 0 && explained.problems.length === 0 ? EXIT.ok : EXIT.denied
  }
  if (program === undefined) {
    throw new CommandError('usage', 'there is no program to run', 'lsm exec --policy FILE -- PROGRAM')
  }
  const { cwd, audit } = options
  const choice = { env, ...(cwd === undefined ? {} : { cwd }), ...(role === undefined ? {} : { role }) }
  const reports: Reports = { denials: [], differences: [] }
  try {
    const source = audit === undefined ? null : auditSource(audit)
    const logged = (): readonly JoinedEvent[] => (source === null ? [] : joinedEvents(source, reports.denials))
    try {
      const status = await watched(io, policy, options, reports, async (watch) => {
        if (!json) return runHere(io, box, program, args, { ...choice, ...watch })
        const run = await box.exec(program, args, { ...choice, ...watch })
        await watch.watch?.end()
        const { denials, differences } = reports
        printJson(io, {
          ...run, denials: [...run.denials, ...denials], differences, ...(source === null ? {} : { audit: logged() }),
        })
        return run.status
      })
      if (!json) for (const event of logged()) io.note(`lsm: ${eventText(event)}`)
      return status
    } finally {
      source?.close()
    }
  } catch (error) {
    if (error instanceof NativeError) return refused(io, error)
    throw error
  }
}

type Watched = Pick<StartOptions, 'watch'>

/** The reports of a watch. */
interface Reports {
  readonly denials: NativeDenial[]
  readonly differences: WatchDifference[]
}

/** With a thread that names refusals, or asks the modules of the policy, where that is wanted. */
const watched = async (
  io: Io, policy: Policy, { watch = false, mediate = false, json = false }: ExecCommandOptions, reports: Reports,
  run: (watch: Watched) => Promise<number>,
): Promise<number> => {
  if (!watch && !mediate) return run({})
  const onDenial = (denial: NativeDenial): void => {
    reports.denials.push(denial)
    if (!json) io.note(`lsm: ${denial.comm}: ${denial.sentence}`)
  }
  const onDifference = (difference: WatchDifference): void => {
    reports.differences.push(difference)
    if (!json) io.note(`lsm: ${difference.comm}: ${difference.sentence}`)
  }
  const opened = await openWatch({
    allow: policy.allow ?? null, onDenial, onDifference, ...(mediate ? mediation(policy) : {}),
  })
  try {
    return await run({ watch: opened })
  } finally {
    await opened.end()
  }
}

const mediation = ({ modules = [], label }: Policy): Pick<WatchOptions, 'mediation'> => {
  if (modules.length === 0) {
    throw new CommandError('usage', 'there is no module that could decide', '`modules` in the policy')
  }
  return { mediation: { modules, attributes: true, ...(label === undefined ? {} : { label }) } }
}

/** Lines of a policy that a stack holds. */
const BY_MODULES = ['modules', 'label', 'file-labels']

const boxOf = (io: Io, options: ExecCommandOptions): {
  box: NativeBox; env: Record<string, string>; policy: Policy
} => {
  const { policy, preset, accept: given = [], env = [], mediate = false, watch = false, json = false } = options
  const notes: NativeOptions =
    (watch || mediate) && !json ? { onDenial: ({ sentence }) => io.note(`lsm: ${sentence}`) } : {}
  const unknown = given.find((id) => !(gapIds as readonly string[]).includes(id))
  if (unknown !== undefined) {
    throw new CommandError('usage', `\`${unknown}\` is nothing that can be accepted`,
      'lsm exec --check lists the ids that the policy needs here')
  }
  const accept = mediate ? [...given, ...BY_MODULES] : given
  if ((policy === undefined) === (preset === undefined)) {
    throw new CommandError(
      'usage', 'there has to be a policy or a preset', 'lsm exec --policy FILE, lsm exec --preset git')
  }
  if (preset !== undefined) {
    const ready = nativePreset(preset as PresetName, { folder: io.cwd })
    const variables = withVariables(ready.policy, environment(env))
    const box = createNativeBox(ready.policy, { ...notes, accept: [...ready.accept, ...accept] })
    return { box, env: variables, policy: ready.policy }
  }
  const { file, named } = readPolicy(io, policy!)
  const box = createNativeBox(named, { ...notes, accept })
  return { box, env: withVariables(file, environment(env)), policy: named }
}

/** With the streams of this process; signals are handed on to the program. */
const runHere = async (
  io: Io, box: NativeBox, program: string, args: readonly string[], choice: StartOptions,
): Promise<number> => {
  const started = box.start(program, args, { ...choice, stdio: ['inherit', 'inherit', 'inherit'] })
  started.process.stdout?.on('data', (bytes: Uint8Array) => io.stdout(bytes))
  started.process.stderr?.on('data', (bytes: Uint8Array) => io.stderr(bytes))
  const handOn = (name: NodeJS.Signals): void => void started.process.kill(signalByName(name) ?? 0)
  for (const name of SIGNALS) process.on(name, handOn)
  try {
    const { status, reason } = settledStatus(await started.process.ended, started.reason())
    if (reason !== '') io.note(`lsm: ${reason}`)
    return status
  } finally {
    for (const name of SIGNALS) process.off(name, handOn)
  }
}

/** Its message, and what helps on a line of its own. */
export const noteRefusal = (io: Io, { place, summary, hint }: NativeError): void => {
  for (const line of `${place === null ? '' : `${place}: `}${summary}`.split('\n')) io.note(`lsm: ${line}`)
  if (hint !== null) for (const line of wrap(`(${hint})`, '', COLUMNS)) io.note(line)
}

const refused = (io: Io, error: NativeError): number => {
  noteRefusal(io, error)
  return error.code === 'no-program' && !error.message.includes('cannot be executed') ? NOT_FOUND : NOT_EXECUTED
}
