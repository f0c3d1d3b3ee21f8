/** Requests of HTTP that a box makes: the socket of one is for it alone. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EBADF, EPERM, PR_SET_DUMPABLE, SUID_DUMP_USER } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { createSandbox } from '../index.ts'
import { insideOf } from '../inside-of.ts'

test('a process of the same user cannot take the socket of a request', async () => {
  let arrived = (): void => {}
  const asked = new Promise<void>((resolve) => (arrived = resolve))
  const server = createServer(() => arrived())
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await using box = await createSandbox({
    inline: true, network: { resolve: async () => ['127.0.0.1'] },
    allow: { hosts: [{ host: 'api.example', port, methods: ['GET'], addresses: ['127.0.0.1'] }] },
  })
  const { kernel: { sys }, task, end, fetch } = insideOf(box)
  const [client, thief] = [task(), task()]
  const pidfd = sys.pidfd_open(thief, client.pid, 0)
  const steal = (): number[] => Array.from({ length: 8 }, (_, fd) => sys.pidfd_getfd(thief, pidfd, fd, 0))
  // as execve leaves a program
  sys.prctl(client, PR_SET_DUMPABLE, SUID_DUMP_USER, 0, 0, 0)
  expect(new Set(steal())).toEqual(new Set([-EBADF]))
  const stop = new AbortController()
  const url = `http://api.example:${port}/`
  const request = { url, method: 'GET', headers: [], body: null, redirects: 0, timeout: 10_000, largest: 1000 }
  const answer = fetch!(client, request, stop.signal)
  answer.catch(() => null)
  await asked
  expect(new Set(steal())).toEqual(new Set([-EPERM]))
  stop.abort(new Error('enough'))
  await expect(answer).rejects.toThrow('enough')
  end(client)
  end(thief)
  server.closeAllConnections()
  server.close()
})
