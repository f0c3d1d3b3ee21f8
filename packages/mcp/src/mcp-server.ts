/** MCP servers that offer tools, files and prompts of a box, which may be in another thread. */
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import { PROJECT } from './project.ts'
import type { Offer, ToolHost } from './tool-host.ts'
import { toolNames, toolTexts } from './tool-texts.ts'

type Schema = Parameters<typeof fromJsonSchema>[0]

/** A server of what a box offers; as many as there are connections. */
export const createServer = ({ config, host }: Offer): McpServer => {
  const { tools: chosen = {}, resources, prompts } = config
  const server = new McpServer({ name: 'lsmkit', version: VERSION })
  for (const name of toolNames) {
    if (chosen[name] === false) continue
    const { description, properties, required } = toolTexts[name]
    const schema = { type: 'object', properties, required, additionalProperties: false } as unknown as Schema
    server.registerTool(name, { description, inputSchema: fromJsonSchema<Readonly<Record<string, unknown>>>(schema) },
      (args, context) => host.call(name, args, context))
  }
  if (resources !== false) offerResources(server, host)
  if (prompts !== undefined) offerPrompts(server, host)
  return server
}

/** What lies in a folder changes while a server lives, so the requests are answered as they come. */
const offerResources = ({ server }: McpServer, host: ToolHost): void => {
  server.registerCapabilities({ resources: {} })
  server.setRequestHandler('resources/list', ({ params }, context) => host.resources(params?.cursor, context))
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: templates }))
  server.setRequestHandler('resources/read', ({ params }, context) => host.read(params.uri, context))
}
const templates = [
  { name: 'file', uriTemplate: `file://${PROJECT}/{+path}`, description: 'A file of the folder.' },
  {
    name: 'output', uriTemplate: 'lsmkit://output/{id}{?offset,length}',
    description: 'A long output of a tool, or a part of it, in characters.',
  },
]

const offerPrompts = ({ server }: McpServer, host: ToolHost): void => {
  server.registerCapabilities({ prompts: {} })
  server.setRequestHandler('prompts/list', (_request, context) => host.prompts(context))
  server.setRequestHandler('prompts/get', ({ params }, context) =>
    host.prompt(params.name, params.arguments ?? {}, context))
}

const VERSION = '0.1.0'
