/** The tools of the small server: files, a shell, and programs, all in one box. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { promptName, promptText, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { RunOptions, Sandbox } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import type { Config } from './config.ts'
import { checkArguments } from './tool-arguments.ts'
import type { Handler, ToolCall, ToolGuard } from './tool-guard.ts'
import { toolNames, toolTexts } from './tool-texts.ts'
import type { ToolName, ToolText } from './tool-texts.ts'

/** The longest text there is takes no more. */
const LARGEST = 2 ** 28

type Arguments = Readonly<Record<string, unknown>>
type Encoding = 'utf8' | 'base64'

/** Does what a tool does, and answers with a receipt; a refusal is an answer. */
export type CallTool = (name: ToolName, args: Arguments, signal?: AbortSignal) => Promise<CallToolResult>

const text = (content: string): CallToolResult => ({ content: [{ type: 'text', text: content }] })

const kinds: Readonly<Record<number, string>> = { [S_IFREG]: 'file', [S_IFDIR]: 'directory', [S_IFLNK]: 'link' }

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly reason?: string
}

/** What a command printed, and how it ended where that was not well. */
const endedText = ({ status, stdout, stderr, reason = '' }: Ended): CallToolResult => {
  const end = status === 0 ? '' : promptText(`exit status ${status}${reason === '' ? '' : `: ${reason}`}`)
  const parts = [stdout, stderr, end]
  return {
    content: parts.filter((part) => part !== '').map((part) => ({ type: 'text', text: part })),
    structuredContent: { status, stdout, stderr },
    isError: status !== 0,
  }
}

/** Who runs it, and what ends it. */
const choiceOf = ({ user, label, signal }: ToolCall): Pick<RunOptions, 'user' | 'label' | 'signal'> => ({
  ...(user === undefined ? {} : { user }), ...(label === undefined ? {} : { label }),
  ...(signal === undefined ? {} : { signal }),
})

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

const bash = (box: Sandbox, cwd: string): Handler<{ command: string; stdin?: string }> =>
  async ({ command, stdin = '' }, call) => endedText(await box.sh(command, { cwd, stdin, ...choiceOf(call) }))

const runWasm = (box: Sandbox, cwd: string): Handler<{ program: string; args?: string[]; stdin?: string }> =>
  async ({ program, args = [], stdin = '' }, call) => {
    const path = program.startsWith('/') ? program : `${cwd}/${program}`
    return endedText(await box.run(path, { args, stdin, cwd, ...choiceOf(call) }))
  }

/** The tools of a box, except for those that the config leaves out. */
export const callsOf = (guard: ToolGuard, box: Sandbox, cwd: string, chosen: Config['tools'] = {}): CallTool => {
  const { memory, output } = insideOf(box).limits
  const most = Math.floor(Math.min(memory, output, LARGEST))
  const handlers = {
    read_file: readFile(most), write_file: writeFile, list, bash: bash(box, cwd), run_wasm: runWasm(box, cwd),
  } satisfies Record<ToolName, unknown>
  const call = (name: ToolName, paths: ToolText['paths']) => {
    const choice = chosen[name] === false ? undefined : chosen[name]
    const check = (args: Arguments): void => checkArguments(name, args)
    const spec = { name, check, ...choice, ...(paths === undefined ? {} : { paths }) }
    return guard.tool(spec, handlers[name] as Handler<Arguments>)
  }
  const calls = new Map(toolNames.map((name) => [name, call(name, (toolTexts[name] as ToolText).paths)]))
  const append = call('write_file', { path: 'append' })
  return (name, args, signal) => {
    const made = name === 'write_file' && args['append'] === true ? append : calls.get(name)!
    return made(args, { mcpReq: signal === undefined ? {} : { signal } })
  }
}
