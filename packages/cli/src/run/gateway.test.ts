/** Programs cannot use up the host's descriptors through a gateway, nor leave any behind. */
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { OutsideConnection } from '@lsmkit/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayOf } from './gateway.ts'

const sockets = new Set<Socket>()
/** Reads nothing. */
const server = createServer({ pauseOnConnect: true }, (socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket)).on('error', () => {})
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', 1000, resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

const to = { addr: '10.0.0.1', port: 80 }
const events = (opened: () => void = () => {}) =>
  ({ opened, failed: () => {}, data: () => true, ended: () => {} })

test('so many connections at a time and no more, and a new one for each that has ended', async () => {
  const gateway = gatewayOf([`10.0.0.1:80=127.0.0.1:${port}`])!
  const open: OutsideConnection[] = []
  for (let one = gateway(to, events()); one !== null; one = gateway(to, events())) open.push(one)
  expect(open).toHaveLength(512)
  // given up before the host has answered
  for (const one of open) one.destroy()
  let again: OutsideConnection | null = null
  await expect.poll(() => (again = gateway(to, events()))).not.toBeNull()
  again!.destroy()
})

test('what a program leaves to a host that reads nothing is given up after a while', async () => {
  const gateway = gatewayOf([`10.0.0.1:80=127.0.0.1:${port}`], 50)!
  let connection: OutsideConnection | null = null
  await new Promise<void>((resolve) => {
    connection = gateway(to, events(resolve))
  })
  let done = 0
  let isLeft = false
  const fill = (): void => {
    done++
    if (!isLeft) connection!.write(new Uint8Array(1 << 20), fill)
  }
  fill()
  await expect.poll(() => {
    const before = done
    return new Promise((resolve) => void setTimeout(() => resolve(done === before), 50))
  }).toBe(true)
  isLeft = true
  connection!.leave()
  // one that has been given up is at its end, once all is read that had been sent
  const socket = [...sockets].at(-1)!
  await new Promise((resolve) => void setTimeout(resolve, 200))
  socket.resume()
  await expect.poll(() => socket.destroyed).toBe(true)
})
