/** A shell starts a program and reads what it prints: both wait for each other. */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { runWasiAsync } from '@lsmkit/wasi'
import { equal } from './equal.mjs'

export const pipeline = async ({ bytes }, waiting) => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  const files = new TaskFiles(kernel, kernel.init)
  files.mkdirs('/bin')
  for (const name of ['sh', 'cat']) {
    files.writeFile(`/bin/${name}`, await bytes(name))
    files.chmod(`/bin/${name}`, 0o755)
  }
  let out = ''
  const stdout = (part) => void (out += new TextDecoder().decode(part))
  const { status } = await runWasiAsync(kernel, kernel.init, {
    program: await bytes('sh'), argv: ['sh', '-c', 'echo one | /bin/cat'], posix: true, waiting, preopens: { '/': '/' },
    stdin: new Uint8Array(0), stdout, stderr: stdout,
  })
  equal(`${status} ${out}`, '0 one\n')
}
