/**
 * just-bash's file systems over a kernel: `InMemoryFs` is a tmpfs, `ReadWriteFs` a folder of the host, `OverlayFs` an
 * overlay on one. Each is a `KernelFs` with their constructor. `Bash` and `MountableFs` stay theirs. For
 * `just-bash-fs.mjs`.
 */
import { dirname } from 'node:path'
import { EAGAIN, MS_RDONLY, O_RDWR, O_TRUNC } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { KernelFs } from '@lsmkit/just-bash'
import { bootKernel, fdTable, fillLater } from '@lsmkit/kernel'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import { hostfs } from '@lsmkit/kernel/hostfs'

export { Bash, MountableFs } from 'just-bash'

const boot = (mounts = []) => bootKernel({ stack: createStack({ lsms: [capability()] }), usualMounts: false, mounts })

const must = (rc, what) => {
  if (rc < 0) throw new Error(`${what}: ${rc}`)
}

/** Contents that a function gives when somebody asks for them, once. A call that has to wait is made again. */
class LateContents {
  #files
  #waits = null

  constructor(kernel) {
    this.#files = new TaskFiles(kernel, kernel.init)
  }

  add(path, give) {
    this.#files.writeFile(path, new Uint8Array())
    const fd = this.#files.open(path, O_RDWR)
    let asked = null
    let end = null
    const fill = (contents) => {
      end()
      const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents
      this.#files.writeAll(fd, bytes, path)
      this.#files.close(fd)
    }
    end = fillLater(fdTable(this.#files.task).get(fd), (flags) => {
      if ((flags & O_TRUNC) !== 0) {
        end()
        return 0
      }
      asked ??= Promise.resolve(give()).then(fill)
      this.#waits = asked
      return -EAGAIN
    })
  }

  /** Makes a call, again after each file that it had to wait for. */
  whenThere(call) {
    const again = (error) => {
      if (!(error instanceof FileError) || error.errno !== -EAGAIN || this.#waits === null) throw error
      return this.#waits.then(() => this.whenThere(call))
    }
    this.#waits = null
    try {
      const answer = call()
      return answer instanceof Promise ? answer.catch(again) : answer
    } catch (error) {
      return again(error)
    }
  }
}

export class InMemoryFs extends KernelFs {
  #late

  constructor(initial = {}) {
    const kernel = boot()
    super(kernel, kernel.init)
    this.#late = new LateContents(kernel)
    for (const [path, given] of Object.entries(initial)) {
      const { content = given, lazy = content, mode } = ArrayBuffer.isView(given) ? {} : Object(given)
      this.files.mkdirs(dirname(path))
      if (typeof lazy === 'function') this.#late.add(path, lazy)
      else this.writeFileSync(path, lazy)
      if (mode !== undefined) this.files.chmod(path, mode)
    }
    const ask = this.ask
    this.ask = (method, ...args) => this.#late.whenThere(() => ask(method, ...args))
  }

  writeFileSync(path, content) {
    this.files.mkdirs(dirname(path))
    this.files.writeFile(path, typeof content === 'string' ? new TextEncoder().encode(content) : content)
  }

  writeFileLazy(path, give) {
    this.files.mkdirs(dirname(path))
    this.#late.add(path, give)
  }
}

/** A kernel with the folder at `/host`. */
const withFolder = (path, writable) => boot([{ type: hostfs({ path, writable }), target: '/host' }])

/** From now on the first process sees what is below `path`. */
const enter = ({ sys, init }, path) => {
  must(sys.chroot(init, path), 'chroot')
  must(sys.chdir(init, '/'), 'chdir')
}

const within = (bytes) => (bytes === undefined ? {} : { largestRead: bytes })

export class ReadWriteFs extends KernelFs {
  constructor({ root, maxFileReadSize }) {
    const kernel = withFolder(root, true)
    enter(kernel, '/host')
    super(kernel, kernel.init, within(maxFileReadSize))
  }
}

export class OverlayFs extends KernelFs {
  #mountPoint

  constructor({ root, mountPoint = '/home/user/project', maxFileReadSize, readOnly = false }) {
    const at = mountPoint.replace(/\/+$/, '')
    const kernel = withFolder(root, false)
    const files = new TaskFiles(kernel, kernel.init)
    for (const dir of ['/upper', '/work', `/top${at}`]) files.mkdirs(dir)
    const options = 'lowerdir=/host,upperdir=/upper,workdir=/work'
    must(kernel.sys.mount(kernel.init, 'overlay', `/top${at}`, 'overlay', readOnly ? MS_RDONLY : 0, options), 'mount')
    enter(kernel, '/top')
    super(kernel, kernel.init, within(maxFileReadSize))
    this.#mountPoint = at
  }

  getMountPoint() {
    return this.#mountPoint
  }
}
