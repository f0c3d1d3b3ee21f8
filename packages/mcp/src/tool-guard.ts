/**
 * Runs handlers of tools as tasks of a box: with a user and a label, path arguments opened by the kernel, and a receipt
 * in `_meta`. Calls run one after another, so that what is refused meanwhile is the call's.
 */
import { promptText } from '@lsmkit/abi'
import type { SafeText } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import {
  aBoolean, aFunction, aString, either, oneOf, OptionError, optionsOf, recordOf, required,
} from '@lsmkit/core/option-rules'
import { plainCopy, plainOptions } from '@lsmkit/core/plain-options'
import type { OptionShape } from '@lsmkit/core/plain-options'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import type { Denial, Sandbox } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import type { Inside } from '@lsmkit/sandbox/inside'
import type { CallToolResult } from '@modelcontextprotocol/server'
import { choiceRules } from './config.ts'
import type { ToolChoice } from './config.ts'
import { OpenFile } from './open-file.ts'
import type { PathUse } from './open-file.ts'
import { deniedOf, RECEIPT } from './receipt.ts'
import type { Receipt, ReceiptDecision } from './receipt.ts'

export interface ToolSpec extends ToolChoice {
  readonly name: string
  /** Arguments that are paths, and what they are opened for. A call whose argument is not a string is refused. */
  readonly paths?: Readonly<Record<string, PathUse | OptionalPath>>
  /** Throws for arguments that the tool does not take. It is called before any path is opened. */
  readonly check?: (args: Arguments) => void
}

/** A path argument that may be left out: `opened` does not have it then. */
export interface OptionalPath {
  readonly use: PathUse
  readonly optional: boolean
}

/** The input of a handler beside its arguments. */
export interface ToolCall extends ToolChoice {
  /** Lives as long as the call. */
  readonly task: Task
  /** Files as the task sees them. */
  readonly files: TaskFiles
  /** The path arguments, open. */
  readonly opened: Readonly<Record<string, OpenFile>>
  readonly signal: AbortSignal | undefined
}

type Arguments = Readonly<Record<string, unknown>>
export type Handler<A> = (args: A, call: ToolCall) => CallToolResult | Promise<CallToolResult>

interface McpContext {
  readonly mcpReq?: { readonly signal?: AbortSignal }
}

const aUse = oneOf('read', 'write', 'append', 'directory')
const aPath = either(aUse, optionsOf<OptionalPath>({ use: required(aUse), optional: required(aBoolean) }))
const specShape: OptionShape<ToolSpec> = {
  takes: { ...choiceRules, name: required(aString), paths: recordOf(aPath), check: aFunction },
}

const refusedArgument = (message: string, { name }: ToolSpec): OptionError =>
  new OptionError('bad-option', message, { place: name })

/** Arguments of a call, read once: what is opened is what the handler sees. Throws OptionError. */
const argumentsOf = (given: unknown, spec: ToolSpec): Arguments => {
  const args = plainCopy(given ?? {}, spec.name)
  if (args === given || Array.isArray(args)) throw refusedArgument('arguments are one object of fields', spec)
  spec.check?.(args as Arguments)
  return args as Arguments
}

/** The paths of a call and their uses. Throws OptionError for one that is no string. */
const pathsOf = (args: Arguments, spec: ToolSpec): { name: string; path: string; use: PathUse }[] =>
  Object.entries(spec.paths ?? {}).flatMap(([name, given]) => {
    const { use, optional } = typeof given === 'string' ? { use: given, optional: false } : given
    const path = args[name]
    if (typeof path === 'string') return [{ name, path, use }]
    if (optional && path === undefined) return []
    throw refusedArgument(`\`${name}\` is not a string, and names a ${use === 'directory' ? use : 'file'}`, spec)
  })

/** Denials have been told by then. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const textResult = (text: SafeText<'prompt'>): CallToolResult => ({ content: [{ type: 'text', text }], isError: true })

const failureText = (error: unknown, isRunning: boolean): SafeText<'prompt'> => {
  const { message } = error as Error
  if (error instanceof FileError) return promptText(message)
  return promptText(`${isRunning ? 'the tool failed' : 'the tool was not run'}: ${message}`)
}

/** A policy's reasons for the agent, each once. */
const sentences = (denials: readonly Denial[]): SafeText<'prompt'>[] =>
  [...new Set(denials.map(({ sentence }) => promptText(sentence)))]

export class ToolGuard {
  readonly #inside: Inside
  readonly #policy: string
  readonly #cwd: string
  #denials: Denial[] = []
  #tail: Promise<unknown> = Promise.resolve()

  /** `policy`: its hash, for receipts; `cwd`: where relative paths begin. Throws for a box that is not inline. */
  constructor(box: Sandbox, policy: string, cwd = '/') {
    this.#inside = insideOf(box)
    this.#policy = policy
    this.#cwd = cwd
    void this.#listen(box)
  }

  /** A callback for `server.registerTool`. Throws OptionError for an invalid spec. */
  tool<A extends Arguments>(
    spec: ToolSpec, handler: Handler<A>,
  ): (args: A, context?: McpContext) => Promise<CallToolResult> {
    const checked = plainOptions(spec, specShape, 'tool')
    return (args, context) => {
      const call = this.#tail.then(() => this.#run(checked, handler, args, context?.mcpReq?.signal))
      this.#tail = call.catch(() => null)
      return call
    }
  }

  async #listen(box: Sandbox): Promise<void> {
    for await (const denial of box.denials) this.#denials.push(denial)
  }

  async #run<A extends Arguments>(
    spec: ToolSpec, handler: Handler<A>, given: A, signal: AbortSignal | undefined,
  ): Promise<CallToolResult> {
    const { user, label } = spec
    const task = this.#inside.task({ user, label, cwd: this.#cwd })
    const decisions: ReceiptDecision[] = []
    const opened = Object.create(null) as Record<string, OpenFile>
    this.#denials = []
    let result: CallToolResult
    let isRunning = false
    try {
      const files = new TaskFiles(this.#inside.kernel, task)
      const args = argumentsOf(given, spec)
      for (const { name, path, use } of pathsOf(args, spec)) {
        opened[name] = new OpenFile(files, path, use)
        decisions.push({ decision: 'allowed', act: use, path })
      }
      const choice = { ...(user === undefined ? {} : { user }), ...(label === undefined ? {} : { label }) }
      isRunning = true
      result = await handler(args as A, { task, files, opened, signal, ...choice })
    } catch (error) {
      result = textResult(failureText(error, isRunning))
    } finally {
      for (const file of Object.values(opened)) file.close()
      this.#inside.end(task)
    }
    await turn()
    const denials = this.#denials
    this.#denials = []
    const receipt: Receipt = {
      version: 1, tool: spec.name, policy: this.#policy, user: user ?? null, label: label ?? null,
      decisions: [...decisions, ...denials.map(deniedOf)],
    }
    const reasons = sentences(denials).map((text) => ({ type: 'text', text }) as const)
    return {
      ...result, content: [...result.content ?? [], ...reasons], _meta: { ...result._meta, [RECEIPT]: receipt },
    }
  }
}
