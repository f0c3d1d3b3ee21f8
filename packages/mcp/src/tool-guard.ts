/**
 * Runs handlers of tools, resources and prompts as tasks of a box: with a user and a label, path arguments opened by
 * the kernel, and a receipt in `_meta`. Calls run side by side, and each has its own refusals.
 */
import { promptText } from '@lsmkit/abi'
import type { SafeText } from '@lsmkit/abi'
import { wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { Denial, Sandbox } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import type { Inside } from '@lsmkit/sandbox/inside'
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { CallToolResult, GetPromptResult, ReadResourceResult } from '@modelcontextprotocol/server'
import { CallDenials } from './call-denials.ts'
import { CallQueue } from './call-queue.ts'
import { handled } from './guarded-call.ts'
import type { Arguments, Handler } from './guarded-call.ts'
import type { McpContext } from './progress.ts'
import { deniedOf, RECEIPT } from './receipt.ts'
import type { Receipt } from './receipt.ts'
import { specShape } from './tool-spec.ts'
import type { CallSpec, ToolSpec } from './tool-spec.ts'

export interface GuardOptions {
  /** Calls that run side by side; the others wait. Default 8. `1` for handlers that may not run side by side. */
  readonly atOnce?: number
}

const guardRules: OptionRules<GuardOptions> = { atOnce: wholeNumber(1) }
const AT_ONCE = 8

/** How a call ended: with a result, or with sentences about what failed. */
type Ended<R> = ({ readonly result: R } | { readonly failed: SafeText<'prompt'> }) & {
  /** What a policy refused, as sentences for the agent, each once. */
  readonly reasons: readonly SafeText<'prompt'>[]
  readonly receipt: Receipt
}

/** A result of the protocol. */
interface Answer {
  _meta?: Record<string, unknown> | undefined
}

const sentences = (denials: readonly Denial[]): SafeText<'prompt'>[] =>
  [...new Set(denials.map(({ sentence }) => promptText(sentence)))]

export class ToolGuard {
  readonly #inside: Inside
  readonly #policy: string
  readonly #cwd: string
  readonly #queue: CallQueue
  readonly #denials: CallDenials

  /**
   * `policy`: its hash, for receipts; `cwd`: where relative paths begin. Throws OptionError, and SandboxError for a box
   * that is not inline.
   */
  constructor(box: Sandbox, policy: string, cwd = '/', options: GuardOptions = {}) {
    const { atOnce = AT_ONCE } = plainOptions(options, { takes: guardRules }, 'ToolGuard')
    this.#inside = insideOf(box)
    this.#policy = policy
    this.#cwd = cwd
    this.#queue = new CallQueue(atOnce)
    this.#denials = new CallDenials(this.#inside)
  }

  /** A callback for `server.registerTool`. Throws OptionError for an invalid spec. */
  tool<A extends Arguments>(
    spec: ToolSpec, handler: Handler<A, CallToolResult>,
  ): (args: A, context?: McpContext) => Promise<CallToolResult> {
    const checked = plainOptions(spec, specShape, 'tool')
    return async (args, context = {}) => {
      const { reasons, receipt, ...end } = await this.#call(checked, handler, args, context)
      const result: CallToolResult =
        'result' in end ? end.result : { content: [{ type: 'text', text: end.failed }], isError: true }
      const content = [...result.content ?? [], ...reasons.map((text) => ({ type: 'text', text }) as const)]
      return { ...result, content, _meta: { ...result._meta, [RECEIPT]: receipt } }
    }
  }

  /**
   * A callback for `server.registerResource` with a template: the variables of the URI are the arguments. A read that
   * fails is an error of the protocol, with the receipt as its data. Throws OptionError for an invalid spec.
   */
  resource<A extends Arguments>(
    spec: ToolSpec, handler: (uri: URL, args: A, call: Parameters<Handler<A, unknown>>[1]) =>
      ReadResourceResult | Promise<ReadResourceResult>,
  ): (uri: URL, variables: A, context?: McpContext) => Promise<ReadResourceResult> {
    const checked: CallSpec = { ...plainOptions(spec, specShape, 'resource'), kind: 'resource' }
    return (uri, variables, context = {}) =>
      this.#answer(checked, (args: A, call) => handler(uri, args, call), variables, context)
  }

  /** A callback for `server.registerPrompt`; the rest is as with `resource`. */
  prompt<A extends Arguments>(
    spec: ToolSpec, handler: Handler<A, GetPromptResult>,
  ): (args: A, context?: McpContext) => Promise<GetPromptResult> {
    const checked: CallSpec = { ...plainOptions(spec, specShape, 'prompt'), kind: 'prompt' }
    return (args, context = {}) => this.#answer(checked, handler, args, context)
  }

  /** A callback for any other request; a failure is an error of the protocol. Throws OptionError as `tool` does. */
  answer<A extends Arguments, R extends Answer>(
    spec: ToolSpec, handler: Handler<A, R>,
  ): (args: A, context?: McpContext) => Promise<R> {
    const checked: CallSpec = { ...plainOptions(spec, specShape, 'answer'), kind: 'request' }
    return (args, context = {}) => this.#answer(checked, handler, args, context)
  }

  async #answer<A extends Arguments, R extends Answer>(
    spec: CallSpec, handler: Handler<A, R>, args: A, context: McpContext,
  ): Promise<R> {
    const { reasons, receipt, ...end } = await this.#call(spec, handler, args, context)
    if ('result' in end) return { ...end.result, _meta: { ...end.result._meta, [RECEIPT]: receipt } }
    const message = [end.failed, ...reasons].join('\n')
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message, { [RECEIPT]: receipt })
  }

  async #call<A extends Arguments, R>(
    spec: CallSpec, handler: Handler<A, R>, given: A, context: McpContext,
  ): Promise<Ended<R>> {
    const turn = await this.#queue.run(() => this.#denials.during(async () => {
      const { run, end } = this.#inside.beginRun()
      try {
        return await handled(this.#inside, spec, handler, { given, context, cwd: this.#cwd, run })
      } finally {
        end()
      }
    }), context.mcpReq?.signal)
    const { kind = 'tool', name: tool, user = null, label = null, role = null } = spec
    const receipt: Receipt = { version: 1, tool, policy: this.#policy, user, label, role, decisions: [] }
    if ('notRun' in turn) {
      return { failed: promptText(`the ${kind} was not run: ${turn.notRun}`), reasons: [], receipt }
    }
    const { denials, result: { opened, ...end } } = turn.ran
    return {
      ...end, reasons: sentences(denials), receipt: { ...receipt, decisions: [...opened, ...denials.map(deniedOf)] },
    }
  }
}
