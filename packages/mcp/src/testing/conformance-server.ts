/**
 * The server that `@modelcontextprotocol/conformance` asks for: its tools, resources and prompts over our HTTP, each
 * run by a guard as a task of a box. Prints its address.
 */
import { createSandbox } from '@lsmkit/sandbox'
import { fromJsonSchema, McpServer, ResourceTemplate } from '@modelcontextprotocol/server'
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import { serveHttp, ToolGuard } from '../index.ts'

/** One red pixel, and a WAV file without a sample. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='

const box = await createSandbox({ inline: true, allow: { read: ['/data'] } })
const guard = new ToolGuard(box, 'conformance')

type Schema = Parameters<typeof fromJsonSchema>[0]
type Content = CallToolResult['content'][number]
const text = (words: string): Content => ({ type: 'text', text: words })
const image: Content = { type: 'image', data: PNG, mimeType: 'image/png' }
const embedded: Content = {
  type: 'resource',
  resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' },
}
const mixed: Content = {
  type: 'resource',
  resource: { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data","value":123}' },
}

const contents: Readonly<Record<string, readonly Content[]>> = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  test_embedded_resource: [embedded],
  test_multiple_content_types: [text('Multiple content types test:'), image, mixed],
}

const empty: Schema = { type: 'object', properties: {} }
const schema2020: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object',
  $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
} as unknown as Schema

type Run = (context: ServerContext) => Promise<readonly Content[]>

/** Asks on the stream of the call: the client may not have opened its other stream yet. */
const related = ({ id }: ServerContext['mcpReq']): { relatedRequestId: typeof id } => ({ relatedRequestId: id })

const asked = async ({ mcpReq }: ServerContext, requestedSchema: object): Promise<readonly Content[]> => {
  const answer = await mcpReq.elicitInput({ message: 'Please answer.', requestedSchema } as never, related(mcpReq))
  return [text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content)}`)]
}
const titled = (...all: readonly string[]): object[] =>
  all.map((name, i) => ({ const: `value${i + 1}`, title: name }))
const titles = ['First Option', 'Second Option', 'Third Option']
const options = ['option1', 'option2', 'option3']

const steps: Readonly<Record<string, Run>> = {
  test_tool_with_logging: async ({ mcpReq }) => {
    for (const words of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await mcpReq.log('info', words)
    }
    return [text('Logged.')]
  },
  test_sampling: async ({ mcpReq }) => {
    const { content } = await mcpReq.requestSampling({
      messages: [{ role: 'user', content: { type: 'text', text: 'Test prompt for sampling' } }], maxTokens: 100,
    }, related(mcpReq))
    return [text(`LLM response: ${'text' in content ? content.text : ''}`)]
  },
  test_elicitation: (context) => asked(context, {
    type: 'object', required: ['username', 'email'],
    properties: { username: { type: 'string' }, email: { type: 'string' } },
  }),
  test_elicitation_sep1034_defaults: (context) => asked(context, {
    type: 'object', required: [],
    properties: {
      name: { type: 'string', default: 'John Doe' }, age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    },
  }),
  test_elicitation_sep1330_enums: (context) => asked(context, {
    type: 'object', required: [],
    properties: {
      untitledSingle: { type: 'string', enum: options },
      titledSingle: { type: 'string', oneOf: titled(...titles) },
      legacyEnum: { type: 'string', enum: options, enumNames: titles },
      untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
      titledMulti: { type: 'array', items: { anyOf: titled(...titles) } },
    },
  }),
  test_error_handling: async () => { throw new Error('This tool intentionally returns an error for testing') },
}

const addTools = (server: McpServer): void => {
  for (const [name, all] of Object.entries(contents)) {
    const call = guard.tool({ name }, () => ({ content: [...all] }))
    server.registerTool(name, { description: name, inputSchema: fromJsonSchema<object>(empty) },
      (args, context) => call({ ...args }, context))
  }
  for (const [name, run] of Object.entries(steps)) {
    server.registerTool(name, { description: name, inputSchema: fromJsonSchema<object>(empty) }, (args, context) =>
      guard.tool({ name }, async () => ({ content: [...await run(context)] }))({ ...args }, context))
  }
  const progress = guard.tool({ name: 'test_tool_with_progress' }, async (_args, call) => {
    for (const done of [0, 50, 100]) {
      call.progress?.({ progress: done, total: 100 })
      await new Promise((resolve) => { setTimeout(resolve, 50) })
    }
    return { content: [text('Done.')] }
  })
  server.registerTool('test_tool_with_progress', {
    description: 'Reports its progress.', inputSchema: fromJsonSchema<object>(empty),
  }, (args, context) => progress({ ...args }, context))
  const call = guard.tool({ name: 'json_schema_2020_12_tool' }, () => ({ content: [text('Taken.')] }))
  server.registerTool('json_schema_2020_12_tool', {
    description: 'Has a schema of 2020-12.', inputSchema: fromJsonSchema<object>(schema2020),
  }, (args, context) => call({ ...args }, context))
}

const addResources = (server: McpServer): void => {
  const fixed = {
    'test://static-text': { mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
    'test://static-binary': { mimeType: 'image/png', blob: PNG },
    'test://watched-resource': { mimeType: 'text/plain', text: 'Watched.' },
  }
  for (const [uri, content] of Object.entries(fixed)) {
    const name = uri.slice('test://'.length)
    const read = guard.resource({ name }, (one) => ({ contents: [{ uri: one.href, ...content }] }))
    server.registerResource(name, uri, { mimeType: content.mimeType }, (one, context) => read(one, {}, context))
  }
  const templated = guard.resource<{ id: string }>({ name: 'template' }, (uri, { id }) => ({
    contents: [{
      uri: uri.href, mimeType: 'application/json',
      text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
    }],
  }))
  server.registerResource('template', new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { mimeType: 'application/json' }, (uri, { id }, context) => templated(uri, { id: String(id) }, context))
}

const strings = (...names: readonly string[]): Schema => ({
  type: 'object', required: [...names],
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string', description: name }])),
} as unknown as Schema)

const addPrompts = (server: McpServer): void => {
  type Given = Record<string, string>
  interface Made {
    readonly names: readonly string[]
    readonly messages: (args: Given) => readonly Content[]
  }
  const prompts: Readonly<Record<string, Made>> = {
    test_simple_prompt: { names: [], messages: () => [text('This is a simple prompt for testing.')] },
    test_prompt_with_arguments: {
      names: ['arg1', 'arg2'],
      messages: ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    },
    test_prompt_with_embedded_resource: {
      names: ['resourceUri'],
      messages: ({ resourceUri = '' }) => [
        {
          type: 'resource',
          resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
        },
        text('Please process the embedded resource above.'),
      ],
    },
    test_prompt_with_image: { names: [], messages: () => [image, text('Please analyze the image above.')] },
  }
  for (const [name, { names, messages }] of Object.entries(prompts)) {
    const get = guard.prompt<Given>({ name }, (args) => ({
      messages: messages(args).map((content) => ({ role: 'user' as const, content })),
    }))
    if (names.length === 0) server.registerPrompt(name, { description: name }, (context) => get({}, context))
    else {
      const argsSchema = fromJsonSchema<Given>(strings(...names))
      server.registerPrompt(name, { description: name, argsSchema }, (args, context) => get({ ...args }, context))
    }
  }
}

const { url } = await serveHttp(() => {
  const server = new McpServer({ name: 'lsmkit-conformance', version: '1.0.0' }, { capabilities: { logging: {} } })
  addTools(server)
  addResources(server)
  addPrompts(server)
  return server
}, { token: null })
process.stdout.write(`${url.href}\n`)
