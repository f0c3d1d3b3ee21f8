/**
 * One agent uses a folder at a time. Each has a socket in it, which the system closes with the process, however that
 * ends. INVARIANT: an agent is there under a name of its own before it looks for others, so of two that begin together
 * at least one sees the other, and gives way.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { join, resolve } from 'node:path'
import { FleetError, reasonOf } from '../fleet-error.ts'
import { pause } from '../store/waiting.ts'
import { codeOf, randomName } from '../store/folder/disk.ts'

const NAME = /^lock-[0-9a-f]{16}$/
/** Bytes that the path of a socket may have, on all systems. */
const MOST_PATH = 100
/** Two that begin together both give way, and try again. */
const TRIES = 4

export interface FolderLock {
  release(): Promise<void>
}

const listen = (path: string): Promise<Server> => new Promise((done, fail) => {
  const server = createServer((socket) => socket.destroy())
  server.once('error', fail)
  server.listen(path, () => done(server.unref()))
})

const end = (server: Server): Promise<void> => new Promise((done) => void server.close(() => done()))

/** Whether somebody listens there. Anything unexpected is somebody. */
const isAlive = (path: string): Promise<boolean> => new Promise((done) => {
  const socket = connect(path)
  socket.once('connect', () => {
    socket.destroy()
    done(true)
  })
  socket.once('error', (error) => done(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error))))
})

const locked = (folder: string): FleetError =>
  new FleetError('locked', 'another agent uses the folder', {
    place: folder, hint: 'each agent needs a folder `state` of its own',
  })

/** A folder whose name is too long for a socket is named by its descriptor. */
const shortOf = async (folder: string): Promise<{ readonly path: string, readonly handle: FileHandle | null }> => {
  if (folder.length + 'lock-'.length + 17 <= MOST_PATH) return { path: folder, handle: null }
  if (process.platform !== 'linux') {
    throw new FleetError('locked', 'the path of the folder is too long', {
      place: folder, hint: `at most ${MOST_PATH - 'lock-'.length - 17} characters`,
    })
  }
  const handle = await open(folder, 'r')
  return { path: `/proc/self/fd/${handle.fd}`, handle }
}

/** True where nobody else is there. Sockets of processes that have ended are taken away. */
const isAlone = async (path: string, own: string): Promise<boolean> => {
  for (const name of (await readdir(path)).filter((one) => NAME.test(one) && one !== own)) {
    if (await isAlive(join(path, name))) return false
    await rm(join(path, name), { force: true })
  }
  return true
}

const lockByName = async (folder: string, path: string): Promise<Server> => {
  for (let tries = 1; ; tries += 1) {
    const own = `lock-${randomName()}`
    const server = await listen(join(path, own))
    if (await isAlone(path, own)) return server
    await end(server)
    await rm(join(path, own), { force: true })
    if (tries === TRIES) throw locked(folder)
    await pause(5 + 20 * Math.random() * tries)
  }
}

/** Pipes of Windows go with their process, and a name is had by one process alone. */
const lockByPipe = async (folder: string): Promise<Server> => {
  const name = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32)
  try {
    return await listen(`\\\\.\\pipe\\lsmkit-agent-${name}`)
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') throw locked(folder)
    throw error
  }
}

/** Rejects with FleetError `locked` where another agent uses the folder, in this process or in another one. */
export const lockFolder = async (folder: string): Promise<FolderLock> => {
  const whole = resolve(folder)
  await mkdir(whole, { recursive: true, mode: 0o700 })
  if (process.platform === 'win32') {
    const server = await lockByPipe(whole)
    return { release: () => end(server) }
  }
  const { path, handle } = await shortOf(whole)
  try {
    const server = await lockByName(whole, path)
    return { release: () => end(server).then(() => handle?.close()) }
  } catch (error) {
    await handle?.close()
    if (error instanceof FleetError) throw error
    throw new FleetError('locked', `the folder cannot be locked: ${reasonOf(error)}`, { place: whole, cause: error })
  }
}
