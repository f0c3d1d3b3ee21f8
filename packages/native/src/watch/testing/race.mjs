/**
 * Opens a name that another thread changes all the time between two files, and counts which of them it got. `torn` are
 * opens of a name of which half was changed.
 */
import { readSync, closeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

const EACCES = 13
const LEAST = 3000
/** It ends all the same where one of the files is never met. */
const MOST = 1_000_000

if (isMainThread) {
  const [from, plain, secret] = process.argv.slice(2)
  const koffi = createRequire(from)('koffi')
  const openat = koffi.load(null).func('int openat(int, void*, int, int)')
  const shared = new Uint8Array(new SharedArrayBuffer(256))
  const names = [plain, secret].map((name) => Buffer.from(`${name}\0`))
  shared.set(names[0])
  const thread = new Worker(new URL(import.meta.url), { workerData: { shared, names } })
  const got = { plain: 0, secret: 0, refused: 0, torn: 0 }
  const bytes = Buffer.from(shared.buffer)
  // a busy machine may let the other thread wait
  const hasMetBoth = () => got.plain > 0 && got.secret + got.refused > 0
  thread.once('online', () => {
    for (let i = 0; i < LEAST || (!hasMetBoth() && i < MOST); i++) {
      const fd = openat(-100, bytes, 0, 0)
      if (fd < 0) {
        if (koffi.errno() === EACCES) got.refused++
        else got.torn++
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
  for (;;) for (const name of names) for (let i = 0; i < 50; i++) shared.set(name)
}
