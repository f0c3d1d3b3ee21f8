/** For tests: a stack with LoadPin, files on several file systems, and what the log says. */
import { S_IFREG } from '@lsmkit/abi'
import { createStack, noHost } from '@lsmkit/core'
import type { BlockDevice, File, Host, Profile, PseudoFile, PseudoIo, Stack, SuperBlock } from '@lsmkit/core'
import { ask, buildersFor } from '@lsmkit/testkit'
import { loadpin } from '../src/lsm.ts'
import type { LoadPinOptions } from '../src/lsm.ts'

export const aLoadPin = (options: LoadPinOptions = {}, cmdline = '', profile: Profile = '6.12') => {
  const log: string[] = []
  const lsm = loadpin({ printk: (line) => log.push(line), ...options })
  const stack = createStack({ lsms: [lsm], capability: 'none', cmdline, profile }) as Stack<'6.12'>
  const build = buildersFor(stack)
  const task = build.aTask({ comm: 'insmod', pid: 42 })
  stack.current.task = task

  const roots = new Map<BlockDevice, Uint8Array>()
  /** What `kernel_read_file` answers by descriptor. */
  const contents = new Map<number, Uint8Array | number>()
  const asked: number[] = []
  const host: Host = {
    ...noHost,
    get_cmdline: () => 'insmod\0x.ko\0',
    d_path: () => '/lib/x.ko',
    dm_verity_root_digest: (bdev) => roots.get(bdev) ?? null,
    kernel_read_file(fd, _max, id) {
      asked.push(id)
      return contents.get(fd) ?? null
    },
  }
  stack.host = host

  /** A file system on a device, or on none; `root` is what dm-verity has checked it against. */
  const aDisk = (device: { readOnly?: boolean; root?: Uint8Array } | null = null): SuperBlock => {
    const sb = build.aSuperBlock()
    if (device === null) return sb
    const bdev = build.aBlockDevice({ bd_dev: 0x10300001, bd_disk: 'dm-1', bd_read_only: device.readOnly ?? false })
    if (device.root !== undefined) roots.set(bdev, device.root)
    sb.s_bdev = bdev
    return sb
  }
  const fileOn = (sb: SuperBlock): File => {
    const inode = build.anInode({ i_mode: S_IFREG | 0o644, i_sb: sb })
    return build.aFile({ inode, mnt: build.aMount({ mnt_sb: sb }) })
  }
  const read = (sb: SuperBlock, id: number) => ask(stack, 'kernel_read_file', fileOn(sb), id, true)
  const load = (id: number) => ask(stack, 'kernel_load_data', id, true)
  const unmount = (sb: SuperBlock): void => stack.lsm.sb_free_security.tell(sb)

  const file = (name: string): PseudoFile =>
    stack.pseudoFs.flatMap((fs) => [...fs.files()]).find((one) => one.name === name)!
  const io = (name: string): PseudoIo => {
    const inode = build.anInode({ i_mode: S_IFREG | file(name).mode })
    return { file: build.aFile({ inode }), pos: 0, answer: null, state: null }
  }
  const SYSCTL = 'kernel/loadpin/enforce'
  const setEnforce = (text: string): number => file(SYSCTL).write!(io(SYSCTL), new TextEncoder().encode(text))
  const enforce = (): unknown => file(SYSCTL).read!(io(SYSCTL))
  const VERITY = 'loadpin/dm-verity'
  const ioctl = (cmd: number, arg: unknown): number => file(VERITY).ioctl!(io(VERITY), cmd, arg)
  return { stack, build, log, asked, contents, aDisk, read, load, unmount, file, setEnforce, enforce, ioctl }
}
