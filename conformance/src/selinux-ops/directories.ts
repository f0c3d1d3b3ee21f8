/** Operations of selinux-ops.tsv: names in directories, and the labels of what is made. */
import {
  AT_FDCWD, AT_SYMLINK_FOLLOW, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR, O_TMPFILE, S_IFBLK, S_IFIFO,
} from '@lsmkit/abi'
import { attribute } from './attributes.ts'
import { tree } from './files.ts'
import { object } from './world.ts'
import type { Calls, Operation, Outcome, World } from './world.ts'

/** A call on the tree. */
const call = (run: ReturnType<Operation>): Operation => (world) => {
  tree(world)
  return run
}

/** Makes something, and looks at its label. */
const make = (path: string, run: (sys: Calls) => number, setUp = tree): Operation => (world) => {
  setUp(world)
  return (sys) => labelled(world, path, run(sys))
}
export const labelled = (world: World, path: string, rc: number): number | Outcome =>
  rc < 0 ? rc : { rc, result: `created=${world.labelOf(path)}` }

const create = (path: string, flags: number) => (sys: Calls): number => sys.open(path, O_CREAT | O_EXCL | flags, 0o666)

const symlinkToF = (run: (sys: Calls) => number): Operation => (world) => {
  tree(world)
  world.link('l', 'f', 'l_t')
  return run
}

const withSub = (run: (sys: Calls) => number, more: (world: World) => void = () => {}): Operation => (world) => {
  tree(world)
  world.dir('d/sub', 'o_t')
  more(world)
  return run
}

export const directoryOperations: Readonly<Record<string, Operation>> = {
  unlink: call((sys) => sys.unlink('f')),
  rename_away: call((sys) => sys.rename('f', 'n')),
  rename_dir_across: withSub((sys) => sys.rename('d/sub', 'n')),
  rename_dir_over_dir: withSub((sys) => sys.rename('d/sub', 'n'), (world) => world.dir('n', 'l_t')),
  readlink: symlinkToF((sys) => Math.min(sys.readlink('l', new Uint8Array(64)), 0)),
  follow_symlink: symlinkToF((sys) => sys.open('l', O_RDONLY, 0)),
  unlink_symlink: symlinkToF((sys) => sys.unlink('l')),

  chdir: call((sys) => sys.chdir('d')),
  fchdir: (world) => {
    tree(world)
    const fd = world.fd('d', O_RDONLY | O_DIRECTORY)
    return (sys) => sys.fchdir(fd)
  },

  create_in: make('n', create('n', O_RDWR)),
  create_rdonly_in: make('n', create('n', O_RDONLY)),
  mkdir_in: make('n', (sys) => sys.mkdir('n', 0o777)),
  symlink_in: make('n', (sys) => sys.symlink('q', 'n')),
  mkfifo_in: make('n', (sys) => sys.mknod('n', S_IFIFO | 0o666, 0)),
  mknod_blk_in: make('n', (sys) => sys.mknod('n', S_IFBLK | 0o666, 0x700)),
  tmpfile_in: call((sys) => {
    const fd = sys.open('.', O_TMPFILE | O_RDWR, 0o666)
    if (fd < 0) return fd
    const value = new Uint8Array(256)
    const n = sys.fgetxattr(fd, 'security.selinux', value)
    return n < 0 ? { rc: 0, result: '' } : { rc: 0, result: `label=${new TextDecoder().decode(value.subarray(0, n)).replace(/\0$/, '')}` }
  }),

  trans_create: make('d/n', create('d/n', O_RDWR)),
  trans_create_named: make('d/special', create('d/special', O_RDWR)),
  trans_mkdir: make('d/n', (sys) => sys.mkdir('d/n', 0o777)),
  trans_mkdir_named: make('d/special', (sys) => sys.mkdir('d/special', 0o777)),
  trans_symlink: make('d/n', (sys) => sys.symlink('q', 'd/n')),
  trans_mkfifo: make('d/n', (sys) => sys.mknod('d/n', S_IFIFO | 0o666, 0)),
  trans_link: make('d/n', (sys) => sys.link('f', 'd/n')),
  trans_tmpfile_linkat: make('d/special', (sys) => {
    const fd = sys.open('d', O_TMPFILE | O_RDWR, 0o666)
    return fd < 0 ? fd : sys.linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, 'd/special', AT_SYMLINK_FOLLOW)
  }),

  unlink_in: call((sys) => sys.unlink('d/f')),
  rmdir_in: withSub((sys) => sys.rmdir('d/sub')),
  rename_within: call((sys) => sys.rename('d/f', 'd/n')),
  rename_into: call((sys) => sys.rename('f', 'd/n')),

  setfscreate_create: make('n', (sys) => attribute(sys, 'fscreate', object('l_t')) || create('n', O_RDWR)(sys)),
  setfscreate_over_trans: make('d/special', (sys) =>
    attribute(sys, 'fscreate', object('l_t')) || sys.mkdir('d/special', 0o777)),
  setfscreate_invalid: (world) => {
    tree(world)
    return (sys) => attribute(sys, 'fscreate', object('nosuch_t'))
  },
}
