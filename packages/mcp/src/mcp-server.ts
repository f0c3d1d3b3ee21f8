/** MCP servers that offer the tools of a box; the caller may be in another thread. */
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import type { Config } from './config.ts'
import { toolNames, toolTexts } from './tool-texts.ts'
import type { CallTool } from './tools.ts'

type Schema = Parameters<typeof fromJsonSchema>[0]

/** The calls that a server makes to tools. */
export interface Callable {
  readonly config: Config
  readonly call: CallTool
}

/** A server of these tools; as many as there are connections. */
export const createServer = ({ config: { tools: chosen = {} }, call }: Callable): McpServer => {
  const server = new McpServer({ name: 'lsmkit', version: VERSION })
  for (const name of toolNames) {
    if (chosen[name] === false) continue
    const { description, properties, required } = toolTexts[name]
    const schema = { type: 'object', properties, required, additionalProperties: false } as unknown as Schema
    server.registerTool(name, { description, inputSchema: fromJsonSchema<Readonly<Record<string, unknown>>>(schema) },
      (args, { mcpReq }) => call(name, args, mcpReq.signal))
  }
  return server
}

const VERSION = '0.1.0'
