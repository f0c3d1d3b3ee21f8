/** Opens a name that another thread changes all the time between two files, and counts which of them it got. */
import { readSync, closeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

const CHANGES = 248

if (isMainThread) {
  const [from, plain, secret] = process.argv.slice(2)
  const koffi = createRequire(from)('koffi')
  const openat = koffi.load(null).func('int openat(int, void*, int, int)')
  const shared = new Uint8Array(new SharedArrayBuffer(256))
  const names = [plain, secret].map((name) => Buffer.from(`${name}\0`))
  shared.set(names[0])
  const thread = new Worker(new URL(import.meta.url), { workerData: { shared, names } })
  const got = { plain: 0, secret: 0, refused: 0 }
  const bytes = Buffer.from(shared.buffer)
  // a busy machine may let the other thread wait
  const changes = new Int32Array(shared.buffer, CHANGES)
  thread.once('online', () => {
    for (let i = 0; i < 3000 || (Atomics.load(changes, 0) < 300 && i < 1e6); i++) {
      const fd = openat(-100, bytes, 0, 0)
      if (fd < 0) {
        got.refused++
        continue
      }
      const text = Buffer.alloc(16)
      readSync(fd, text, 0, 16, 0)
      closeSync(fd)
      if (text.toString().startsWith('secret')) got.secret++
      else got.plain++
    }
    process.stdout.write(JSON.stringify(got))
    process.exit()
  })
} else {
  const { shared, names } = workerData
  const changes = new Int32Array(shared.buffer, CHANGES)
  for (;;) for (const name of names) {
    for (let i = 0; i < 50; i++) shared.set(name)
    Atomics.add(changes, 0, 1)
  }
}
