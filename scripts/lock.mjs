/** One set-up at a time: a folder is the lock, a file in it names the owner, and a dead owner's lock is taken over. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const pollEvery = 100
/** Time in ms that an owner has to write its name. */
const unnamedFor = 5000

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function isAbandoned(folder) {
  try {
    return !isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))
  } catch {
    const stat = statSync(folder, { throwIfNoEntry: false })
    return stat !== undefined && Date.now() - stat.mtimeMs > unnamedFor
  }
}

/** Runs `work` while holding the lock `folder`; `onWait` is called once if another process holds it. */
export async function withLock(folder, onWait, work) {
  mkdirSync(dirname(folder), { recursive: true })
  for (let told = false; ; ) {
    try {
      mkdirSync(folder)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isAbandoned(folder)) {
      rmSync(folder, { recursive: true, force: true })
      continue
    }
    if (!told) onWait()
    told = true
    await sleep(pollEvery)
  }
  try {
    writeFileSync(join(folder, 'pid'), String(process.pid))
    return await work()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
