/** Calls with one wrong argument each: every value of a list in every place. */
import { at, fresh, open } from './compare.ts'
import type { Row } from './compare.ts'

/** Right calls, so that the wrong argument is the only one. */
const right: readonly Row[] = [
  ['access', at('f'), 0], ['appendFile', at('f'), 'x', { mode: 0o600 }], ['chmod', at('f'), 0o600],
  ['chown', at('none'), 1, 1], ['close', open('f')], ['copyFile', at('f'), at('new'), 0],
  ['cp', at('f'), at('new'), {}],
  ['exists', at('f')], ['fchmod', open('f'), 0o600], ['fchown', open('f'), -1, -1], ['fdatasync', open('f')],
  ['fstat', open('f')], ['fsync', open('f')], ['ftruncate', open('f'), 1], ['futimes', open('f'), 1, 1],
  ['lchown', at('none'), 1, 1], ['link', at('f'), at('new')], ['lstat', at('f')], ['lutimes', at('f'), 1, 1],
  ['mkdir', at('new'), {}], ['mkdtemp', at('t-'), {}], ['opendir', at('d'), {}], ['readFile', at('f'), {}],
  ['readdir', at('d'), {}], ['readlink', at('link'), {}], ['realpath', at('f'), {}], ['rename', at('f'), at('new')],
  ['rm', at('f'), {}], ['rmdir', at('e'), {}], ['stat', at('f')], ['statfs', at('f')], ['symlink', 'x', at('new')],
  ['truncate', at('f'), 1], ['unlink', at('f')], ['utimes', at('f'), 1, 1], ['writeFile', at('f'), 'x', {}],
  ['read', open('f'), fresh(() => Buffer.alloc(2)), 0, 1, 0],
  ['write', open('f'), fresh(() => Buffer.alloc(2)), 0, 1, 0],
  ['readv', open('f'), [Buffer.alloc(1)], 0], ['writev', open('f'), [Buffer.alloc(1)], 0],
]

const wrong: readonly unknown[] =
  [null, 5.5, 'a\0b', true, {}]

/** Options with one wrong value. */
const wrongOptions = (call: string, args: readonly unknown[], names: readonly string[]): Row[] =>
  names.flatMap((name) => wrong.map((value): Row => [call, ...args, { [name]: value }]))

export const wrongRows: readonly Row[] = [
  ...right.flatMap(([call, ...args]) =>
    args.flatMap((_, i) => wrong.map((value): Row => [call, ...args.with(i, value)]))),
  ...wrongOptions('writeFile', [at('f'), 'x'], ['encoding', 'flag', 'mode', 'signal', 'flush']),
  ...wrongOptions('readFile', [at('f')], ['encoding', 'flag']),
  ...wrongOptions('mkdir', [at('new')], ['recursive', 'mode']),
  ...wrongOptions('rm', [at('f')], ['recursive', 'force', 'maxRetries', 'retryDelay']),
  ...wrongOptions('cp', [at('f'), at('new')], [
    'dereference', 'errorOnExist', 'filter', 'force', 'mode', 'preserveTimestamps', 'recursive', 'verbatimSymlinks',
  ]),
  ...wrongOptions('opendir', [at('d')], ['bufferSize', 'encoding']),
  ...wrongOptions('readdir', [at('d')], ['encoding', 'recursive', 'withFileTypes']),
]
