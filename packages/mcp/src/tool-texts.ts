/** The tools of the small server as their descriptions for a client; the work is done elsewhere. */
import type { PathUse } from './open-file.ts'

export interface ToolText {
  readonly description: string
  readonly properties: Readonly<Record<string, object>>
  readonly required: readonly string[]
  /** Arguments that are opened by the kernel. */
  readonly paths?: Readonly<Record<string, PathUse>>
}

const string = (description: string): object => ({ type: 'string', description })
const strings = (description: string): object => ({ type: 'array', items: { type: 'string' }, description })
const encoding = { enum: ['utf8', 'base64'], description: 'How the content is written; utf8 unless given.' }

export const toolTexts = {
  read_file: {
    description: 'Reads a file.',
    properties: { path: string('The file.'), encoding },
    required: ['path'],
    paths: { path: 'read' },
  },
  write_file: {
    description: 'Writes a file, which is made unless it is there; with `append` at its end.',
    properties: {
      path: string('The file.'), content: string('The contents to write.'), encoding, append: { type: 'boolean' },
    },
    required: ['path', 'content'],
    paths: { path: 'write' },
  },
  list: {
    description: 'Lists a directory: kind, size and name of each entry, a line each.',
    properties: { path: string('The directory.') },
    required: ['path'],
    paths: { path: 'directory' },
  },
  bash: {
    description: 'Runs a command line of bash: pipes, redirections, the usual commands on files and text, WASI ' +
      'programs, and curl to hosts that the policy names.',
    properties: { command: string('The command line.'), stdin: string('Standard input of the command.') },
    required: ['command'],
  },
  run_wasm: {
    description: 'Runs a WASI program of the tree.',
    properties: {
      program: string('The file of the program.'),
      args: strings('Its arguments.'), stdin: string('Its standard input.'),
    },
    required: ['program'],
  },
} as const satisfies Readonly<Record<string, ToolText>>

export type ToolName = keyof typeof toolTexts
export const toolNames = Object.keys(toolTexts) as ToolName[]
