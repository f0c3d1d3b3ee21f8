/** Three programs and a shell over one pipeline: 10^7 bytes, written, passed on, and looked at one by one. */
import { readFileSync } from 'node:fs'
import { AT_FDCWD, O_CREAT, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { runWasiAsync } from '@lsmkit/wasi'
import type { Cell } from '../harness/cell.ts'

export interface PipelineArgs {
  readonly waiting: 'suspended' | 'workers'
}

const BYTES = 10_000_000
const NS = 1e6
const programs = new URL('../../../packages/wasi/programs/', import.meta.url)

const install = ({ sys, init }: Kernel, file: string): void => {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const bytes = readFileSync(new URL(`${file}.wasm`, programs))
  const fd = sys.openat(init, AT_FDCWD, `/bin/${name}`, O_CREAT | O_WRONLY, 0o755)
  for (let at = 0; at < bytes.length;) at += sys.write(init, fd, bytes.subarray(at))
  sys.close(init, fd)
}

/** A pass is the whole of it, the start of the four programs included: nanoseconds. */
export const cell = ({ waiting }: PipelineArgs): Cell => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  kernel.sys.mkdir(kernel.init, '/bin', 0o755)
  for (const file of ['sh', 'cat', 'test/fill', 'test/check']) install(kernel, file)
  return {
    async pass() {
      let out = ''
      const started = performance.now()
      const { status } = await runWasiAsync(kernel, kernel.init, {
        program: '/bin/sh', argv: ['sh', '-c', `fill ${BYTES} | cat | check`], env: { PATH: '/bin' }, posix: true,
        waiting, stdin: '', stdout: (bytes) => void (out += new TextDecoder().decode(bytes)),
      })
      const passed = performance.now() - started
      if (status !== 0 || out !== `${BYTES} bytes, 0 wrong\n`)
        throw new Error(`the pipeline ended with ${status}: ${out}`)
      return passed * NS
    },
  }
}
