/** `allow: { hosts: ['name:port/udp'] }`, from the program's socket to a server of the test. */
import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { AF_INET, AF_UNSPEC, EACCES, EAGAIN, EINVAL, MSG_DONTWAIT, SOCK_DGRAM } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { sockaddrIn } from '@lsmkit/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox } from '../index.ts'
import type { HostRule, RunResult, Sandbox, SandboxOptions } from '../index.ts'
import { insideOf } from '../inside.ts'
import type { Inside } from '../inside.ts'
import { tool } from '../testing/programs.ts'

const nc = tool('nc')
const sockets: Socket[] = []
const bound = (take: (bytes: Buffer, from: RemoteInfo, socket: Socket) => void): Promise<number> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4')
    sockets.push(socket)
    socket.on('message', (bytes, from) => take(bytes, from, socket))
    socket.bind(0, '127.0.0.1', () => resolve(socket.address().port))
  })

/** Answers with what it gets, after another socket of the host has answered as well. */
let echo: number
/** Where the echo has last heard from. */
let heard: RemoteInfo | null = null
beforeAll(async () => {
  const stranger = createSocket({ type: 'udp4' })
  sockets.push(stranger)
  echo = await bound((bytes, from, socket) => {
    heard = from
    stranger.send('forged', from.port, from.address, () => socket.send(bytes, from.port, from.address))
  })
})
afterAll(() => {
  for (const socket of sockets) socket.close()
})

const table: Readonly<Record<string, readonly string[]>> = {
  'time.example': ['127.0.0.1'], 'meta.example': ['169.254.169.254'], 'mixed.example': ['10.0.0.1', '127.0.0.1'],
  'many.example': ['224.0.0.251'], 'second.example': ['127.0.0.1'], 'mapped.example': ['::ffff:127.0.0.1'],
  'all.example': ['255.255.255.255'],
}
const resolve = async (name: string): Promise<readonly string[]> => {
  const found = table[name]
  if (found === undefined) throw new Error('ENOTFOUND')
  return found
}
const inBox = async <T>(options: SandboxOptions, use: (box: Sandbox) => Promise<T>): Promise<T> => {
  await using box = await createSandbox({ network: { resolve }, ...options })
  return await use(box)
}
const named = (host: string, addresses = ['127.0.0.0/8'], port = echo): HostRule =>
  ({ host, port, protocol: 'udp', addresses })
const say = (box: Sandbox, host: string, port = echo, stdin = 'four'): Promise<RunResult> =>
  box.run(nc, { args: ['-u', host, String(port)], stdin })
const sentences = ({ denials }: RunResult): readonly string[] => denials.map(({ sentence }) => sentence)

describe.each([{ inline: true }, { inline: false }])('%o', (where) => {
  test('a named host answers, nobody else does, and the result lists it', async () => {
    await inBox({ ...where, allow: { hosts: [named('time.example')] } }, async (box) => {
      const run = await say(box, 'time.example')
      expect(run).toMatchObject({ status: 0, stdout: 'four', denials: [] })
      expect(run.connections).toEqual([{
        host: 'time.example', port: echo, protocol: 'udp', addresses: ['127.0.0.1'], connections: 1, sent: 4,
        received: 4, requests: [], requestsLeftOut: 0,
      }])
      expect(heard).not.toBeNull()
      expect(String(await box.explain())).toContain(`hosts: time.example:${echo}/udp\n`)
    })
  })

  test('another host, another port and TCP are refused, with the rule that would permit it', async () => {
    await inBox({ ...where, allow: { hosts: [named('time.example')] } }, async (box) => {
      const refused = await say(box, 'other.example')
      expect(refused).toMatchObject({
        status: 1, denials: [{
          by: 'hosts', act: 'connect', host: 'other.example', port: echo, protocol: 'udp', errno: 'EACCES',
          permit: { allow: { hosts: [`other.example:${echo}/udp`] } },
        }],
      })
      expect(sentences(refused)).toEqual([`\`other.example:${echo}/udp\`: connect refused, not in hosts`])
      expect(sentences(await say(box, 'time.example', 1)))
        .toEqual(['`time.example:1/udp`: connect refused, not in hosts'])
      const tcp = await box.run(nc, { args: ['time.example', String(echo)] })
      expect(sentences(tcp)[0]).toMatch(/sockets of this kind/)
    })
  })

  test('functions of the maker send the datagrams, a part of a stream each', async () => {
    const to: unknown[] = []
    const datagrams = async (target: unknown) => {
      to.push(target)
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
      return { readable, writable }
    }
    const network = { resolve, datagrams, connect: () => Promise.reject(new Error('no TCP')) }
    await inBox({ ...where, network, allow: { hosts: [named('time.example')] } }, async (box) => {
      expect(await say(box, 'time.example')).toMatchObject({ status: 0, stdout: 'four' })
      expect(to).toEqual([{ address: '127.0.0.1', port: echo }])
    })
  })
})

describe('where a name may lead', () => {
  test.each([
    ['meta.example', [], /leads to 169\.254\.169\.254, a metadata service/],
    ['mixed.example', [], /leads to 10\.0\.0\.1, private/],
    ['many.example', ['224.0.0.0/4'], /leads to 224\.0\.0\.251, multicast/],
    ['mapped.example', ['127.0.0.0/8'], /leads to ::ffff:127\.0\.0\.1, an address of IPv4 in IPv6/],
    ['all.example', ['0.0.0.0/0'], /leads to 255\.255\.255\.255, broadcast/],
    ['time.example', [], /leads to 127\.0\.0\.1, loopback/],
  ] as const)('`%s` under %j: %s', async (host, addresses, why) => {
    const rule: HostRule = addresses.length === 0 ? `${host}:${echo}/udp` : named(host, [...addresses])
    await inBox({ inline: true, allow: { hosts: [rule] } }, async (box) => {
      const run = await say(box, host)
      expect(run.stdout).toBe('')
      expect(sentences(run)[0]).toMatch(why)
    })
  })

  test('a name is pinned: what it would lead to later is not asked for', async () => {
    let asked = 0
    const network = { resolve: async () => (asked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254']) }
    await inBox({ inline: true, network, allow: { hosts: [named('time.example')] } }, async (box) => {
      expect(await say(box, 'time.example')).toMatchObject({ stdout: 'four' })
      expect(await say(box, 'time.example')).toMatchObject({ stdout: 'four' })
      expect(asked).toBe(1)
    })
  })
})

test('limits count ways and bytes, and a refusal says which', async () => {
  const allow = { hosts: [named('time.example')] }
  await inBox({ inline: true, allow, limits: { traffic: 10 } }, async (box) => {
    expect(sentences(await say(box, 'time.example', echo, 'twelve bytes'))[0])
      .toContain('the limit of 10 bytes is used up (limits: traffic)')
    const half = await say(box, 'time.example', echo, 'six by')
    expect(half.stdout).toBe('')
    expect(sentences(half)).toHaveLength(1)
  })
  await inBox({ inline: true, allow, limits: { connections: 0 } }, async (box) => {
    expect(sentences(await say(box, 'time.example'))[0]).toContain('0 connections are open (limits: connections)')
  })
})

test('with connections by a function alone, datagrams have no way around it', async () => {
  const network = { resolve, connect: () => Promise.reject(new Error('no TCP')) }
  await inBox({ inline: true, network, allow: { hosts: [named('time.example')] } }, async (box) => {
    const run = await say(box, 'time.example')
    expect(run.status).not.toBe(0)
    expect(sentences(run)[0]).toContain('the network of the box sends no datagrams')
  })
})

/** Runs `use` as a task of a box that reaches time.example by UDP. */
const asTask = async <T>(use: (inside: Inside, task: Task) => T): Promise<T> => {
  await using box = await createSandbox({
    inline: true, network: { resolve }, allow: { hosts: [named('time.example')], connect: [80] },
  })
  const inside = insideOf(box)
  return use(inside, inside.task())
}

test('sendto is judged by each address, and datagrams of the loopback go nowhere', async () => {
  await asTask(({ kernel: { sys, machine } }, task) => {
    const fd = sys.socket(task, AF_INET, SOCK_DGRAM, 0)
    const byte = Uint8Array.of(1)
    const send = (name: Uint8Array) => sys.sendto(task, fd, byte, 1, MSG_DONTWAIT, name, name.length)
    const stands = machine.as(task, () => machine.names!('time.example'))!
    expect(send(sockaddrIn(stands, echo))).toBe(1)
    expect(send(sockaddrIn(stands, echo + 1))).toBe(-EACCES)
    expect(send(sockaddrIn('127.0.0.1', 80))).toBe(-EACCES)
    expect(send(sockaddrIn('127.0.0.1', echo))).toBe(-EACCES)
    expect(send(sockaddrIn('224.0.0.251', echo))).toBe(-EACCES)
    const unnamed = sockaddrIn('127.0.0.1', 80)
    unnamed[0] = AF_UNSPEC
    expect(send(unnamed)).toBe(-EACCES)
    expect(send(sockaddrIn(stands, 0))).toBe(-EACCES)
    expect([-EINVAL, -EAGAIN]).toContain(
      sys.recvfrom(task, fd, new Uint8Array(9), 9, MSG_DONTWAIT, new Uint8Array(16), ref(16)))
  })
})

test('one socket asks two hosts, and each answer has the address of its own', async () => {
  const other = await bound((bytes, from, socket) => socket.send(`two ${bytes}`, from.port, from.address))
  await using box = await createSandbox({
    inline: true, network: { resolve },
    allow: { hosts: [named('time.example'), named('second.example', ['127.0.0.1'], other)] },
  })
  const answers = await (async ({ kernel: { sys, machine } }: Inside, task: Task) => {
    const fd = sys.socket(task, AF_INET, SOCK_DGRAM, 0)
    const at = (name: string) => machine.as(task, () => machine.names!(name))!
    const peers = [[at('time.example'), echo], [at('second.example'), other]] as const
    for (const [addr, port] of peers) sys.sendto(task, fd, Uint8Array.of(65), 1, 0, sockaddrIn(addr, port), 16)
    const got: string[] = []
    for (let tries = 0; tries < 200 && got.length < 2; tries++) {
      const [bytes, from] = [new Uint8Array(20), new Uint8Array(16)]
      const rc = sys.recvfrom(task, fd, bytes, bytes.length, MSG_DONTWAIT, from, ref(16))
      if (rc < 0) await new Promise((settle) => void setTimeout(settle, 10))
      else {
        const peer = peers.findIndex(([addr, port]) => sockaddrIn(addr, port).every((one, i) => one === from[i]))
        got.push(`${peer} ${new TextDecoder().decode(bytes.subarray(0, rc))}`)
      }
    }
    return got
  })(insideOf(box), insideOf(box).task())
  expect(answers.toSorted()).toEqual(['0 A', '1 two A'])
})
