/** Connections, fetch and programs of the host: asked about as the task, and only then done. */
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { EACCES } from '@lsmkit/abi'
import type { Sockaddr, Socket } from '@lsmkit/core'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { boot } from '../test/boot.ts'
import { nodeOf } from './index.ts'

const seen: string[] = []
const server = createServer((request, response) => {
  seen.push(`${request.method} ${request.url}`)
  const to = /^\/to\/(.*)$/.exec(request.url!)?.[1]
  if (to !== undefined) return void response.writeHead(302, { location: decodeURIComponent(to) }).end()
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () =>
    response.setHeader('x-is', 'here').end(`${request.method}:${Buffer.concat(parts).toString()}`))
})
let port = 0
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ;({ port } = server.address() as AddressInfo)
})
afterAll(() => void server.close())

/** May connect to what `allowed` says of an address. */
const connecting = (allowed: (name: Sockaddr) => boolean) => {
  const asked: string[] = []
  const booted = boot({
    socket_connect: (_socket: Socket, name: Sockaddr) => {
      asked.push(`${name.addr} ${name.port}`)
      return allowed(name) ? 0 : -EACCES
    },
  })
  return { asked, ...nodeOf(booted.kernel, booted.task) }
}

describe('connect', () => {
  test('to what may be connected to', async () => {
    const { connect, asked } = connecting(() => true)
    const socket = connect({ host: '127.0.0.1', port })
    socket.end('GET / HTTP/1.0\r\n\r\n')
    expect(await text(socket)).toContain('GET:')
    expect(asked).toEqual([`127.0.0.1 ${port}`])
  })

  test.each(['127.0.0.1', 'localhost', '::1'])('to %s, which is refused', async (host) => {
    const { connect } = connecting(() => false)
    const before = seen.length
    const [error] = await once(connect({ host, port }), 'error')
    expect(error).toMatchObject({ code: 'EACCES', syscall: 'connect' })
    expect(seen).toHaveLength(before)
  })

  test('a name is looked up once, and its address asked about', async () => {
    const { connect, asked } = connecting(({ addr }) => addr === '127.0.0.1')
    const socket = connect({ host: 'localhost', port, family: 4 })
    await once(socket, 'connect')
    expect(asked).toEqual([`127.0.0.1 ${port}`])
    socket.destroy()
  })
})

describe('fetch', () => {
  const url = (path = '/'): string => `http://127.0.0.1:${port}${path}`

  test('methods, bodies, headers, redirections', async () => {
    const { fetch } = connecting(() => true)
    const response = await fetch(url('/a'), { method: 'POST', body: 'in', headers: { 'x-y': 'z' } })
    expect([response.status, response.headers.get('x-is'), await response.text()]).toEqual([200, 'here', 'POST:in'])
    const moved = await fetch(url(`/to/${encodeURIComponent('/b')}`), { method: 'POST', body: 'in' })
    expect([moved.redirected, moved.url, await moved.text()]).toEqual([true, url('/b'), 'GET:'])
    expect((await fetch(url('/to/x'), { redirect: 'manual' })).status).toBe(302)
    await expect(fetch(url('/to/x'), { redirect: 'error' })).rejects.toThrow('fetch failed')
    await expect(fetch(url(), { signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow('no more')
    await expect(fetch('ftp://127.0.0.1/')).rejects.toThrow('fetch failed')
  })

  test('what is refused, and a redirection to it', async () => {
    const { fetch, asked } = connecting(({ port: to }) => to === port)
    const before = seen.length
    await expect(fetch('http://127.0.0.1:9/')).rejects.toMatchObject({ cause: { code: 'EACCES' } })
    const to = encodeURIComponent('http://127.0.0.1:9/secret')
    await expect(fetch(url(`/to/${to}`))).rejects.toMatchObject({ cause: { code: 'EACCES' } })
    expect(seen.slice(before)).toEqual([`GET /to/${to}`])
    expect(asked).toEqual(['127.0.0.1 9', `127.0.0.1 ${port}`, '127.0.0.1 9'])
  })
})

describe.skipIf(process.platform !== 'linux')('spawn', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lsmkit-spawn-'))
    chmodSync(folder, 0o755)
    copyFileSync('/bin/echo', join(folder, 'hello'))
    chmodSync(join(folder, 'hello'), 0o755)
    writeFileSync(join(folder, 'script'), '#!/bin/sh\n', { mode: 0o755 })
    copyFileSync('/bin/echo', join(folder, 'data'))
    chmodSync(join(folder, 'data'), 0o644)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const spawning = (hooks: Parameters<typeof boot>[0] = {}) => {
    const mounts = [{ type: hostfs({ path: folder }), target: '/tools' }]
    const booted = boot(hooks, mounts)
    return { ...booted, ...nodeOf(booted.kernel, booted.task) }
  }

  test('a program of a folder of the host', async () => {
    const { spawn, kernel } = spawning()
    const child = spawn('/tools/hello', ['hello', 'you'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [out, [status]] = await Promise.all([text(child.stdout!), once(child, 'exit')])
    expect([out, status]).toEqual(['hello you\n', 0])
    expect([...kernel.machine.tasks.processes]).toHaveLength(2)
  })

  test('what may not be executed', () => {
    const { spawn } = spawning({ bprm_check_security: () => -EACCES })
    expect(() => spawn('/tools/hello')).toThrow("EACCES: permission denied, spawn '/tools/hello'")
    expect(() => spawning().spawn('/tools/data')).toThrow("EACCES: permission denied, spawn '/tools/data'")
    expect(() => spawning().spawn('/tools/script')).toThrow("ENOEXEC: exec format error, spawn '/tools/script'")
    expect(() => spawning().spawn('/tools/none')).toThrow("ENOENT: no such file or directory, open '/tools/none'")
    expect(() => spawning().spawn('/tools/hello', [], { shell: true } as never)).toThrow('`shell` is not taken')
  })
})
