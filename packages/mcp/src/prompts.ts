/**
 * Prompts of a folder of the box: `review.md` is the prompt `review`. A first line `description: …` describes it, and
 * each `{{name}}` is an argument. Files are read by a task under the policy, at each request.
 */
import { FileError } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { ownValue } from '@lsmkit/abi'
import type { GetPromptResult, ListPromptsResult } from '@modelcontextprotocol/server'
import type { McpContext } from './progress.ts'
import type { ToolGuard } from './tool-guard.ts'

/** Bytes of one prompt, and prompts of one folder. */
const MOST_BYTES = 256 * 1024
const MOST_PROMPTS = 256
const FILE = /^([A-Za-z0-9_-]{1,64})\.md$/
const ARGUMENT = /\{\{([A-Za-z0-9_]{1,64})\}\}/g

interface PromptFile {
  readonly description: string | undefined
  readonly text: string
  readonly names: readonly string[]
}

const promptOf = (bytes: Uint8Array): PromptFile => {
  const whole = new TextDecoder().decode(bytes)
  const first = /^description:[ \t]*(.*)\r?\n(?:\r?\n)?/.exec(whole)
  const text = first === null ? whole : whole.slice(first[0].length)
  return { description: first?.[1], text, names: [...new Set([...text.matchAll(ARGUMENT)].map(([, name]) => name!))] }
}

type Arguments = Readonly<Record<string, unknown>>

const readPrompt = (files: TaskFiles, folder: string, name: string): PromptFile =>
  promptOf(files.readFile(`${folder}/${name}.md`, MOST_BYTES))

/** Throws Error for an argument that is missing, no text, or none of the prompt's. */
const filled = ({ text, names }: PromptFile, args: Arguments): string => {
  for (const name of Object.keys(args)) {
    if (!names.includes(name)) throw new Error(`the prompt has no argument \`${name}\``)
  }
  return text.replaceAll(ARGUMENT, (_whole, name: string) => {
    const value = ownValue(args, name)
    if (typeof value !== 'string') throw new Error(`the argument \`${name}\` is missing, or is not a text`)
    return value
  })
}

export class Prompts {
  readonly #list: (args: Arguments, context?: McpContext) => Promise<ListPromptsResult>
  readonly #get: (args: { name: string; args: Arguments }, context?: McpContext) => Promise<GetPromptResult>

  /** `folder`: null where the policy names none. */
  constructor(guard: ToolGuard, folder: string | null) {
    this.#list = guard.answer<Arguments, ListPromptsResult>({ name: 'prompts/list' }, (_args, { files }) => {
      if (folder === null) return { prompts: [] }
      const names = files.readdir(folder).flatMap((entry) => FILE.exec(entry.name)?.[1] ?? []).sort()
      return { prompts: names.slice(0, MOST_PROMPTS).flatMap((name) => describe(files, folder, name)) }
    })
    type Asked = { name: string; args: Arguments }
    this.#get = guard.prompt<Asked>({ name: 'prompts/get' }, ({ name, args }, { files }) => {
      if (folder === null || !FILE.test(`${name}.md`)) throw new Error('there is no such prompt')
      const prompt = readPrompt(files, folder, name)
      const text = filled(prompt, args)
      return {
        ...prompt.description === undefined ? {} : { description: prompt.description },
        messages: [{ role: 'user', content: { type: 'text', text } }],
      }
    })
  }

  async list(context?: McpContext): Promise<ListPromptsResult> {
    const { _meta, ...page } = await this.#list({}, context)
    return page
  }

  get(name: string, args: Arguments, context?: McpContext): Promise<GetPromptResult> {
    return this.#get({ name, args }, context)
  }
}

/** A prompt in a list; nothing of one that may not be read. */
const describe = (files: TaskFiles, folder: string, name: string): ListPromptsResult['prompts'] => {
  try {
    const { description, names } = readPrompt(files, folder, name)
    return [{
      name, ...description === undefined ? {} : { description },
      arguments: names.map((argument) => ({ name: argument, required: true })),
    }]
  } catch (error) {
    if (error instanceof FileError) return []
    throw error
  }
}
