import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { Shell } from '@lsmkit/just-bash'
import { bootKernel } from '@lsmkit/kernel'
import { equal } from '../equal.mjs'

export default async () => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  const shell = new Shell(kernel)
  shell.install(kernel.init)
  equal((await shell.sh(kernel.init, 'echo b > /x; echo a >> /x; sort /x')).stdout, 'a\nb\n')
}
