/**
 * sysfs: objects of the kernel as files on kernfs (fs/sysfs). There are few: mount points of other file systems, the
 * loopback device, the processor, and the features of control groups.
 */
import { EINVAL, FS_USERNS_MOUNT, SB_I_USERNS_VISIBLE, SYSFS_MAGIC, PAGE_SIZE } from '@lsmkit/abi'
import { CGROUP_FLAG_NAMES } from '../../state/cgroup/flags.ts'
import type { Sysfs } from '../../interfaces/fs.ts'
import type { Machine } from '../../machine.ts'
import { loopbackIn } from '../../state/net/devices.ts'
import type { NetDevice } from '../../state/net/devices.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import { threadOf } from '../../state/task/thread.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { kernfs_super_ns } from '../kernfs/instance.ts'
import { kernfs } from '../kernfs/kernfs.ts'
import { KernfsRoot } from '../kernfs/root.ts'
import type { KernfsNode } from '../../state/kernfs/node.ts'
import { bound } from '../../state/bound.ts'

/** The text of an attribute, given the network namespace of the mount. */
type Attribute = (net: PlainNamespace) => string | number
/** Directories, attributes, and links by their targets. */
interface Tree {
  readonly [name: string]: Tree | Attribute | `/${string}`
}

const ofLoopback = (show: (lo: NetDevice) => string | number) => (net: PlainNamespace): string | number => {
  const shown = show(loopbackIn(net))
  return typeof shown === 'number' && shown < 0 ? shown : `${shown}\n`
}
const line = (text: string): Attribute => () => `${text}\n`
const NO_ADDRESS = '00:00:00:00:00:00'

/** As `net_class_attrs`; a device that is down has no carrier, and this one has no speed. */
const loopback: Tree = {
  addr_len: line('6'),
  address: line(NO_ADDRESS),
  broadcast: line(NO_ADDRESS),
  carrier: ofLoopback(({ isUp }) => (isUp ? 1 : -EINVAL)),
  dev_id: line('0x0'),
  dev_port: line('0'),
  flags: ofLoopback(({ isUp }) => (isUp ? '0x9' : '0x8')),
  ifindex: line('1'),
  iflink: line('1'),
  link_mode: line('0'),
  mtu: ofLoopback(({ mtu }) => mtu),
  operstate: ofLoopback(({ isUp }) => (isUp ? 'unknown' : 'down')),
  speed: () => -EINVAL,
  subsystem: '/class/net',
  type: line('772'),
  uevent: () => 'INTERFACE=lo\nIFINDEX=1\n',
}

const treeOf = (machine: Machine): Tree => ({
  block: {},
  bus: {},
  class: machine.without.has('net') ? {} : { net: { lo: '/devices/virtual/net/lo' } },
  dev: { block: {}, char: {} },
  devices: {
    system: { cpu: { cpu0: {}, online: line('0'), possible: line('0'), present: line('0') } },
    virtual: machine.without.has('net') ? {} : { net: { lo: loopback } },
  },
  firmware: {},
  fs: {},
  kernel: {
    cgroup: {
      delegate: () => machine.cgroups.delegatable.map((name) => `${name}\n`).join(''),
      features: () => CGROUP_FLAG_NAMES.map((name) => `${name}\n`).join(''),
    },
    fscaps: line('1'),
    slab: {},
  },
  module: {},
  power: {},
})

const at = (root: KernfsRoot, place: string): KernfsNode | null => {
  let kn: KernfsNode | null = root.node
  for (const name of place.split('/').slice(1)) kn = kn?.children?.get(name) ?? null
  return kn
}

const attribute = (root: KernfsRoot, parent: KernfsNode, name: string, show: Attribute): void => {
  const kn = root.create(parent, name, 0o444, {
    read: ({ file }) => show(kernfs_super_ns(file.f_inode.i_sb) as PlainNamespace),
  })
  if (typeof kn !== 'number') kn.size = PAGE_SIZE
}

/** A link that is made once its target is there. */
type Link = readonly [parent: KernfsNode, name: string, target: string]

/** Makes directories and attributes, but those that an LSM refuses, and notes the links. */
const build = (root: KernfsRoot, parent: KernfsNode, entries: Tree, links: Link[]): void => {
  for (const [name, entry] of Object.entries(entries)) {
    if (typeof entry === 'function') attribute(root, parent, name, entry)
    else if (typeof entry === 'string') links.push([parent, name, entry])
    else {
      const kn = root.mkdir(parent, name)
      if (typeof kn !== 'number') build(root, kn, entry, links)
    }
  }
}

const buildAll = (root: KernfsRoot, entries: Tree): void => {
  const links: Link[] = []
  build(root, root.node, entries, links)
  for (const [parent, name, place] of links) {
    const target = at(root, place)
    if (target !== null) root.symlink(parent, name, target)
  }
}

/** As `sysfs_create_mount_point`: makes a directory that stays empty, and those above it. */
const createMountPoint = (root: KernfsRoot, place: string): void => {
  let dir = root.node
  const names = place.split('/').slice(1)
  for (const [index, name] of names.entries()) {
    const known = dir.children!.get(name)
    const isLast = index === names.length - 1
    const kn = known ?? root.mkdir(dir, name, isLast ? 0o555 : 0o755)
    if (typeof kn === 'number' || kn.children === null || kn.isEmptyDir) return
    if (known === undefined) kn.isEmptyDir = isLast
    dir = kn
  }
}

export const createSysfs = (machine: Machine): Sysfs => {
  const root = new KernfsRoot(machine, { extra_open_perm_check: true })
  const tree = kernfs(machine, root, SYSFS_MAGIC)
  buildAll(root, treeOf(machine))
  const netNs = (): PlainNamespace => threadOf(machine.current.task).nsproxy.net_ns
  const type: FileSystem = {
    name: 'sysfs',
    fs_flags: FS_USERNS_MOUNT,
    owner: () => netNs().user_ns,
    parse_param: null,
    get_tree: (fc) => tree.get_tree(fc, netNs(), SB_I_USERNS_VISIBLE),
    reconfigure: null,
  }
  return { type, ...bound(root, { createMountPoint }) }
}
