import {
  CAP_SYS_ADMIN, CAP_SYS_PTRACE, capHas, ENOMEM, FMODE_READ, FMODE_WRITE, O_RDWR, O_WRONLY, S_IFDIR, S_IFMT,
  S_IFSOCK,
} from '@lsmkit/abi'
import { createStack, defineBlob, defineLsm } from '@lsmkit/core'
import type { Cred, File, Inode, KernIpcPerm, Key, MsgMsg, Sock, SuperBlock, Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { TestkitError } from '../errors.ts'
import { buildersFor, createBuilders } from './builders.ts'

describe('tasks and creds', () => {
  const { aTask, aCred } = createBuilders()

  test.each([
    { traits: {}, ids: [1000, 1000, 1000, 1000] },
    { traits: { uid: 5 }, ids: [5, 5, 5, 5] },
    { traits: { euid: 1001 }, ids: [1000, 1001, 1000, 1001] },
    { traits: { uid: 5, euid: 0, fsuid: 7 }, ids: [5, 0, 5, 7] },
  ])('$traits -> $ids', ({ traits, ids: [uid, euid, suid, fsuid] }) => {
    expect(aTask(traits).cred).toMatchObject({ uid, euid, suid, fsuid })
  })

  test('root has every capability, others what they are given', () => {
    const has = (cred: Cred, cap: number) => capHas(cred.cap_effective, cap) && capHas(cred.cap_permitted, cap)
    expect(has(aCred({ uid: 0 }), CAP_SYS_ADMIN)).toBe(true)
    expect(has(aCred(), CAP_SYS_ADMIN)).toBe(false)
    const tracer = aCred({ caps: [CAP_SYS_PTRACE] })
    expect([has(tracer, CAP_SYS_PTRACE), has(tracer, CAP_SYS_ADMIN)]).toEqual([true, false])
    expect(has(aCred({ uid: 0, caps: [] }), CAP_SYS_ADMIN)).toBe(false)
  })

  test('sets of two creds are not one', () => {
    expect(aCred({ uid: 0 }).cap_effective).not.toBe(aCred({ uid: 0 }).cap_effective)
  })

  test('a process leads itself; a thread shares what threads share', () => {
    const leader = aTask({ comm: 'app', real_parent: aTask() })
    const thread = aTask({ threadOf: leader })
    expect(leader.group_leader).toBe(leader)
    expect(leader.parent).toBe(leader.real_parent)
    expect(thread).toMatchObject({ tgid: leader.pid, group_leader: leader, real_parent: leader.real_parent })
    expect([thread.signal, thread.mm]).toEqual([leader.signal, leader.mm])
    expect(thread.pid).not.toBe(leader.pid)
  })

  test('a cred that is given is used', () => {
    const cred = aCred()
    expect(aTask({ cred })).toMatchObject({ cred, real_cred: cred })
  })
})

describe('files and sockets', () => {
  const { aSuperBlock, aDentry, aFile, anInode, aSocket, aBinprm } = createBuilders()

  test('a file system has a root directory', () => {
    const sb = aSuperBlock({ type: 'proc' })
    expect(sb.s_type.name).toBe('proc')
    expect(sb.s_root!.d_inode!.i_mode & S_IFMT).toBe(S_IFDIR)
  })

  test('a name stands below the root, and may be negative', () => {
    const inode = anInode({ i_uid: 7 })
    expect(aDentry({ name: 'é', inode })).toMatchObject({ d_name: { name: 'é', len: 2 }, d_inode: inode })
    expect(aDentry().d_parent).toBe(aDentry().d_sb.s_root)
    expect(aDentry({ inode: null }).d_inode).toBeNull()
  })

  test.each([
    { f_flags: 0, f_mode: FMODE_READ },
    { f_flags: O_WRONLY, f_mode: FMODE_WRITE },
    { f_flags: O_RDWR, f_mode: FMODE_READ | FMODE_WRITE },
  ])('flags $f_flags -> mode $f_mode', ({ f_flags, f_mode }) => {
    const file = aFile({ f_flags, name: 'secret' })
    expect(file.f_mode).toBe(f_mode)
    expect(file.f_inode).toBe(file.f_path.dentry.d_inode)
    expect(file.f_path.dentry.d_name.name).toBe('secret')
  })

  test('a socket, its sock and its inode know each other', () => {
    const sock = aSocket()
    expect(sock.sk!.sk_socket).toBe(sock)
    expect(sock.inode.i_mode & S_IFMT).toBe(S_IFSOCK)
  })

  test('an execve has the name of its file', () => {
    expect(aBinprm(aFile({ name: 'sh' })).filename).toBe('sh')
  })
})

describe('objects of a stack', () => {
  const mine = (name: string) => () => ({ name })
  const stackOf = (hooks = {}) =>
    createStack({
      capability: 'none',
      lsms: [defineLsm({
        name: 'mine',
        abi: '1.0',
        hooks: { file_open: () => 0, ...hooks },
        blobs: {
          cred: defineBlob<Cred, object>(mine('cred')),
          file: defineBlob<File, object>(mine('file')),
          inode: defineBlob<Inode, object>(mine('inode')),
          ipc: defineBlob<KernIpcPerm, object>(mine('ipc')),
          key: defineBlob<Key, object>(mine('key')),
          msg_msg: defineBlob<MsgMsg, object>(mine('msg')),
          sock: defineBlob<Sock, object>(mine('sock')),
          superblock: defineBlob<SuperBlock, object>(mine('sb')),
          task: defineBlob<Task, object>(mine('task')),
        },
      })],
    })

  test('carry state', () => {
    const b = buildersFor(stackOf())
    const made = [
      b.aTask(), b.aCred(), b.aSuperBlock(), b.anInode(), b.aFile(), b.aSock(), b.aSocket().sk, b.anIpc('sem'),
      b.aMsg(), b.aKey(), b.aBinprm(b.aFile()).cred, b.aSuperBlock().s_root!.d_inode,
    ]
    expect(made.map((object) => object!.security !== null)).toEqual(made.map(() => true))
  })

  test('bare ones, and those of no stack, have none', () => {
    const b = buildersFor(stackOf())
    const bare = [b.bareInode(), b.bareFile(), b.bareTask(), createBuilders().aFile()]
    expect(bare.map(({ security }) => security)).toEqual([null, null, null, null])
  })

  test('an LSM that refuses is not overheard', () => {
    const b = buildersFor(stackOf({ inode_alloc_security: () => -ENOMEM }))
    expect(() => b.anInode({ i_sb: b.bareSuperBlock() })).toThrow(TestkitError)
    expect(() => b.aFile()).toThrow('inode_alloc_security answered ENOMEM')
  })
})
