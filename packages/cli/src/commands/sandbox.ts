/** `lsm sandbox --policy FILE -- PROGRAM ARGS…`: a program in a box, under a policy that is a file of JSON. */
import { resolve } from 'node:path'
import type { Lsm } from '@lsmkit/core'
import { ProgramError } from '@lsmkit/wasi'
import { createSandbox, policyWithin } from '@lsmkit/sandbox'
import type { Denial, ModuleSource, Policy, RunOptions, RunResult, Sandbox } from '@lsmkit/sandbox'
import { readBounded } from '../bounded-read.ts'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'
import { moduleFactory } from '../modules.ts'
import { EXIT, printJson, printLines } from '../output.ts'
import { boxTerminal } from '../run/box-terminal.ts'
import { checkCow, copied, isCopied, review } from '../run/cow-review.ts'
import type { CowOptions } from '../run/cow-review.ts'
import { ownModules } from '../run/own-modules.ts'
import { environment, withVariables } from '../run/environment.ts'
import { narrowed } from '../run/policy-options.ts'
import { readPolicy } from '../run/policy-file.ts'
import type { PolicyChoice } from '../run/policy-options.ts'
import { withStdin } from '../run/stdin-file.ts'

export interface SandboxCommandOptions extends PolicyChoice, CowOptions {
  readonly policy?: string
  /** A managed maximum. */
  readonly within?: string
  readonly module?: readonly string[]
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly stdin?: string
  readonly explain?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
}

const NOT_FOUND = 127
const NOT_EXECUTED = 126

/** Exit status of the program, or what a shell would say for it. */
export const sandboxCommand = async (
  outer: Io, program: string | undefined, args: readonly string[], options: SandboxCommandOptions,
): Promise<number> => {
  const io = withStdin(outer, options.stdin)
  const { box, env } = await openBox(io, options)
  try {
    if (options.explain === true) printLines(io, String(await box.explain()))
    if (program === undefined) {
      if (options.explain === true) return EXIT.ok
      throw new CommandError('usage', 'there is no program to run', 'lsm sandbox --policy FILE -- PROGRAM ARGS')
    }
    const run = await runIn(box, io, program, args, env, options)
    return await settled(box, outer, run, options)
  } finally {
    await box.close()
  }
}

/** A box under the policy of the options, and the variables of its programs. */
export const openBox = async (
  io: Io, options: SandboxCommandOptions,
): Promise<{ box: Sandbox; env: Readonly<Record<string, string>> }> => {
  if (options.policy === undefined) {
    throw new CommandError('usage', 'there is no policy', '`--policy FILE` names one, `lsm sandbox init` writes one')
  }
  const { file, folder, named } = readPolicy(io, options.policy)
  const own = await ownModules(io, options.module)
  const { mounts = {}, ...rest } = narrowed(named, options, io.cwd, own.length)
  const { modules = [], ...policy } = bounded(
    io, { ...rest, mounts: options.cow === true ? copied(mounts) : mounts }, options.within,
  )
  checkCow(options, isCopied(policy))
  const env = withVariables(file, environment(options.env ?? []))
  const all = [...await modulesOf(folder, modules), ...own]
  return { box: await createSandbox({ ...policy, inline: true, modules: all }), env }
}

/** What came of the run, and of the folders that it has worked in. */
const settled = async (
  box: Sandbox, io: Io, run: RunResult | number, { json = false, quiet = false, ...options }: SandboxCommandOptions,
): Promise<number> => {
  if (typeof run === 'number') return run
  const { code, changes, applied } = await review(box, io, options, json || quiet)
  if (json) printJson(io, { ...run, ...(changes.length === 0 ? {} : { changes, applied }) })
  return run.status === 0 ? code : run.status
}

/** Throws SandboxError for a policy that is not within the maximum. */
const bounded = (io: Io, policy: Policy, max: string | undefined): Policy =>
  (max === undefined ? policy : policyWithin(policy, readPolicy(io, max).named, `--within ${max}`))

/** Ours by their names, others from their files; of this command's own core. */
const modulesOf = async (cwd: string, sources: readonly ModuleSource[]): Promise<(() => Lsm)[]> => {
  const makers: (() => Lsm)[] = []
  for (const { module, export: name, options = {} } of sources) {
    const ours = await moduleFactory(module.replace(/^@lsmkit\//, ''))
    if (ours !== null) makers.push(() => ours(options))
    else {
      const own = await ownModules({ cwd }, [`${module}${name === undefined ? '' : `#${name}`}`])
      makers.push(...own.map((make) => () => make(options)))
    }
  }
  return makers
}

/** A number is the code of a program that could not be run. */
const runIn = async (
  box: Sandbox, io: Io, program: string, args: readonly string[], env: Readonly<Record<string, string>>,
  options: SandboxCommandOptions,
): Promise<RunResult | number> => {
  const { cwd, json = false } = options
  const streams = json ? {} : { stdout: into((bytes) => io.stdout(bytes)), stderr: into((bytes) => io.stderr(bytes)) }
  const image = imageOf(io, program)
  if (image === null) {
    io.note(`lsm: \`${program}\` is neither a file of the host nor a path of the box`)
    return NOT_FOUND
  }
  const given = { args, name: program, env, ...(cwd === undefined ? {} : { cwd }), ...streams }
  let run: RunResult
  try {
    run = await atTerminal(io, json, (seat) => box.run(image, { ...given, ...seat }))
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    io.note(`lsm: \`${program}\` cannot be run: ${error.summary}${error.hint === '' ? '' : ` (${error.hint})`}`)
    return NOT_EXECUTED
  }
  if (!json && options.quiet !== true) tell(io, run)
  return run
}

/** The terminal of the host where it is one and is wanted, else its input. */
const atTerminal = async (
  io: Io, isPlain: boolean, run: (seat: Pick<RunOptions, 'stdin' | 'terminal'>) => Promise<RunResult>,
): Promise<RunResult> => {
  const host = isPlain ? null : io.terminal()
  if (host === null) return run({ stdin: typed(io) })
  const { stdin, terminal, end } = boxTerminal(host)
  try {
    return await run({ stdin, terminal })
  } finally {
    end()
  }
}

/** A file of the host, or a path that is to be executed in the box. */
export const imageOf = ({ cwd }: Io, program: string): Uint8Array | string | null => {
  try {
    return readBounded(resolve(cwd, program))
  } catch {
    return program.startsWith('/') ? program : null
  }
}

const into = (write: (bytes: Uint8Array) => void): WritableStream<Uint8Array> => new WritableStream({ write })

/** Milliseconds between two looks at an input that has nothing yet. */
const PAUSE = 10

async function* typed(io: Io): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(65536)
  for (;;) {
    const length = io.stdin(buffer)
    if (length === 0) return
    if (length === null) await new Promise((done) => setTimeout(done, PAUSE))
    else yield buffer.slice(0, length)
  }
}

export const tell = (io: Io, { reason, denials, denialsLeftOut }: RunResult): void => {
  if (reason !== '') io.note(`lsm: ${reason}`)
  for (const { sentence, permit } of denials as readonly Denial[]) {
    io.note(`lsm: ${sentence}${permit === null ? '' : ` (${JSON.stringify(permit.allow)} would permit it)`}`)
  }
  if (denialsLeftOut > 0) io.note(`lsm: and ${denialsLeftOut} more refusals`)
}
