/**
 * `createSandbox({ process: true })`: the kernel of a box and its guests in a process under Landlock and seccomp, so
 * that an escape from V8 has the folders of the policy and nothing else.
 */
import type { Socket } from 'node:net'
import { threadOptions } from '@lsmkit/wasi/threads'
import type { KernelThread, Policy } from '@lsmkit/sandbox'
import { checkPolicy } from '@lsmkit/sandbox/policy-parts'
import { startProgram } from '../exec/start.ts'
import type { Ending } from '../exec/start.ts'
import { compile } from '../plan/compile.ts'
import { gatherFacts } from '../plan/facts.ts'
import { FrameReader, FrameWriter } from './frames.ts'
import { wallPolicy } from './wall-policy.ts'

/** Beside this module as it is built, and as it is written. */
const mainUrl = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './kernels-main.ts' : './wall/kernels-main.js', import.meta.url)

const endWords = ({ code, signal }: Ending): string =>
  (signal === null ? `it has exited with ${code}` : `signal ${signal} ended it`)

/** Throws NativeError `not-held` where this kernel lacks a wall. */
export const kernelProcess = (policy: Policy): KernelThread => {
  checkPolicy(policy)
  const url = mainUrl()
  const { execArgv = [...process.execArgv], env = {} } = threadOptions(url, process.execArgv)
  const { NODE_COMPILE_CACHE: cache = null } = env
  const wall = wallPolicy(policy, cache)
  const plan = compile(wall.policy, gatherFacts(wall.policy), { accept: wall.accept })
  const child = startProgram(plan, {
    program: process.execPath, args: [process.execPath, ...execArgv, url.pathname],
    env: { ...plan.env, ...cache === null ? {} : { NODE_COMPILE_CACHE: cache } }, cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [input, output] = [child.stdin as Socket, child.stdout as Socket]
  // the end of the process says what there is to say
  input.on('error', () => undefined)
  child.hold(false)
  let isHeld = false
  // the stream that answers come by is enough, and each call holds and lets go
  const hold = (held: boolean): void => {
    isHeld = held
    if (isHeld) output.ref()
    else output.unref()
  }
  output.once('close', () => isHeld && child.hold(true))
  const writer = new FrameWriter((frames) => void input.write(frames))
  return {
    send: (message) => writer.send(message),
    receive: (take) => {
      const reader = new FrameReader(take)
      output.on('data', (bytes: Buffer) => {
        try {
          reader.read(bytes)
        } catch {
          // whoever has escaped into the process may send anything, and has ended it by that
          output.destroy()
          child.end()
        }
      })
    },
    onEnd: (tell) => void child.ended.then(
      (ending) => tell(new Error(endWords(ending))), (error: Error) => tell(error)),
    hold, end: () => child.end(),
  }
}
