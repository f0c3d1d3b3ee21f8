import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { runWasi } from '@lsmkit/wasi'
import { equal } from '../equal.mjs'

/** A host that makes no code as it runs has programs compiled, and no limits can be built into them. */
const compiledAlready = { memory: 'none', tables: 'none', loops: false }

export default async ({ bytes, compiled }) => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  let out = ''
  const stdout = (part) => void (out += new TextDecoder().decode(part))
  const { status } = runWasi(kernel, kernel.init, {
    ...compiled === undefined ? { program: await bytes('cat') } : { program: compiled('cat'), limits: compiledAlready },
    argv: ['cat', '/proc/self/comm'], posix: true, preopens: { '/': '/' }, stdout,
  })
  equal(`${status} ${out}`, '0 cat\n')
}
