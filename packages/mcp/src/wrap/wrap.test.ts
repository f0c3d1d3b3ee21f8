/** A server that knows nothing of lsmkit under a policy of its own, driven by the official client. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nativePreset, openWatch } from '@lsmkit/native'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, describe, expect, test } from 'vitest'
import { hashOf, RECEIPT } from '../index.ts'

const isThere = await openWatch().then((watch) => watch.end()).then(() => true, (error: Error) => {
  process.stderr.write(`skipped: servers cannot be wrapped here: ${error.message}\n`)
  return false
})

const home = realpathSync(mkdtempSync('/var/tmp/lsmkit-wrap-'))
afterAll(() => rmSync(home, { recursive: true }))
const program = fileURLToPath(new URL('../lsmkit-mcp.ts', import.meta.url))
const server = fileURLToPath(new URL('../testing/notes-server.mjs', import.meta.url))

describe.skipIf(!isThere)('wrap', () => {
  const title = 'tools are listed, calls have receipts, and the server has the policy’s files alone'
  test(title, { timeout: 120_000 }, async () => {
    writeFileSync(join(home, 'note'), 'a note')
    writeFileSync(join(home, 'key'), 'a key')
    const { policy: base } = nativePreset('npm', { folder: dirname(server) })
    const { allow = {} } = base
    const policy = {
      ...base, resolve: true,
      allow: {
        read: [...allow.read ?? [], join(home, 'note')], write: ['/dev/null'],
        exec: [...allow.exec ?? [], dirname(process.execPath)],
      },
    }
    writeFileSync(join(home, 'policy.json'), JSON.stringify(policy))
    const receipts = join(home, 'receipts.jsonl')
    const transport = new StdioClientTransport({
      command: process.execPath, stderr: 'ignore', env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE! },
      args: ['--conditions=lsmkit:source', program, 'wrap', '--policy', join(home, 'policy.json'),
        '--receipts', receipts, '--', process.execPath, server],
    })
    const client = new Client({ name: 'test', version: '1.0.0' })
    await client.connect(transport, { timeout: 60_000 })
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['read'])
    const note = await client.callTool({ name: 'read', arguments: { path: join(home, 'note') } })
    expect(note.content).toEqual([{ type: 'text', text: 'a note' }])
    expect(note._meta![RECEIPT]).toMatchObject({ version: 1, tool: 'read', policy: hashOf(policy), decisions: [] })
    const key = await client.callTool({ name: 'read', arguments: { path: join(home, 'key') } })
    expect(key).toMatchObject({ isError: true, content: [{ text: 'EACCES' }] })
    expect(key._meta![RECEIPT]).toMatchObject({
      decisions: [{ decision: 'denied', by: 'landlock', act: 'read', path: join(home, 'key') }],
    })
    await client.close()
    const kept = readFileSync(receipts, 'utf8').trim().split('\n')
    expect(kept.map((line) => JSON.parse(line).decisions.length)).toEqual([0, 1])
  })
})
