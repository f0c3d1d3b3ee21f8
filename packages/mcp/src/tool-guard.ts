/**
 * Runs handlers of tools as tasks of a box: with a user and a label, path arguments opened by the kernel, and a receipt
 * in `_meta`. Calls run one after another, so that what is refused meanwhile is the call's.
 */
import type { Task } from '@lsmkit/core'
import { aString, checkOptions, oneOf, recordOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
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
  /** Arguments that are paths, and what they are opened for. */
  readonly paths?: Readonly<Record<string, PathUse>>
}

/** What a handler gets beside its arguments. */
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

const specRules: OptionRules<ToolSpec> = {
  ...choiceRules, name: required(aString), paths: recordOf(oneOf('read', 'write', 'append', 'directory')),
}

/** Denials have been told by then. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const textResult = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true })

/** A policy's reasons for the agent, each once. */
const sentences = (denials: readonly Denial[]): string[] => [...new Set(denials.map(({ sentence }) => sentence))]

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

  /** A callback for `server.registerTool`. Throws OptionError for a spec that is none. */
  tool<A extends Arguments>(
    spec: ToolSpec, handler: Handler<A>,
  ): (args: A, context?: McpContext) => Promise<CallToolResult> {
    checkOptions(spec, specRules, 'tool')
    return (args, context) => {
      const call = this.#tail.then(() => this.#run(spec, handler, args, context?.mcpReq?.signal))
      this.#tail = call.catch(() => null)
      return call
    }
  }

  async #listen(box: Sandbox): Promise<void> {
    for await (const denial of box.denials) this.#denials.push(denial)
  }

  async #run<A extends Arguments>(
    spec: ToolSpec, handler: Handler<A>, args: A, signal: AbortSignal | undefined,
  ): Promise<CallToolResult> {
    const { user, label } = spec
    const task = this.#inside.task({ user, label, cwd: this.#cwd })
    const decisions: ReceiptDecision[] = []
    const opened: Record<string, OpenFile> = {}
    this.#denials = []
    let result: CallToolResult
    try {
      const files = new TaskFiles(this.#inside.kernel, task)
      for (const [name, use] of Object.entries(spec.paths ?? {})) {
        const path = args[name]
        if (typeof path !== 'string') continue
        opened[name] = new OpenFile(files, path, use)
        decisions.push({ decision: 'allowed', act: use, path })
      }
      const choice = { ...(user === undefined ? {} : { user }), ...(label === undefined ? {} : { label }) }
      result = await handler(args, { task, files, opened, signal, ...choice })
    } catch (error) {
      result = textResult(error instanceof FileError ? error.message : `the tool failed: ${(error as Error).message}`)
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
