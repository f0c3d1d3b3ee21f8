/**
 * Lines that were typed at `lsm shell`, from one session to the next. Programs of the box may write into its copy of
 * the file, so what comes back is text and nothing else.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { AT_FDCWD, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { readBounded } from '../bounded-read.ts'

/** Most that is kept, and most that is taken back from the box. */
const LINES = 1000
const LINE_BYTES = 4095
const BOX_BYTES = 2 ** 22

/** Where the shell of the box has it. */
export const BOX_HISTORY = '/home/.sh_history'

/** In the state folder of the user (`$XDG_STATE_HOME`), which has to be an absolute path. */
export const historyFile = (env: NodeJS.ProcessEnv = process.env): string => {
  const named = process.platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_STATE_HOME']
  const folder = named?.startsWith('/') === true || (named !== undefined && process.platform === 'win32')
    ? named
    : join(homedir(), '.local', 'state')
  return join(folder, 'lsmkit', 'shell-history')
}

const linesOf = (bytes: Uint8Array): string[] =>
  new TextDecoder().decode(bytes).split('\n').filter((line) => line !== '' && isText(line))

/** Nothing that acts on a terminal, and no longer than the shell can edit. */
const isText = (line: string): boolean => !/[\p{Cc}\p{Cs}\p{Bidi_C}]/u.test(line) && Buffer.byteLength(line) <= LINE_BYTES

const onlyFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

/** Newest last; none where there is no such file, or it cannot be read. */
export const readHistory = (path: string): readonly string[] => {
  try {
    return onlyFile(path) ? linesOf(readBounded(path)).slice(-LINES) : []
  } catch {
    return []
  }
}

/** Puts lines behind those that are in the file by now: another session may have ended meanwhile. Throws the host's. */
export const addHistory = (path: string, lines: readonly string[]): void => {
  if (lines.length === 0) return
  const kept = [...readHistory(path), ...lines.filter(isText)].slice(-LINES)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}`
  try {
    writeFileSync(temporary, `${kept.join('\n')}\n`, { flag: 'wx', mode: 0o600 })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/**
 * Makes the file of the box, by the user of the shell and with its label. False where the modules refuse it; the shell
 * then remembers its lines for the session alone.
 */
export const giveHistory = ({ sys }: Kernel, task: Task, lines: readonly string[]): boolean => {
  const fd = sys.openat(task, AT_FDCWD, BOX_HISTORY, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
  if (fd < 0) return false
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''))
  let rc = 0
  for (let at = 0; rc >= 0 && at < bytes.length; at += rc) rc = sys.write(task, fd, bytes.subarray(at))
  sys.close(task, fd)
  return rc >= 0
}

/** The lines that the session has added to `before`. None where the file is gone, or cannot be read. */
export const takeHistory = ({ sys, init }: Kernel, before: readonly string[]): readonly string[] => {
  const fd = sys.openat(init, AT_FDCWD, BOX_HISTORY, O_RDONLY, 0)
  if (fd < 0) return []
  const parts: Uint8Array[] = []
  let size = 0
  for (let rc = 1; rc > 0 && size < BOX_BYTES; size += Math.max(rc, 0)) {
    const part = new Uint8Array(65_536)
    rc = sys.read(init, fd, part)
    if (rc > 0) parts.push(part.subarray(0, rc))
  }
  sys.close(init, fd)
  const lines = linesOf(Buffer.concat(parts))
  const isLonger = before.every((line, i) => lines[i] === line)
  return isLonger ? lines.slice(before.length) : lines
}
