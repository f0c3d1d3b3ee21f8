import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { nodeOf } from '@lsmkit/node'
import { equal } from '../equal.mjs'

export default async () => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  const { fs } = nodeOf(kernel, kernel.init)
  fs.writeFileSync('/notes.txt', 'hello')
  equal(await fs.promises.readFile('/notes.txt', 'utf8'), 'hello')
}
