/** The process for the kernel of one box. Its wire is standard input and output; the worker's code does the rest. */
import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { FrameReader, FrameWriter } from './frames.ts'

const WIRE = Symbol.for('lsmkit.kernels.wire')
const { stderr } = process
const [INPUT, OUTPUT] = [0, 1]
/** Bytes that are read at once. */
const PART = 65_536

// whoever prints in this process prints to the errors
Object.defineProperty(process, 'stdout', { value: stderr, configurable: true })

/** Waits where the owner is slow to read: it never waits for this process. */
const writer = new FrameWriter((frames) => {
  for (let at = 0; at < frames.length;) at += writeSync(OUTPUT, frames, at)
})

const receive = (take: (message: unknown) => void): void => {
  const reader = new FrameReader(take)
  const onread = {
    buffer: Buffer.allocUnsafeSlow(PART),
    callback: (length: number, bytes: Uint8Array): boolean => {
      reader.read(bytes.subarray(0, length) as Buffer)
      return true
    },
  }
  const input = new Socket({ fd: INPUT, readable: true, writable: false, onread })
  // the owner is gone
  input.once('close', () => process.exit())
  input.resume()
}

Object.defineProperty(globalThis, WIRE, { value: { send: (message: unknown) => writer.send(message), receive } })

await import('@lsmkit/sandbox/worker')
