/** Hooks that came after 6.12, asked by our kernel where the kernel that the stack follows has them. */
import {
  AF_UNIX, AT_FDCWD, EACCES, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_NODUMP_FL, O_CREAT, O_RDWR, SOCK_STREAM,
} from '@lsmkit/abi'
import { defineLsm, ref } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { sockaddrUn } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { bootOn, stackWith } from '../kernel.ts'

test.each<[profile: Profile, asked: readonly string[], answers: readonly number[]]>([
  ['6.12', [], [0, 0, 0]],
  ['6.18', ['getattr 0', 'getattr 0', `setattr ${FS_NODUMP_FL}`], [0, -EACCES, 0]],
  ['7.3', ['getattr 0', 'getattr 0', `setattr ${FS_NODUMP_FL}`, 'find /s'], [0, -EACCES, -EACCES]],
])('%s', (profile, expected, answers) => {
  const asked: string[] = []
  const watcher = defineLsm({
    name: 'watcher', abi: '1.0', id: 300,
    hooks: {
      inode_file_getattr: (_dentry, { flags }) => (asked.push(`getattr ${flags}`), 0),
      inode_file_setattr: (_dentry, { flags }) => (asked.push(`setattr ${flags}`), -EACCES),
      unix_find: ({ dentry }) => (asked.push(`find /${dentry.d_name.name}`), -EACCES),
    },
  })
  const { sys, init } = bootOn(stackWith([watcher], { profile }))
  const file = sys.openat(init, AT_FDCWD, '/f', O_CREAT | O_RDWR, 0o600)
  const flags = ref(0)
  const got = [sys.ioctl(init, file, FS_IOC_GETFLAGS, flags)]
  flags.value = FS_NODUMP_FL
  got.push(sys.ioctl(init, file, FS_IOC_SETFLAGS, flags))
  const [server, client] = [sys.socket(init, AF_UNIX, SOCK_STREAM, 0), sys.socket(init, AF_UNIX, SOCK_STREAM, 0)]
  const address = sockaddrUn('/s')
  expect([sys.bind(init, server, address, address.length), sys.listen(init, server, 1)]).toEqual([0, 0])
  got.push(sys.connect(init, client, address, address.length))
  expect([asked, got]).toEqual([expected, answers])
})
