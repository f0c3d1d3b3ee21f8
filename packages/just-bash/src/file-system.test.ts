/**
 * The interface of just-bash's file systems, as a table: each row is tried on its own `InMemoryFs` and on the kernel,
 * with the same answer or the same message, unless the row says how Linux differs.
 */
import { InMemoryFs } from 'just-bash'
import type { IFileSystem } from 'just-bash'
import { describe, expect, test } from 'vitest'
import { KernelFs } from './index.ts'
import { boot, plant } from '../test/boot.ts'

const files = { '/d/f': 'text', '/d/sub/g': 'deep', '/d/.hidden': '', '/e/h': 'h' }

const inMemory = (): IFileSystem => new InMemoryFs(files)
const inKernel = (): IFileSystem => {
  const booted = boot()
  plant(booted, files)
  return new KernelFs(booted.kernel, booted.kernel.init)
}

type Act = (fs: IFileSystem) => Promise<unknown>
type Row = readonly [title: string, act: Act, expected: unknown, onLinux?: unknown]
const when = new Date(1_600_000_000_000)

/** `expected`: an answer, or an error's message. */
const refusal = (message: string): Error => new Error(message)

const contents: readonly Row[] = [
  ['readFile', (fs) => fs.readFile('/d/f'), 'text'],
  ['readFile as hex', (fs) => fs.readFile('/d/f', 'hex'), '74657874'],
  ['readFile of nothing', (fs) => fs.readFile('/no'), refusal("ENOENT: no such file or directory, open '/no'")],
  ['readFile of a directory', (fs) => fs.readFile('/d'),
    refusal("EISDIR: illegal operation on a directory, read '/d'")],
  ['readFile of a link to nothing', async (fs) => [await fs.symlink('no', '/l'), await fs.readFile('/l')],
    refusal("ENOENT: no such file or directory, open '/l'")],
  ['readFile of a circle', async (fs) => [await fs.symlink('l', '/l'), await fs.readFile('/l')],
    refusal("ELOOP: too many levels of symbolic links, open '/l'")],
  ['readFileBuffer', async (fs) => [...await fs.readFileBuffer('/e/h')], [0x68]],
  ['readFileBytes', (fs) => fs.readFileBytes!('/d/f'), 'text'],
  ['writeFile', async (fs) => [await fs.writeFile('/d/f', 'new'), await fs.readFile('/d/f')], [undefined, 'new']],
  ['writeFile makes directories', async (fs) => [await fs.writeFile('/n/m/f', 'x'), await fs.readFile('/n/m/f')],
    [undefined, 'x']],
  ['writeFile of bytes', async (fs) => [await fs.writeFile('/b', Uint8Array.of(255)), await fs.readFile('/b', 'hex')],
    [undefined, 'ff']],
  ['writeFile to a directory', async (fs) => fs.writeFile('/d', 'x'), undefined,
    refusal("EISDIR: illegal operation on a directory, open '/d'")],
  ['writeFile below a file', async (fs) => fs.writeFile('/d/f/x', 'x'), undefined,
    refusal("ENOTDIR: not a directory, open '/d/f/x'")],
  ['appendFile', async (fs) => [await fs.appendFile('/d/f', '!'), await fs.readFile('/d/f')], [undefined, 'text!']],
  ['appendFile makes a file', async (fs) => [await fs.appendFile('/a', 'x'), await fs.readFile('/a')],
    [undefined, 'x']],
  ['a NUL in a path', (fs) => fs.readFile('/d/f\0'), refusal("ENOENT: path contains null byte, open '/d/f\0'")],
]

const names: readonly Row[] = [
  ['exists', async (fs) => [await fs.exists('/d/f'), await fs.exists('/no'), await fs.exists('/d/f/x')],
    [true, false, false]],
  ['stat of nothing', (fs) => fs.stat('/no'), refusal("ENOENT: no such file or directory, stat '/no'")],
  ['stat of a file', async (fs) => {
    const { isFile, isDirectory, isSymbolicLink, size } = await fs.stat('/d/f')
    return [isFile, isDirectory, isSymbolicLink, size]
  }, [true, false, false, 4]],
  ['lstat of a link', async (fs) => [await fs.symlink('d', '/l'), (await fs.lstat('/l')).isSymbolicLink],
    [undefined, true]],
  ['lstat of nothing', (fs) => fs.lstat('/no'), refusal("ENOENT: no such file or directory, lstat '/no'")],
  ['chmod', async (fs) => [await fs.chmod('/d/f', 0o640), (await fs.stat('/d/f')).mode], [undefined, 0o640]],
  ['chmod of nothing', (fs) => fs.chmod('/no', 0), refusal("ENOENT: no such file or directory, chmod '/no'")],
  ['utimes', async (fs) => [await fs.utimes('/d/f', when, when), (await fs.stat('/d/f')).mtime.getTime()],
    [undefined, when.getTime()]],
  ['utimes of nothing', (fs) => fs.utimes('/no', when, when),
    refusal("ENOENT: no such file or directory, utimes '/no'")],
  ['symlink and readlink', async (fs) => [await fs.symlink('../x', '/l'), await fs.readlink('/l')],
    [undefined, '../x']],
  ['symlink over a file', (fs) => fs.symlink('x', '/d/f'), refusal("EEXIST: file already exists, symlink '/d/f'")],
  ['readlink of a file', (fs) => fs.readlink('/d/f'), refusal("EINVAL: invalid argument, readlink '/d/f'")],
  ['readlink of nothing', (fs) => fs.readlink('/no'), refusal("ENOENT: no such file or directory, readlink '/no'")],
  ['link', async (fs) => [await fs.link('/d/f', '/k'), await fs.readFile('/k')], [undefined, 'text']],
  ['link over a file', (fs) => fs.link('/d/f', '/e/h'), refusal("EEXIST: file already exists, link '/e/h'")],
  ['link of a directory', (fs) => fs.link('/d', '/k'), refusal("EPERM: operation not permitted, link '/d'")],
  ['link of nothing', (fs) => fs.link('/no', '/k'), refusal("ENOENT: no such file or directory, link '/no'")],
  ['realpath', async (fs) => [await fs.symlink('d', '/l'), await fs.realpath('/l/sub/../f')], [undefined, '/d/f']],
  ['realpath of nothing', (fs) => fs.realpath('/no'), refusal("ENOENT: no such file or directory, realpath '/no'")],
  ['resolvePath', async (fs) => [fs.resolvePath('/a/b', '../c'), fs.resolvePath('/a', '/b/')], ['/a/c', '/b']],
  ['getAllPaths', async (fs) => fs.getAllPaths().filter((path) => /^\/d(\/|$)/.test(path)).toSorted(),
    ['/d', '/d/.hidden', '/d/f', '/d/sub', '/d/sub/g']],
]

const trees: readonly Row[] = [
  ['mkdir', async (fs) => [await fs.mkdir('/n'), (await fs.stat('/n')).isDirectory], [undefined, true]],
  ['mkdir of what is there', (fs) => fs.mkdir('/d'), refusal("EEXIST: directory already exists, mkdir '/d'")],
  ['mkdir over a file', (fs) => fs.mkdir('/d/f', { recursive: true }),
    refusal("EEXIST: file already exists, mkdir '/d/f'")],
  ['mkdir without a parent', (fs) => fs.mkdir('/n/m'), refusal("ENOENT: no such file or directory, mkdir '/n/m'")],
  ['mkdir of a whole path', async (fs) => [await fs.mkdir('/n/m', { recursive: true }), await fs.exists('/n/m')],
    [undefined, true]],
  ['readdir', (fs) => fs.readdir('/d'), ['.hidden', 'f', 'sub']],
  ['readdir with types', async (fs) =>
    (await fs.readdirWithFileTypes!('/d')).map((one) => [one.name, one.isFile, one.isDirectory, one.isSymbolicLink]),
  [['.hidden', true, false, false], ['f', true, false, false], ['sub', false, true, false]]],
  ['readdir of a file', (fs) => fs.readdir('/d/f'), refusal("ENOTDIR: not a directory, scandir '/d/f'")],
  ['readdir of nothing', (fs) => fs.readdir('/no'), refusal("ENOENT: no such file or directory, scandir '/no'")],
  ['rm', async (fs) => [await fs.rm('/d/f'), await fs.exists('/d/f')], [undefined, false]],
  ['rm of nothing', (fs) => fs.rm('/no'), refusal("ENOENT: no such file or directory, rm '/no'")],
  ['rm of nothing, forced', (fs) => fs.rm('/no', { force: true }), undefined],
  ['rm of what is not empty', (fs) => fs.rm('/d'), refusal("ENOTEMPTY: directory not empty, rm '/d'")],
  ['rm of a tree', async (fs) => [await fs.rm('/d', { recursive: true }), await fs.exists('/d')], [undefined, false]],
  ['cp', async (fs) => [await fs.cp('/d/f', '/n/f'), await fs.readFile('/n/f')], [undefined, 'text']],
  ['cp of nothing', (fs) => fs.cp('/no', '/n'), refusal("ENOENT: no such file or directory, cp '/no'")],
  ['cp of a directory', (fs) => fs.cp('/d', '/n'), refusal("EISDIR: is a directory, cp '/d'")],
  ['cp of a tree', async (fs) => [await fs.cp('/d', '/n', { recursive: true }), await fs.readFile('/n/sub/g')],
    [undefined, 'deep']],
  ['cp into itself', (fs) => fs.cp('/d', '/d/in', { recursive: true }),
    refusal("EINVAL: cannot copy '/d' into itself, '/d/in'")],
  ['cp onto itself', (fs) => fs.cp('/d', '/d', { recursive: true }),
    refusal("EINVAL: cannot copy '/d' into itself, '/d'")],
  ['cp over a directory', async (fs) => fs.cp('/d/f', '/d/sub'), undefined,
    refusal("EISDIR: is a directory, cp '/d/f'")],
  ['mv', async (fs) => [await fs.mv('/d', '/n'), await fs.readFile('/n/f'), await fs.exists('/d')],
    [undefined, 'text', false]],
  ['mv of nothing', (fs) => fs.mv('/no', '/n'), refusal("ENOENT: no such file or directory, mv '/no'")],
  ['mv into itself', (fs) => fs.mv('/d', '/d/in'), refusal("EINVAL: cannot move '/d' into itself, '/d/in'")],
  ['mv onto itself', async (fs) => [await fs.mv('/d', '/d'), await fs.readFile('/d/f')], [undefined, 'text']],
]

const loop = async (fs: IFileSystem): Promise<void> => {
  await fs.symlink('/two', '/one')
  await fs.symlink('/one', '/two')
}

const links: readonly Row[] = [
  ['a chain is followed', async (fs) => {
    await fs.symlink('/d/f', '/a')
    await fs.symlink('a', '/b')
    await fs.symlink('/b', '/c')
    return [await fs.readFile('/c'), await fs.realpath('/c'), (await fs.stat('/c')).isFile]
  }, ['text', '/d/f', true]],
  ['one to a directory is listed', async (fs) => [await fs.symlink('/d', '/l'), await fs.readdir('/l')],
    [undefined, ['.hidden', 'f', 'sub']]],
  ['lstat follows all but the last', async (fs) => {
    await fs.symlink('/d', '/l')
    return [(await fs.lstat('/l/f')).isFile, (await fs.lstat('/l')).isSymbolicLink, (await fs.stat('/l')).isDirectory]
  }, [true, true, true]],
  ['too many `..` end at the root', async (fs) => [
    await fs.symlink('../../../e/h', '/d/l'), await fs.readFile('/d/l'),
  ], [undefined, 'h']],
  ['a circle is read', async (fs) => [await loop(fs), await fs.readFile('/one')],
    refusal("ELOOP: too many levels of symbolic links, open '/one'")],
  ['a circle is asked', async (fs) => [await loop(fs), await fs.stat('/two')],
    refusal("ELOOP: too many levels of symbolic links, open '/two'"),
    refusal("ELOOP: too many levels of symbolic links, stat '/two'")],
  ['a circle is there for lstat only', async (fs) => [
    await loop(fs), await fs.exists('/one'), (await fs.lstat('/one')).isSymbolicLink,
  ], [undefined, false, true]],
  ['one to nothing', async (fs) => [await fs.symlink('/no', '/l'), await fs.realpath('/l')],
    refusal("ENOENT: no such file or directory, realpath '/l'")],
  ['is removed, and not what it leads to', async (fs) => {
    await fs.symlink('/d', '/l')
    await fs.rm('/l', { recursive: true })
    return [await fs.exists('/l'), await fs.readFile('/d/f')]
  }, [false, 'text']],
  ['is copied as a link', async (fs) => {
    await fs.symlink('f', '/d/l')
    await fs.cp('/d', '/n', { recursive: true })
    return [await fs.readlink('/n/l'), await fs.readFile('/n/l')]
  }, ['f', 'text']],
  ['is moved as a link', async (fs) => {
    await fs.symlink('/d/f', '/l')
    await fs.mv('/l', '/m')
    return [await fs.exists('/l'), await fs.readlink('/m'), await fs.readFile('/d/f')]
  }, [false, '/d/f', 'text']],
  ['is written to', async (fs) => {
    await fs.symlink('/d/f', '/l')
    await fs.writeFile('/l', 'new')
    return [await fs.readFile('/l'), await fs.readFile('/d/f')]
  }, ['new', 'text'], ['new', 'new']],
  ['over a link', async (fs) => [await fs.symlink('a', '/l'), await fs.symlink('b', '/l')],
    refusal("EEXIST: file already exists, symlink '/l'")],
]

const copies: readonly Row[] = [
  ['a copy has contents of its own', async (fs) => {
    await fs.cp('/d/f', '/c')
    await fs.writeFile('/d/f', 'new')
    return [await fs.readFile('/c'), await fs.readFile('/d/f')]
  }, ['text', 'new']],
  ['a copy keeps the mode', async (fs) => {
    await fs.chmod('/d/f', 0o750)
    await fs.cp('/d/f', '/c')
    return (await fs.stat('/c')).mode
  }, 0o750],
  ['what was handed in may be changed afterwards', async (fs) => {
    const bytes = Uint8Array.of(1, 2, 3)
    await fs.writeFile('/b', bytes)
    bytes.fill(9)
    return fs.readFile('/b', 'hex')
  }, '090909', '010203'],
  ['what was handed out may be changed', async (fs) => {
    const bytes = await fs.readFileBuffer('/d/f')
    bytes.fill(0x78)
    return fs.readFile('/d/f')
  }, 'xxxx', 'text'],
  ['a file in the place of one that was removed', async (fs) => {
    await fs.chmod('/d/f', 0o700)
    await fs.rm('/d/f')
    await fs.mkdir('/d/f')
    await fs.rm('/d/f')
    await fs.writeFile('/d/f', 'new')
    return [(await fs.stat('/d/f')).mode, await fs.readFile('/d/f')]
  }, [0o644, 'new']],
  ['a second name of a file, and a name given to the other', async (fs) => {
    await fs.link('/d/f', '/k')
    await fs.mv('/e/h', '/d/f')
    return [await fs.readFile('/k'), await fs.readFile('/d/f'), await fs.exists('/e/h')]
  }, ['text', 'h', false]],
  ['names with dots are names', async (fs) => {
    for (const name of ['..a', 'a..', '...', ' ']) await fs.writeFile(`/t/${name}`, name)
    return [await fs.readdir('/t'), await fs.readFile('/t/...')]
  }, [[' ', '...', '..a', 'a..'], '...']],
  ['the empty path is the root', async (fs) => (await fs.stat('')).isDirectory, true],
]

const bad = '/d/f\0x'
const nuls: readonly [method: string, act: Act][] = [
  ['access', (fs) => fs.exists(bad)], ['append', (fs) => fs.appendFile(bad, '')],
  ['chmod', (fs) => fs.chmod(bad, 0o600)], ['cp', (fs) => fs.cp(bad, '/n')], ['cp', (fs) => fs.cp('/d/f', bad)],
  ['link', (fs) => fs.link(bad, '/n')], ['link', (fs) => fs.link('/d/f', bad)], ['lstat', (fs) => fs.lstat(bad)],
  ['mkdir', (fs) => fs.mkdir(bad)], ['mv', (fs) => fs.mv('/d/f', bad)], ['open', (fs) => fs.readFileBuffer(bad)],
  ['readlink', (fs) => fs.readlink(bad)], ['realpath', (fs) => fs.realpath(bad)], ['rm', (fs) => fs.rm(bad)],
  ['scandir', (fs) => fs.readdir(bad)], ['stat', (fs) => fs.stat(bad)], ['symlink', (fs) => fs.symlink('x', bad)],
  ['utimes', (fs) => fs.utimes(bad, when, when)], ['write', (fs) => fs.writeFile(bad, '')],
]
test.each(nuls)('%s refuses a NUL in a path', async (_, act) => {
  const said = await outcome(inMemory(), act)
  expect(await outcome(inKernel(), act)).toEqual(said)
  // `exists` answers no
  expect(said === false || said instanceof Error).toBe(true)
})

const outcome = async (fs: IFileSystem, act: Act): Promise<unknown> => {
  try {
    return await act(fs)
  } catch (error) {
    return new Error((error as Error).message)
  }
}

const all: readonly [string, readonly Row[]][] = [
  ['contents', contents], ['names', names], ['trees', trees], ['links', links], ['copies', copies],
]
describe.each(all)('%s', (_, rows) => {
  const titled = rows.map((row): [string, Row] => [row[0], row])
  test.each(titled)('%s', async (_title, [, act, expected, onLinux = expected]) => {
    expect(await outcome(inMemory(), act)).toEqual(expected)
    expect(await outcome(inKernel(), act)).toEqual(onLinux)
  })
})

test('every method of the interface is tried', () => {
  const source = [...contents, ...names, ...trees].map(([, act]) => String(act)).join('\n')
  const methods = Object.getOwnPropertyNames(InMemoryFs.prototype)
    .filter((name) => typeof (KernelFs.prototype as unknown as Record<string, unknown>)[name] === 'function')
  expect(methods.length).toBeGreaterThan(20)
  expect(methods.filter((name) => name !== 'constructor' && !source.includes(`.${name}`))).toEqual([])
})
