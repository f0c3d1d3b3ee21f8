/** `lsmkit-mcp wrap`: any stdio server as a native program under a policy, each call with a receipt. */
import { createNativeBox, openWatch, settledStatus } from '@lsmkit/native'
import type { Policy } from '@lsmkit/sandbox'
import type { Readable, Writable } from 'node:stream'
import { hashOf } from '../config.ts'
import type { Receipt } from '../receipt.ts'
import { CallBook } from './call-book.ts'
import { Lines } from './lines.ts'

export interface WrapOptions {
  readonly policy: Policy
  /** Ids of lines that this kernel cannot hold, or opens: `attributes`, `udp`. */
  readonly accept: readonly string[]
  /** The server, with its arguments. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly input: Readable
  readonly output: Writable
  readonly onReceipt: (receipt: Receipt) => void
  /** Called with each list of tools that the server gives. */
  readonly onTools: (names: readonly string[]) => void
}

/** Milliseconds in which a refusal is reported. */
const REPORTED = 5

/** Serves until the server ends or the client has gone: the exit status of the server. Throws NativeError. */
export const wrapServer = async (options: WrapOptions): Promise<number> => {
  const { policy, accept, command: [program, ...args], env, input, output } = options
  const book = new CallBook(hashOf(policy), options.onReceipt, options.onTools)
  const watch = await openWatch({ allow: policy.allow ?? null, onDenial: (denial) => book.deny(denial) })
  try {
    const box = createNativeBox(policy, { accept })
    const started = box.start(program!, args, { env, watch, stdio: ['pipe', 'pipe', 'inherit'] })
    const { process: server } = started
    const stop = (): void => server.end()
    const fromClient = new Lines((line) => {
      book.asked(line)
      server.stdin!.write(line)
    }, stop)
    // answers go out in their order, each when its refusals are known
    let sent: Promise<unknown> = Promise.resolve()
    const handOn = async (line: Buffer, before: Promise<unknown>): Promise<void> => {
      await before
      if (book.isAnswer(line)) await new Promise((resolve) => setTimeout(resolve, REPORTED))
      output.write(book.answered(line))
    }
    const fromServer = new Lines((line) => {
      sent = handOn(line, sent)
    }, stop)
    server.stdin!.on('error', () => undefined)
    input.on('data', (bytes: Buffer) => fromClient.push(bytes))
    input.on('end', () => server.stdin!.end())
    server.stdout!.on('data', (bytes: Buffer) => fromServer.push(bytes))
    const ending = await server.ended
    await sent
    return settledStatus(ending, started.reason()).status
  } finally {
    await watch.end()
  }
}
