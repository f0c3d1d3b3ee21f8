/** A small MCP server without a library: one tool, which reads the file that it is named. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
const read = (path) => {
  try {
    return { content: [{ type: 'text', text: readFileSync(path, 'utf8') }] }
  } catch (error) {
    return { content: [{ type: 'text', text: error.code }], isError: true }
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (method === 'initialize') {
    answer(id, {
      protocolVersion: params.protocolVersion, capabilities: { tools: {} },
      serverInfo: { name: 'notes', version: '1.0.0' },
    })
  } else if (method === 'tools/list') {
    answer(id, { tools: [{ name: 'read', inputSchema: { type: 'object', properties: { path: { type: 'string' } } } }] })
  } else if (method === 'tools/call') answer(id, read(params.arguments.path))
})
