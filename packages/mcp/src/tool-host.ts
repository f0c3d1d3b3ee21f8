/** All that a server asks of a box, wherever the box is: in this thread, or in the thread of the tools. */
import type {
  CallToolResult, GetPromptResult, ListPromptsResult, ListResourcesResult, ReadResourceResult,
} from '@modelcontextprotocol/server'
import type { Config } from './config.ts'
import type { McpContext } from './progress.ts'
import type { ToolName } from './tool-texts.ts'

type Arguments = Readonly<Record<string, unknown>>

/** Does what a tool does, and answers with a receipt; a refusal is an answer. */
export type CallTool = (name: ToolName, args: Arguments, context?: McpContext) => Promise<CallToolResult>

/** Failures of the last four are errors of the protocol. */
export interface ToolHost {
  readonly call: CallTool
  /** A page of the files that may be read. `cursor`: where the page before it ended. */
  resources(cursor: string | undefined, context?: McpContext): Promise<ListResourcesResult>
  read(uri: string, context?: McpContext): Promise<ReadResourceResult>
  prompts(context?: McpContext): Promise<ListPromptsResult>
  prompt(name: string, args: Arguments, context?: McpContext): Promise<GetPromptResult>
}

/** A host, and the part of it that a server offers. */
export interface Offer {
  readonly config: Pick<Config, 'tools' | 'resources' | 'prompts'>
  readonly host: ToolHost
}
