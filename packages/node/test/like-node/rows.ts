/** Calls with right arguments: each is made on node:fs and on a task, in its three forms. */
import { at, bytesAt, fresh, open, urlAt } from './compare.ts'
import type { Row } from './compare.ts'

const paths = [at('f'), bytesAt('f'), urlAt('f'), at('link'), at('d'), at('none'), at('broken'), at('loop'),
  at('f/x'), at('d/'), '']
const each = (call: string, ...rest: readonly unknown[]): Row[] => paths.map((path) => [call, path, ...rest])
/** The empty path is where the process or the task is. */
const nonEmpty = (call: string, ...rest: readonly unknown[]): Row[] =>
  each(call, ...rest).filter(([, path]) => path !== '')
const buffer = (text: string) => fresh(() => Buffer.from(text))
const empty = (size: number) => fresh(() => Buffer.alloc(size))

const stats: Row[] = ['stat', 'lstat'].flatMap((call) => [
  ...each(call), ...each(call, { bigint: true }), ...each(call, { throwIfNoEntry: false }),
])

const names: Row[] = [
  ...each('access'), ...each('access', 4), ...each('exists'), ...each('readlink'), ...nonEmpty('realpath'),
  ...each('unlink'),
  ...each('readlink', 'buffer'), ...nonEmpty('realpath', { encoding: 'hex' }), ...each('link', at('new')),
  ...each('rename', at('new')), ...each('rename', at('d')), ...each('rename', at('e')), ...each('symlink', at('new')),
  ['rename', at('e'), at('d')], ['rename', at('d'), at('d/sub/in')], ['link', at('f'), at('d')],
  ['symlink', 'a/b', at('f')], ['symlink', 'a/b', at('new'), 'dir'], ['symlink', 'a/b', at('new'), 'junction'],
  ['symlink', 'a/b', at('new'), 'x'], ['access', at('ro'), 2], ['access', at('f'), 1], ['access', at('none'), 0],
  ['mkdtemp', at('t-')], ['mkdtemp', at('none/t-')], ['mkdtemp', at('t-'), 'buffer'], ['realpath', at('d/../link')],
]

const directories: Row[] = [
  ...each('readdir'), ...each('readdir', { withFileTypes: true }), ...each('opendir'), ...each('rmdir'),
  ...each('mkdir'),
  ...each('rm'), ...each('rm', { force: true }), ...each('rm', { recursive: true }), ...each('statfs'),
  ...each('mkdir', { recursive: true }),
  ['statfs', at('f'), { bigint: true }], ['readdir', at('.'), { recursive: true }],
  ['readdir', at('d'), { recursive: true, withFileTypes: true }], ['readdir', at('d'), 'buffer'],
  ['readdir', at('d'), 'hex'], ['readdir', at('d'), { encoding: 'buffer', withFileTypes: true }],
  ['mkdir', at('n/..'), { recursive: true }],
  ['mkdir', at('a/b/c'), { recursive: true }], ['mkdir', at('a/b/c')], ['mkdir', at('m'), 0o700],
  ['mkdir', at('m'), '711'], ['mkdir', at('m'), { mode: 0o750 }], ['mkdir', at('f/x/y'), { recursive: true }],
  ['rm', at('d'), { recursive: true, force: true }], ['rm', at('none'), { force: true }], ['rmdir', at('e')],
  ['rm', at('d/sub/../h')], ['opendir', at('d'), { bufferSize: 1 }],
]

const contents: Row[] = [
  ...each('readFile'), ...each('readFile', 'utf8'), ...each('writeFile', 'new'), ...each('appendFile', '!'),
  ...each('truncate'), ...each('truncate', 3), ...each('copyFile', at('new')),
  ...each('writeFile', 'new', { flag: 'wx' }),
  ['readFile', at('new'), { flag: 'a+' }],
  ['readFile', at('f'), 'hex'], ['readFile', at('f'), { encoding: 'base64', flag: 'r+' }], ['readFile', open('f')],
  ['readFile', open('f'), 'latin1'], ['writeFile', open('f'), 'X'], ['appendFile', open('f', 'a'), 'X'],
  ['writeFile', at('f'), Buffer.from('b')], ['writeFile', at('f'), new Uint16Array([1, 2])],
  ['writeFile', at('f'), '00ff', 'hex'], ['writeFile', at('f'), 'é', 'latin1'],
  ['writeFile', at('n'), 'x', { mode: 0o600 }],
  ['writeFile', at('n'), 'x', { flush: true }], ['writeFile', at('f'), new DataView(new ArrayBuffer(3))],
  ['appendFile', at('n'), 'x', { mode: '640' }], ['truncate', at('f'), -5], ['truncate', at('f'), 20],
  ['copyFile', at('f'), at('ro')], ['copyFile', at('f'), at('d/h'), 1], ['copyFile', at('f'), at('new'), 2],
  ['copyFile', at('f'), at('d')], ['copyFile', at('f'), at('link')], ['copyFile', at('ro'), at('f')],
  ['readFile', at('f'), { flag: 'w+' }], ['writeFile', at('f'), 'x', { flag: 'a' }],
  ['writeFile', at('f'), 'x', { flag: 'r+' }],
  ['readFile', at('f'), { encoding: null }], ['readFile', at('f'), { spaces: 2 }],
  ['writeFile', at('n'), 'x', { EOL: '\n' }],
]

const attributes: Row[] = [
  ...each('chmod', 0o640), ...each('chmod', '0604'), ...each('utimes', 1, 2), ...each('lutimes', 3, 4.5),
  ['utimes', at('f'), '5', new Date(7e3)], ['utimes', at('f'), -5, 9], ['lutimes', at('broken'), 6, 7],
  ['utimes', at('f'), 1.123, 2.456], ['chmod', at('f'), 0o7777], ['chown', at('none'), 1, 1],
  ['lchown', at('none'), 1, 1],
]

const descriptors: Row[] = [
  ['open', at('none')], ['open', at('none'), 'w+', 0o600], ['open', at('d'), 'w'], ['open', at('f'), 'wx'],
  ['open', at('f')],
  ['open', at('d')], ['open', at('new'), 'xw'], ['open', at('new'), 'as+', '600'], ['open', at('f'), 0o1001],
  ['open', at('d/x'), 'ax'],
  ['fstat', open('f')], ['fstat', open('f'), { bigint: true }], ['fstat', open('d', 'r')],
  ['fchmod', open('f'), 0o600],
  ['ftruncate', open('f'), 2], ['ftruncate', open('f')], ['ftruncate', open('f', 'r'), 2],
  ['futimes', open('f'), 1, 2],
  ['fsync', open('f')], ['fdatasync', open('f')], ['fchown', open('f'), -1, -1], ['close', open('f')],
  ['read', open('f'), empty(4), 0, 4, 0], ['read', open('f'), empty(4)],
  ['read', open('f'), empty(4), { offset: 1, position: 2 }],
  ['read', open('f'), empty(4), 1, 2, null], ['read', open('f'), empty(4), 0, 0, 0],
  ['read', open('f'), empty(4), 0, 4, 2n],
  ['read', open('f'), empty(0)], ['read', open('d', 'r'), empty(4), 0, 4, 0],
  ['read', open('f', 'a'), empty(4), 0, 4, 0],
  ['read', open('f'), empty(4), 0, 5, 0], ['read', open('f'), empty(4), 5, 1, 0],
  ['read', open('f'), empty(4), -1, 1, 0],
  ['read', open('f'), empty(4), 0, -1, 0], ['read', open('f'), empty(4), 0, 4, -1],
  ['write', open('f'), buffer('XYZ')], ['write', open('f'), buffer('XYZ'), 1, 1, 3], ['write', open('f'), 'héllo'],
  ['write', open('f'), 'XY', 2], ['write', open('f'), 'ff00', null, 'hex'], ['write', open('f', 'a'), 'end'],
  ['write', open('f'), buffer('XYZ'), { offset: 2 }], ['write', open('f', 'r'), 'x'],
  ['write', open('f'), buffer('XYZ'), 4],
  ['write', open('f'), buffer('XYZ'), 0, 9], ['write', open('f'), buffer('XYZ'), 0, 2, 20],
  ['readv', open('f'), [Buffer.alloc(2), Buffer.alloc(3)], 1], ['readv', open('f'), []],
  ['writev', open('f'), [Buffer.from('one'), new Uint8Array(2)]], ['writev', open('f'), [Buffer.from('one')], 3],
]

const copies: Row[] = [
  ['cp', at('f'), at('new')], ['cp', at('f'), at('a/b/new')], ['cp', at('none'), at('new')],
  ['cp', at('d'), at('new')],
  ['cp', at('d'), at('new'), { recursive: true }], ['cp', at('d'), at('e'), { recursive: true }],
  ['cp', at('f'), at('f')], ['cp', at('f'), at('d')], ['cp', at('d'), at('f'), { recursive: true }],
  ['cp', at('d'), at('d/sub/in'), { recursive: true }], ['cp', at('d'), at('d'), { recursive: true }],
  ['cp', at('f'), at('ro')], ['cp', at('f'), at('ro'), { force: false }],
  ['cp', at('f'), at('ro'), { force: false, errorOnExist: true }], ['cp', at('link'), at('new')],
  ['cp', at('link'), at('new'), { verbatimSymlinks: true }], ['cp', at('link'), at('new'), { dereference: true }],
  ['cp', at('dlink'), at('new'), { recursive: true }],
  ['cp', at('dlink'), at('new'), { dereference: true, recursive: true }],
  ['cp', at('broken'), at('new')], ['cp', at('broken'), at('new'), { dereference: true }],
  ['cp', at('f'), at('new'), { preserveTimestamps: true }], ['cp', at('f'), at('new'), { mode: 1 }],
  ['cp', at('d'), at('new'), { recursive: true, filter: (from: string) => !from.endsWith('sub') }],
  ['cp', at('f'), at('new'), { filter: () => false }], ['cp', at('ro'), at('new')], ['cp', at('f'), at('link')],
  ['cp', at('f'), at('new'), { dereference: true, verbatimSymlinks: true }],
]

export const rows: readonly Row[] =
  [...stats, ...names, ...directories, ...contents, ...attributes, ...descriptors, ...copies]
