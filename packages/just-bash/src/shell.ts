/**
 * A shell on a kernel. It is a process that has executed /bin/bash; each command that is a program is a child of it
 * that has executed that program, with a just-bash of its own whose files are that child's. So a label changes by
 * command, where a policy says so. What bash does itself is the shell's: redirections, globs, `cd`, `echo`.
 */
import type { Task } from '@lsmkit/core'
import { aFunction, aString, instanceOf, oneOf, recordOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { ExecImage, Kernel } from '@lsmkit/kernel'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import { Bash, defineCommand, latin1FromBytes } from 'just-bash'
import type { BashOptions, CustomCommand, ExecResult } from 'just-bash'
import { Errands } from './errands.ts'
import { anExecutionLimits } from './execution-limits.ts'
import { end, spawn } from './process.ts'
import { ProgramFs } from './program-fs.ts'
import { addFormat, EXEC, installPrograms, isBuiltin, isProgram, programNames } from './programs.ts'
import { redirectionPlugin } from './redirections.ts'
import { reasonOf } from './refusals.ts'
import { ShellFs } from './shell-fs.ts'

/** A command's view of its context: just-bash names the type, and exports it under another. */
type Context = Parameters<Parameters<typeof defineCommand>[1]>[1]

export interface ShellOptions {
  /** Limits of just-bash, for the shell and for each command. */
  readonly executionLimits?: BashOptions['executionLimits']
  readonly executionLimitProfile?: BashOptions['executionLimitProfile']
  /** Runs what is in the tree and is no command of just-bash, as a WASI program; the child has executed it. */
  readonly runProgram?: RunProgram
}

export interface ProgramInput {
  readonly stdin: Uint8Array
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly signal: AbortSignal | undefined
}
export interface ProgramOutput {
  readonly status: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}
export type RunProgram = (task: Task, image: ExecImage, input: ProgramInput) => Promise<ProgramOutput>

export interface ShOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  readonly signal?: AbortSignal
  /** `$1` and the rest. */
  readonly args?: readonly string[]
}

export interface ShResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

const shellRules: OptionRules<ShellOptions> = {
  executionLimits: anExecutionLimits,
  executionLimitProfile: oneOf('normal', 'hardened'),
  runProgram: aFunction,
}
const shRules: OptionRules<ShOptions> = {
  env: recordOf(aString),
  cwd: aString,
  stdin: { is: (value) => typeof value === 'string' || value instanceof Uint8Array, what: 'a string or a Uint8Array' },
  signal: instanceOf(AbortSignal),
  args: { is: (value) => Array.isArray(value) && value.every((arg) => typeof arg === 'string'), what: 'strings' },
}

/** The program that a just-bash is; its own result tells whether it printed text or bytes. */
interface Own {
  readonly name: string
  result: Promise<ExecResult> | null
}

const HOME = { HOME: '/', PATH: '/usr/bin:/bin', SHELL: '/bin/bash' }
const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

export class Shell {
  readonly #kernel: Kernel
  readonly #options: ShellOptions
  readonly #errands = new Errands()

  constructor(kernel: Kernel, options: ShellOptions = {}) {
    this.#kernel = kernel
    this.#options = Shell.check(options)
    addFormat(kernel)
  }

  /** A copy that nothing changes any more. Throws OptionError. */
  static check(options: ShellOptions): ShellOptions {
    return plainOptions(options, { takes: shellRules }, 'Shell')
  }

  /** Puts the commands into the tree, as `task`. */
  install(task: Task, dir?: string): void {
    installPrograms(new TaskFiles(this.#kernel, task), dir)
  }

  /** Runs a command line in a child of `task` that has executed bash. */
  async sh(task: Task, command: string, given: ShOptions = {}): Promise<ShResult> {
    const options = plainOptions(given, { takes: shRules }, 'sh')
    const { cwd = new TaskFiles(this.#kernel, task).cwd(), stdin = '', signal, args = [] } = options
    const env = { ...HOME, ...options.env }
    const spawned = spawn(this.#kernel, task, ['bash', '-c', command, 'bash', ...args], env, cwd)
    if (!('task' in spawned)) return { status: spawned.status, stdout: '', stderr: `sh: ${spawned.why}\n` }
    let status = 1
    try {
      const fs = new ShellFs(this.#kernel, spawned.task)
      const bash = this.#bashOf(spawned.task, cwd, fs, null)
      const kind = typeof stdin === 'string' ? 'text' : 'bytes'
      const script = args.length === 0 ? command : `set -- ${args.map(quoted).join(' ')}\n${command}`
      const ran = await bash.exec(script, {
        env, replaceEnv: true, cwd, rawScript: true, stdinKind: kind,
        stdin: typeof stdin === 'string' ? stdin : latin1(stdin), ...(signal === undefined ? {} : { signal }),
      })
      status = ran.exitCode
      return { status, stdout: ran.stdout, stderr: fs.refusals.explain(ran.stderr) }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return { status, stdout: '', stderr: `bash: ${refusal(error)}\n` }
    } finally {
      end(this.#kernel, spawned.task, status)
    }
  }

  /** A just-bash of a task. `own`: the program that it is, which it runs itself once. */
  #bashOf(task: Task, cwd: string, fs: ShellFs, own: Own | null): Bash {
    const { executionLimits, executionLimitProfile } = this.#options
    const bash = new Bash({
      fs,
      cwd,
      customCommands: this.#commandsOf(task, own),
      processInfo: { pid: task.pid, uid: task.cred.uid, gid: task.cred.gid },
      ...(own === null ? {} : { defenseInDepth: false }),
      ...(executionLimits === undefined ? {} : { executionLimits }),
      ...(executionLimitProfile === undefined ? {} : { executionLimitProfile }),
    })
    bash.registerTransformPlugin(redirectionPlugin)
    return bash
  }

  #commandsOf(task: Task, own: Own | null): CustomCommand[] {
    const names = new Set([...programNames.filter((name) => !isBuiltin(name)), ...this.#othersOf(task)])
    if (own !== null) names.add(own.name)
    const exec = defineCommand(EXEC, async (argv, context) => this.#run(task, argv, context), { trusted: false })
    return [exec, ...[...names].map((name) => defineCommand(name, async (args, context) => {
      if (name === own?.name && own.result === null) {
        own.result = context.origCommand!(args)
        return own.result
      }
      return this.#run(task, [name, ...args], context)
    }, { trusted: false }))]
  }

  /** Programs of the tree that just-bash does not have, by the names that the task can see. */
  #othersOf(task: Task): string[] {
    if (this.#options.runProgram === undefined) return []
    const files = new TaskFiles(this.#kernel, task)
    try {
      return files.readdir('/bin').map(({ name }) => name)
    } catch (error) {
      if (error instanceof FileError) return []
      throw error
    }
  }

  async #run(parent: Task, argv: readonly string[], context: Context): Promise<ExecResult> {
    const env = context.exportedEnv ?? {}
    const spawned = spawn(this.#kernel, parent, argv, env, context.cwd)
    if (!('task' in spawned)) return { stdout: '', stderr: `bash: ${spawned.why}\n`, exitCode: spawned.status }
    const { task, image } = spawned
    let status = 126
    try {
      const ran = await this.#become(task, image, context, env)
      status = ran.exitCode
      return ran
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return { stdout: '', stderr: `${argv[0]}: ${refusal(error)}\n`, exitCode: status = 1 }
    } finally {
      status = end(this.#kernel, task, status)
    }
  }

  /** Runs what the task has executed, which a script names another program for. */
  async #become(
    task: Task, image: ExecImage, context: Context, env: Readonly<Record<string, string>>,
  ): Promise<ExecResult> {
    const { cwd, signal } = context
    const stdin = latin1FromBytes(context.stdin)
    if (image.kind === 'native' && isProgram(image.program)) {
      const name = image.file.f_path.dentry.d_name.name
      if (!programNames.includes(name)) return { stdout: '', stderr: `${name}: applet not found\n`, exitCode: 127 }
      const own: Own = { name, result: null }
      const fs = new ProgramFs(this.#kernel, task, name, context.fs)
      const ran = await this.#bashOf(task, cwd, fs, own).exec(`/bin/${name}`, {
        args: image.argv.slice(1), env: { ...env }, replaceEnv: true, cwd, stdin, stdinKind: 'bytes',
        ...(signal === undefined ? {} : { signal }),
      })
      const result = await own.result ?? ran
      return { ...result, stderr: fs.refusals.explain(result.stderr) }
    }
    const { runProgram } = this.#options
    if (runProgram === undefined) {
      return { stdout: '', stderr: `bash: ${image.argv[0]}: cannot execute binary file\n`, exitCode: 126 }
    }
    const { status, stdout, stderr } = await this.#errands.run(() =>
      runProgram(task, image, { stdin: bytesOf(stdin), env, cwd, signal }))
    return { stdout: latin1(stdout), stdoutKind: 'bytes', stderr: new TextDecoder().decode(stderr), exitCode: status }
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const refusal = (error: FileError): string => `${error.path ?? ''}: ${reasonOf(error)}`
