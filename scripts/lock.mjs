/** One set-up at a time: a folder is the lock, a file in it names the owner, and a dead owner's lock is taken over. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds: between two looks, for an owner to write its name, and that no set-up takes. */
const pollEvery = 100
const unnamedFor = 5_000
const heldFor = 15 * 60_000

const ageOf = (path) => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())

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
    const owner = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    if (owner > 0) return !isAlive(owner) || ageOf(folder) > heldFor
  } catch {
    // Not named yet, or released just now.
  }
  return ageOf(folder) > unnamedFor
}

/** True if `folder` is ours now. */
function take(folder) {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes an abandoned lock. Guarded by a lock of its own: a slow waiter must not remove what a fast one has taken. */
function clear(folder) {
  const guard = `${folder}.clear`
  if (ageOf(guard) > unnamedFor) rmSync(guard, { recursive: true, force: true })
  if (!take(guard)) return
  try {
    if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true })
  } finally {
    rmSync(guard, { recursive: true, force: true })
  }
}

/** Runs `work` while holding the lock `folder`; `onWait` is called once if another process holds it. */
export async function withLock(folder, onWait, work) {
  mkdirSync(dirname(folder), { recursive: true })
  for (let waits = 0; !take(folder);) {
    if (isAbandoned(folder)) {
      clear(folder)
    } else {
      if (waits++ === 0) onWait()
      await sleep(pollEvery)
    }
  }
  try {
    writeFileSync(join(folder, 'pid'), String(process.pid))
    return await work()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
