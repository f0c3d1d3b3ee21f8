/** The tools of the small server: files, a shell, and programs, all in one box. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { promptName, promptText, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { RunOptions, Sandbox } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import type { Config } from './config.ts'
import { checkArguments } from './tool-arguments.ts'
import type { Handler as AnyHandler, ToolCall } from './guarded-call.ts'
import { givenFields } from './given-fields.ts'
import type { ToolGuard } from './tool-guard.ts'
import type { Kept, Outputs } from './outputs.ts'
import type { CallTool } from './tool-host.ts'
import { toolNames, toolTexts } from './tool-texts.ts'
import type { ToolName, ToolText } from './tool-texts.ts'
import { reportWhile, WatchedOutput } from './watched-output.ts'

/** The longest text there is takes no more. */
const LARGEST = 2 ** 28

type Handler<A> = AnyHandler<A, CallToolResult>
type Arguments = Readonly<Record<string, unknown>>
type Encoding = 'utf8' | 'base64'

const text = (content: string): CallToolResult => ({ content: [{ type: 'text', text: content }] })

const kinds: Readonly<Record<number, string>> = { [S_IFREG]: 'file', [S_IFDIR]: 'directory', [S_IFLNK]: 'link' }

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly reason?: string
}

type Content = CallToolResult['content']

/** A text, and a link to the whole of a long one. */
const contentOf = (name: string, whole: string, { shown, uri }: Kept): Content => {
  if (shown === '') return []
  if (uri === null) return [{ type: 'text', text: shown }]
  return [
    { type: 'text', text: `${shown}\n[the first ${shown.length} of ${whole.length} characters; ${uri} is the whole]` },
    { type: 'resource_link', uri, name, mimeType: 'text/plain', size: Buffer.byteLength(whole) },
  ]
}

/** What a command printed, and how it ended where that was not well. */
const endedText = ({ status, stdout, stderr, reason = '' }: Ended, outputs: Outputs): CallToolResult => {
  const end = status === 0 ? '' : promptText(`exit status ${status}${reason === '' ? '' : `: ${reason}`}`)
  const [out, err] = [outputs.keep(stdout), outputs.keep(stderr)]
  return {
    content: [
      ...contentOf('stdout', stdout, out), ...contentOf('stderr', stderr, err),
      ...end === '' ? [] : [{ type: 'text', text: end } as const],
    ],
    structuredContent: { status, stdout: out.shown, stderr: err.shown },
    isError: status !== 0,
  }
}

/** Who runs it, under which role, and what ends it. */
const choiceOf = ({ user, label, role, signal }: ToolCall): Pick<RunOptions, 'user' | 'label' | 'role' | 'signal'> =>
  givenFields({ user, label, role, signal })

/** `most`: bytes of a file that are an answer; of more, and of what does not end, EFBIG is. */
const readFile = (most: number): Handler<{ encoding?: Encoding }> => ({ encoding = 'utf8' }, { opened }) =>
  text(Buffer.from(opened['path']!.readAll(most)).toString(encoding))

const writeFile: Handler<{ path: string; content: string; encoding?: Encoding }> = (args, { opened }) => {
  const bytes = Buffer.from(args.content, args.encoding ?? 'utf8')
  opened['path']!.write(bytes)
  return text(`${bytes.length} bytes written to ${promptName(args.path)}`)
}

const list: Handler<Arguments> = (_args, { opened }) => {
  const directory = opened['path']!
  const lines = directory.entries().map(({ name }) => {
    const { mode, size } = directory.statOf(name)
    return { name, line: `${kinds[mode & S_IFMT] ?? 'special'}\t${size}\t${promptName(name)}` }
  }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return text(lines.map(({ line }) => line).join('\n'))
}

const bash = (box: Sandbox, cwd: string, outputs: Outputs): Handler<{ command: string; stdin?: string }> =>
  async ({ command, stdin = '' }, call) => {
    const stop = reportWhile(call.progress, (seconds) => `running for ${seconds} s`)
    try {
      return endedText(await box.sh(command, { cwd, stdin, ...choiceOf(call) }), outputs)
    } finally {
      stop()
    }
  }

type WasmArguments = { program: string; args?: string[]; stdin?: string }

const runWasm = (box: Sandbox, cwd: string, outputs: Outputs): Handler<WasmArguments> =>
  async ({ program, args = [], stdin = '' }, call) => {
    const path = program.startsWith('/') ? program : `${cwd}/${program}`
    const [out, err] = [new WatchedOutput(), new WatchedOutput()]
    const stop = reportWhile(call.progress, (seconds) =>
      `running for ${seconds} s, ${out.bytes + err.bytes} bytes written; ${out.lastLine}`)
    try {
      const streams = { stdout: out.sink, stderr: err.sink }
      const { status, reason } = await box.run(path, { args, stdin, cwd, ...streams, ...choiceOf(call) })
      return endedText({ status, reason, stdout: out.text, stderr: err.text }, outputs)
    } finally {
      stop()
    }
  }

/** Bytes of a file that are an answer. */
export const mostOf = (box: Sandbox): number => {
  const { memory, output } = insideOf(box).limits
  return Math.floor(Math.min(memory, output, LARGEST))
}

/** The tools of a box, except for those that the config leaves out. */
export const callsOf = (
  guard: ToolGuard, box: Sandbox, cwd: string, outputs: Outputs, chosen: Config['tools'] = {},
): CallTool => {
  const handlers = {
    read_file: readFile(mostOf(box)), write_file: writeFile, list, bash: bash(box, cwd, outputs),
    run_wasm: runWasm(box, cwd, outputs),
  } satisfies Record<ToolName, unknown>
  const call = (name: ToolName, paths: ToolText['paths']) => {
    const choice = chosen[name] === false ? undefined : chosen[name]
    const check = (args: Arguments): void => checkArguments(name, args)
    const spec = { name, check, ...choice, ...(paths === undefined ? {} : { paths }) }
    return guard.tool(spec, handlers[name] as Handler<Arguments>)
  }
  const calls = new Map(toolNames.map((name) => [name, call(name, (toolTexts[name] as ToolText).paths)]))
  const append = call('write_file', { path: 'append' })
  return (name, args, context) => {
    const made = name === 'write_file' && args['append'] === true ? append : calls.get(name)!
    return made(args, context)
  }
}
