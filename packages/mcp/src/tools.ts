/** The tools of the small server: files, a shell, and programs, all in one box. */
import { fromJsonSchema } from '@modelcontextprotocol/server'
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server'
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { RunOptions, Sandbox } from '@lsmkit/sandbox'
import type { Config } from './config.ts'
import type { PathUse } from './open-file.ts'
import type { Handler, ToolGuard } from './tool-guard.ts'

type Schema = Parameters<typeof fromJsonSchema>[0]

interface Tool<A extends Readonly<Record<string, unknown>> = never> {
  readonly description: string
  readonly properties: Readonly<Record<string, object>>
  readonly required: readonly string[]
  readonly run: Handler<A>
}

const text = (content: string): CallToolResult => ({ content: [{ type: 'text', text: content }] })
const string = (description: string): object => ({ type: 'string', description })
const strings = (description: string): object => ({ type: 'array', items: { type: 'string' }, description })
const encodings = ['utf8', 'base64']
const encoding = { enum: encodings, description: 'How the content is written; utf8 unless given.' }

const kinds: Readonly<Record<number, string>> = { [S_IFREG]: 'file', [S_IFDIR]: 'directory', [S_IFLNK]: 'link' }

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly reason?: string
}

/** What a command printed, and how it ended where that was not well. */
const endedText = ({ status, stdout, stderr, reason = '' }: Ended): CallToolResult => {
  const parts = [stdout, stderr, status === 0 ? '' : `exit status ${status}${reason === '' ? '' : `: ${reason}`}`]
  return {
    content: parts.filter((part) => part !== '').map((part) => ({ type: 'text', text: part })),
    structuredContent: { status, stdout, stderr },
    isError: status !== 0,
  }
}

type Encoding = 'utf8' | 'base64'

export const toolsOf = (box: Sandbox, cwd: string) => {
  const readFile: Tool<{ path: string; encoding?: Encoding }> = {
    description: 'Reads a file.',
    properties: { path: string('The file.'), encoding },
    required: ['path'],
    run: (args, { opened }) => text(Buffer.from(opened['path']!.readAll()).toString(args.encoding ?? 'utf8')),
  }
  const writeFile: Tool<{ path: string; content: string; encoding?: Encoding; append?: boolean }> = {
    description: 'Writes a file, which is made unless it is there; with `append` at its end.',
    properties: {
      path: string('The file.'), content: string('What to write.'), encoding, append: { type: 'boolean' },
    },
    required: ['path', 'content'],
    run: (args, { opened }) => {
      const bytes = Buffer.from(args.content, args.encoding ?? 'utf8')
      opened['path']!.write(bytes)
      return text(`${bytes.length} bytes written to ${args.path}`)
    },
  }
  const list: Tool<{ path: string }> = {
    description: 'Lists a directory: kind, size and name of each entry, a line each.',
    properties: { path: string('The directory.') },
    required: ['path'],
    run: (_args, { opened }) => {
      const directory = opened['path']!
      const lines = directory.entries().map(({ name }) => {
        const { mode, size } = directory.statOf(name)
        return { name, line: `${kinds[mode & S_IFMT] ?? 'special'}\t${size}\t${name}` }
      }).sort((a, b) => (a.name < b.name ? -1 : 1))
      return text(lines.map(({ line }) => line).join('\n'))
    },
  }
  const bash: Tool<{ command: string; stdin?: string }> = {
    description: 'Runs a command line of bash: pipes, redirections, the usual commands on files and text.',
    properties: { command: string('The command line.'), stdin: string('What the command reads.') },
    required: ['command'],
    run: async ({ command, stdin = '' }, { user, label, signal }) =>
      endedText(await box.sh(command, {
        cwd, stdin, ...(user === undefined ? {} : { user }), ...(label === undefined ? {} : { label }),
        ...(signal === undefined ? {} : { signal }),
      })),
  }
  const runWasm: Tool<{ program: string; args?: string[]; stdin?: string }> = {
    description: 'Runs a WASI program of the tree.',
    properties: {
      program: string('The file of the program.'), args: strings('Its arguments.'), stdin: string('What it reads.'),
    },
    required: ['program'],
    run: async ({ program, args = [], stdin = '' }, { user, label, signal }) => {
      const choice: RunOptions = {
        ...(user === undefined ? {} : { user }), ...(label === undefined ? {} : { label }),
        ...(signal === undefined ? {} : { signal }),
      }
      const path = program.startsWith('/') ? program : `${cwd}/${program}`
      return endedText(await box.run(path, { args, stdin, cwd, ...choice }))
    },
  }
  return { read_file: readFile, write_file: writeFile, list, bash, run_wasm: runWasm }
}

const paths: Readonly<Record<string, Readonly<Record<string, PathUse>>>> = {
  read_file: { path: 'read' }, write_file: { path: 'write' }, list: { path: 'directory' },
}

/** Puts the tools on a server, but for those that the config leaves out. */
export const registerTools = (
  server: McpServer, guard: ToolGuard, box: Sandbox, cwd: string, chosen: Config['tools'] = {},
): void => {
  for (const [name, tool] of Object.entries(toolsOf(box, cwd))) {
    const choice = chosen[name] ?? {}
    if (choice === false) continue
    const { description, properties, required, run } = tool
    const schema = { type: 'object', properties, required, additionalProperties: false } as unknown as Schema
    const handler = run as Handler<Readonly<Record<string, unknown>>>
    const plain = guard.tool({ name, ...choice, ...(paths[name] === undefined ? {} : { paths: paths[name] }) }, handler)
    const appending = guard.tool({ name, ...choice, paths: { path: 'append' } }, handler)
    server.registerTool(name, { description, inputSchema: fromJsonSchema<Readonly<Record<string, unknown>>>(schema) },
      (args, context) => (args['append'] === true ? appending : plain)(args, context))
  }
}
