/** One call under the guard: a task of the box, its path arguments open, and what was decided about it. */
import { promptText } from '@lsmkit/abi'
import type { SafeText } from '@lsmkit/abi'
import { OptionError } from '@lsmkit/core/option-rules'
import { plainCopy } from '@lsmkit/core/plain-options'
import type { Task } from '@lsmkit/core'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import type { Inside } from '@lsmkit/sandbox/inside'
import { givenFields } from './given-fields.ts'
import { OpenFile } from './open-file.ts'
import type { PathUse } from './open-file.ts'
import { progressOf } from './progress.ts'
import type { McpContext, Progress } from './progress.ts'
import type { ReceiptDecision } from './receipt.ts'
import type { CallSpec, ToolChoice } from './tool-spec.ts'

/** The input of a handler beside its arguments. */
export interface ToolCall extends ToolChoice {
  /** Lives as long as the call. */
  readonly task: Task
  /** Files as the task sees them. */
  readonly files: TaskFiles
  /** The path arguments, open. */
  readonly opened: Readonly<Record<string, OpenFile>>
  readonly signal: AbortSignal | undefined
  /** Reports how far the call is. Undefined where the client has not asked for reports. */
  readonly progress: Progress | undefined
}

export type Arguments = Readonly<Record<string, unknown>>
export type Handler<A, R> = (args: A, call: ToolCall) => R | Promise<R>

/** How a handler ended: with a result, or with a sentence about what failed. */
export type Handled<R> = ({ readonly result: R } | { readonly failed: SafeText<'prompt'> }) & {
  readonly opened: readonly ReceiptDecision[]
}

const refusedArgument = (message: string, { name }: CallSpec): OptionError =>
  new OptionError('bad-option', message, { place: name })

/** Arguments of a call, read once: what is opened is what the handler sees. Throws OptionError. */
const argumentsOf = (given: unknown, spec: CallSpec): Arguments => {
  const args = plainCopy(given ?? {}, spec.name)
  if (args === given || Array.isArray(args)) throw refusedArgument('arguments are one object of fields', spec)
  spec.check?.(args as Arguments)
  return args as Arguments
}

/** The paths of a call and their uses. Throws OptionError for one that is no string. */
const pathsOf = (args: Arguments, spec: CallSpec): { name: string; path: string; use: PathUse }[] =>
  Object.entries(spec.paths ?? {}).flatMap(([name, given]) => {
    const { use, optional } = typeof given === 'string' ? { use: given, optional: false } : given
    const path = args[name]
    if (typeof path === 'string') return [{ name, path, use }]
    if (optional && path === undefined) return []
    throw refusedArgument(`\`${name}\` is not a string, and names a ${use === 'directory' ? use : 'file'}`, spec)
  })

const failureText = (error: unknown, what: string): SafeText<'prompt'> => {
  const { message } = error as Error
  return promptText(error instanceof FileError ? message : `${what}: ${message}`)
}

/** Runs `handler` as a task of the run. Throws SandboxError where there can be no such task. */
export const handled = async <A extends Arguments, R>(
  inside: Inside, spec: CallSpec, handler: Handler<A, R>,
  { given, context, cwd, run }: { given: A; context: McpContext; cwd: string; run: number },
): Promise<Handled<R>> => {
  const { user, label, role } = spec
  const task = inside.task({ user, label, role, cwd, run })
  const decisions: ReceiptDecision[] = []
  const opened = Object.create(null) as Record<string, OpenFile>
  let failure = `the ${spec.kind ?? 'tool'} was not run`
  try {
    const files = new TaskFiles(inside.kernel, task)
    const args = argumentsOf(given, spec)
    for (const { name, path, use } of pathsOf(args, spec)) {
      opened[name] = new OpenFile(files, path, use)
      decisions.push({ decision: 'allowed', act: use, path })
    }
    failure = `the ${spec.kind ?? 'tool'} failed`
    const choice = givenFields({ user, label, role })
    const { signal } = context.mcpReq ?? {}
    const result = await handler(args as A, { task, files, opened, signal, progress: progressOf(context), ...choice })
    return { result, opened: decisions }
  } catch (error) {
    return { failed: failureText(error, failure), opened: decisions }
  } finally {
    for (const file of Object.values(opened)) file.close()
    inside.end(task)
  }
}
