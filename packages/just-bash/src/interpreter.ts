/**
 * just-bash on processes. The shell is one that has executed /bin/bash; each command that is a program is a child of it
 * that has executed that program, with a just-bash of its own whose files are that child's. So a label changes by
 * command, where a policy says so. The shell does bash's own work: redirections, globs, `cd`, `echo`. Where the kernel
 * is does not matter here.
 */
import { FileError } from '@lsmkit/kernel/files'
import { Bash, defineCommand, latin1FromBytes } from 'just-bash'
import type { BashOptions, Command, CommandName, CustomCommand, ExecResult } from 'just-bash'
import type { Errands } from './errands.ts'
import { methodsOfModule } from './module-methods.ts'
import { fetchOf } from './network.ts'
import { ProgramFs } from './program-fs.ts'
import { EXEC, isBuiltin, starts } from './program-kinds.ts'
import { commandNames, networkNames, programNames } from './programs.ts'
import { redirectionPlugin } from './redirections.ts'
import { reasonOf } from './refusals.ts'
import type { Env, ShellCalls, Spawned } from './shell-calls.ts'
import { ShellFs } from './shell-fs.ts'

/** A command's view of its context: just-bash names the type, and exports it under another. */
type Context = Parameters<Parameters<typeof defineCommand>[1]>[1]

/** Data. */
export interface InterpreterOptions {
  readonly executionLimits?: BashOptions['executionLimits']
  readonly executionLimitProfile?: BashOptions['executionLimitProfile']
  /** The most bytes of a file that is read whole. */
  readonly largestRead: number
}

export interface Line {
  readonly command: string
  readonly env: Env
  readonly cwd: string
  readonly stdin: string | Uint8Array
  /** `$1` and the rest. */
  readonly args: readonly string[]
}

export interface ShResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** The program that a just-bash is; its own result says whether it printed text or bytes. */
interface Own {
  readonly name: string
  result: Promise<ExecResult> | null
}

const programsApart: readonly string[] = programNames.filter((name) => !isBuiltin(name))

/**
 * The program of a just-bash: once it is run, the name is that of another (`again`). Its output is taken from `own`:
 * this just-bash would count every character of it again and again, as the one of the shell does anyway.
 */
const ownCommand = (own: Own, again?: CustomCommand): CustomCommand =>
  defineCommand(own.name, async (args, context) => {
    if (own.result !== null && again !== undefined) return (again as Command).execute(args, context as never)
    own.result = context.origCommand!(args)
    const { exitCode } = await own.result
    return { stdout: '', stderr: '', exitCode }
  }, { trusted: false })

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

export class Interpreter {
  readonly #calls: ShellCalls
  readonly #options: InterpreterOptions
  readonly #errands: Errands

  constructor(calls: ShellCalls, options: InterpreterOptions, errands: Errands) {
    this.#calls = calls
    this.#options = options
    this.#errands = errands
    methodsOfModule()
  }

  /** Runs a line in the shell `root`, which it does not end. Rejects where the signal is aborted. */
  async run(root: Spawned, line: Line, signal?: AbortSignal): Promise<ShResult> {
    const { command, env, cwd, stdin, args } = line
    const fs = new ShellFs(this.#calls.filesOf(root.pid), this.#options.largestRead)
    const bash = this.#bashOf(root, cwd, fs, null)
    const script = args.length === 0 ? command : `set -- ${args.map(quoted).join(' ')}\n${command}`
    try {
      const ran = await bash.exec(script, {
        env: { ...env }, replaceEnv: true, cwd, rawScript: true,
        stdinKind: typeof stdin === 'string' ? 'text' : 'bytes',
        stdin: typeof stdin === 'string' ? stdin : latin1(stdin), ...(signal === undefined ? {} : { signal }),
      })
      return { status: ran.exitCode, stdout: ran.stdout, stderr: fs.refusals.explain(ran.stderr) }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return { status: 1, stdout: '', stderr: `bash: ${refusal(error)}\n` }
    }
  }

  /** A just-bash of a process. `own`: the program that it is, which it runs itself once. */
  #bashOf(process: Spawned, cwd: string, fs: ShellFs, own: Own | null): Bash {
    const { executionLimits, executionLimitProfile } = this.#options
    const { pid, uid, gid } = process
    const startsOthers = own === null || starts(own.name)
    const fetch = fetchOf(this.#calls, pid, this.#options.largestRead, this.#errands)
    const bash = new Bash({
      fs,
      cwd,
      // to register all of them takes longer than most programs run
      ...(startsOthers ? {} : { commands: [own.name as CommandName] }),
      customCommands: startsOthers ? this.#commandsOf(process, own) : [ownCommand(own)],
      processInfo: { pid, uid, gid },
      ...(fetch === null ? {} : { fetch }),
      ...(own === null ? {} : { defenseInDepth: false }),
      ...(executionLimits === undefined ? {} : { executionLimits }),
      ...(executionLimitProfile === undefined ? {} : { executionLimitProfile }),
    })
    if (startsOthers) bash.registerTransformPlugin(redirectionPlugin)
    return bash
  }

  #commandsOf({ pid, others }: Spawned, own: Own | null): CustomCommand[] {
    const network = this.#calls.fetch === null ? [] : networkNames
    const names = new Set([...programsApart, ...network, ...others])
    const start = (name: string): CustomCommand => defineCommand(name, async (args, context) =>
      this.#start(pid, [name, ...args], context), { trusted: false })
    const exec = defineCommand(EXEC, async (argv, context) => this.#start(pid, argv, context), { trusted: false })
    if (own === null) return [exec, ...[...names].map(start)]
    names.delete(own.name)
    return [exec, ownCommand(own, start(own.name)), ...[...names].map(start)]
  }

  async #start(parent: number, argv: readonly string[], context: Context): Promise<ExecResult> {
    const env = context.exportedEnv ?? {}
    const spawned = await this.#calls.spawn(parent, argv, env, context.cwd)
    if (!('pid' in spawned)) return { stdout: '', stderr: `bash: ${spawned.why}\n`, exitCode: spawned.status }
    let status = 126
    let ran: ExecResult
    try {
      ran = await this.#become(spawned, context, env)
      status = ran.exitCode
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      ran = { stdout: '', stderr: `${argv[0]}: ${refusal(error)}\n`, exitCode: status = 1 }
    } finally {
      await this.#calls.end(spawned.pid, status)
    }
    return ran
  }

  /** Runs what the process has executed, which a script names another program for. */
  async #become(process: Spawned, context: Context, env: Env): Promise<ExecResult> {
    const { cwd, signal } = context
    const { pid, program: name, argv } = process
    const stdin = latin1FromBytes(context.stdin)
    const aborts = signal === undefined ? {} : { signal }
    if (name !== null) {
      const isThere = commandNames(this.#calls.fetch !== null).includes(name)
      if (!isThere) return { stdout: '', stderr: `${name}: applet not found\n`, exitCode: 127 }
      const own: Own = { name, result: null }
      const args = argv.slice(1)
      const fs = new ProgramFs(this.#calls.filesOf(pid), this.#options.largestRead, name, args, context.fs)
      const ran = await this.#bashOf(process, cwd, fs, own).exec(`/bin/${name}`, {
        args, env: { ...env }, replaceEnv: true, cwd, stdin, stdinKind: 'bytes', ...aborts,
      })
      const result = await own.result ?? ran
      return { ...result, stderr: fs.refusals.explain(result.stderr) }
    }
    const { run } = this.#calls
    if (run === null) return { stdout: '', stderr: `bash: ${argv[0]}: cannot execute binary file\n`, exitCode: 126 }
    const { status, stdout, stderr } = await this.#errands.run(() =>
      run(pid, { stdin: bytesOf(stdin), env, cwd, signal }))
    return { stdout: latin1(stdout), stdoutKind: 'bytes', stderr: new TextDecoder().decode(stderr), exitCode: status }
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const refusal = (error: FileError): string => `${error.path ?? ''}: ${reasonOf(error)}`
