/** `wasi:sockets/udp` of components in a box: to a host that the policy names, to any other, and to each other. */
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { datagramClient, datagramClient3 } from '../../../wasi/test/udp-components.ts'
import { createSandbox } from '../index.ts'
import type { RunResult, SandboxOptions } from '../index.ts'

let server: Socket
let port: number
beforeAll(async () => {
  server = createSocket('udp4', (bytes, from) => void server.send(`again: ${bytes}`, from.port, from.address))
  await new Promise<void>((resolve) => void server.bind(0, '127.0.0.1', () => resolve()))
  port = server.address().port
})
afterAll(() => void server.close())

const network = { resolve: async () => ['127.0.0.1'] }
const named = (host: string) => ({ host, port, protocol: 'udp' as const, addresses: ['127.0.0.1'] })
const sentences = ({ denials }: RunResult): readonly string[] => denials.map(({ sentence }) => sentence)
/** access-denied, which is 1 of the codes of WASI 0.2 and 0 of those of 0.3. */
const [denied, denied3] = ['A', '@']

describe.each<[where: string, how: SandboxOptions]>([
  ['inline', { inline: true }], ['in a worker', {}], ['in threads', { inline: true, programs: 'threads' }],
])('%s', (_where, how) => {
  test.each([true, false])('a named host answers a component; with a peer: %s', async (connects) => {
    await using box = await createSandbox({ ...how, network, allow: { hosts: [named('time.example')] } })
    const run = await box.run(await datagramClient('time.example', port, 'what', { connects }))
    expect(run).toMatchObject({ status: 0, reason: '', stdout: 'again: what', denials: [] })
    expect(run.connections).toMatchObject([
      { host: 'time.example', port, protocol: 'udp', addresses: ['127.0.0.1'], connections: 1, sent: 4, received: 11 },
    ])
  })

  test.each([true, false])('another host is refused, and the record names it; with a peer: %s', async (connects) => {
    await using box = await createSandbox({ ...how, network, allow: { hosts: [named('time.example')] } })
    const run = await box.run(await datagramClient('other.example', port, 'what', { connects }))
    expect([run.status, run.stdout, sentences(run)])
      .toEqual([1, denied, [`\`other.example:${port}/udp\`: connect refused, not in hosts`]])
    expect(run.denials[0]!.permit).toMatchObject({ allow: { hosts: [`other.example:${port}/udp`] } })
  })

  test.each([true, false])('the same by WASI 0.3; with a peer: %s', async (connects) => {
    await using box = await createSandbox({ ...how, network, allow: { hosts: [named('time.example')] } })
    const run = await box.run(await datagramClient3('time.example', port, 'what', { connects }))
    expect(run).toMatchObject({ status: 0, reason: '', stdout: 'again: what', denials: [] })
    const refused = await box.run(await datagramClient3('other.example', port, 'what', { connects }))
    expect([refused.status, refused.stdout, sentences(refused)])
      .toEqual([1, denied3, [`\`other.example:${port}/udp\`: connect refused, not in hosts`]])
  })

  test('ports of `connect` and `listen` are those of TCP', async () => {
    await using box = await createSandbox({ ...how, allow: { connect: [port], listen: [port] } })
    const run = await box.run(await datagramClient('127.0.0.1', port, 'what'))
    const why = 'sockets of this kind are in none of connect, listen and hosts'
    expect([run.status, sentences(run)]).toEqual([1, [`\`socket\`: refused by the filter of system calls, ${why}`]])
  })
})
