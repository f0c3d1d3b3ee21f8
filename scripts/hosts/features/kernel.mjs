import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { equal } from '../equal.mjs'

export default () => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  const files = new TaskFiles(kernel, kernel.init)
  files.writeFile('/notes', new TextEncoder().encode('hello'))
  equal(new TextDecoder().decode(files.readFile('/notes')), 'hello')
}
