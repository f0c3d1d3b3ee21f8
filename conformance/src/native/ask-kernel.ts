/** Runs behind the wall: reads questions, a JSON list, from its input, and prints the host kernel's answers. */
import { readFileSync } from 'node:fs'
import { hostSystem } from '@lsmkit/native/sys'
import { answersWith } from './ask.ts'
import type { Question } from './questions.ts'
import { inet, text } from './target.ts'

const system = hostSystem()
const AT_FDCWD = -100
const AT_EXECVE_CHECK = 0x1_0000
const call = system.call.bind(system)
const at = AT_FDCWD

const questions = JSON.parse(readFileSync(0, 'utf8')) as readonly Question[]
const answers = answersWith({
  open: (path, flags, mode) => call('openat', at, text(path), flags, mode),
  close: (fd) => call('close', fd),
  cut: (path, size) => call('truncate', text(path), size),
  mkdir: (path) => call('mkdirat', at, text(path), 0o755),
  symlink: (path) => call('symlinkat', text('x'), at, text(path)),
  fifo: (path) => call('mknodat', at, text(path), 0o010644, 0),
  unlink: (path, flags) => call('unlinkat', at, text(path), flags),
  rename: (from, to) => call('renameat2', at, text(from), at, text(to), 0),
  link: (from, to) => call('linkat', at, text(from), at, text(to), 0),
  execute: (path) => call('execveat', at, text(path), new Uint8Array(8), new Uint8Array(8), AT_EXECVE_CHECK),
  socket: () => call('socket', 2, 1, 0),
  connect: (fd, port) => call('connect', fd, inet(port), 16),
  bind: (fd, port) => call('bind', fd, inet(port), 16),
}, questions)
process.stdout.write(JSON.stringify(answers))
