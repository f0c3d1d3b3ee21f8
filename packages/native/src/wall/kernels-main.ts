/** The process for the kernel of one box. Its wire is standard input and output; the worker's code does the rest. */
import { frameOf, frameReader } from './frames.ts'

const WIRE = Symbol.for('lsmkit.kernels.wire')
const { stdin, stdout, stderr } = process
// whoever prints in this process prints to the errors
Object.defineProperty(process, 'stdout', { value: stderr, configurable: true })

Object.defineProperty(globalThis, WIRE, {
  value: {
    send: (message: unknown) => void stdout.write(frameOf(message)),
    receive: (take: (message: unknown) => void) => void stdin.on('data', frameReader(take)),
  },
})
// the owner is gone
stdin.once('close', () => process.exit())

await import('@lsmkit/sandbox/worker')
