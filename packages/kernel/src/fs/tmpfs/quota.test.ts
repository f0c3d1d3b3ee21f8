/** Quotas and limits of tmpfs: what a mount takes, who is refused what, and that the figures always add up. */
import {
  AT_FDCWD, EDQUOT, EINVAL, ENODEV, ENOENT, ENOSPC, ENOSYS, ENOTBLK, EPERM, errnoName, ERANGE, ESRCH,
  FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FS_QUOTA_UDQ_ACCT, FS_QUOTA_UDQ_ENFD, GRPQUOTA, IIF_BGRACE, MS_RDONLY,
  MS_REMOUNT, O_CREAT, O_RDONLY, O_RDWR, PRJQUOTA, Q_GETFMT, Q_GETINFO, Q_GETNEXTQUOTA, Q_GETQUOTA, Q_SETINFO,
  Q_SETQUOTA, Q_SYNC, Q_QUOTAON, Q_XQUOTAOFF, Q_XQUOTAON, QCMD, QIF_BLIMITS, QIF_BTIME, QIF_ILIMITS, S_IFBLK, USRQUOTA,
  EEXIST, EROFS,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DqBlk, DqInfo } from '../../syscalls/quota-records.ts'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat, Kstatfs } from '../../state/vfs/kstat.ts'

const setUp = (options = 'quota', lsms: Parameters<typeof bootForTest>[0] = {}) => {
  const kernel = bootForTest(lsms)
  const { sys, init, fork } = kernel
  sys.mkdir(init, '/q', 0o777)
  const mounted = sys.mount(init, 'q', '/q', 'tmpfs', 0, `mode=777,${options}`)
  const user = fork(init, 1000)
  const fd = sys.openat(init, AT_FDCWD, '/q', O_RDONLY, 0)
  const call = (cmd: number, type: number, id: number, addr: unknown, by: Task = init): number =>
    sys.quotactl_fd(by, by === init ? fd : sys.openat(by, AT_FDCWD, '/q', O_RDONLY, 0), QCMD(cmd, type), id, addr)
  const used = (type: number, id: number): string => {
    const out = new DqBlk()
    const rc = call(Q_GETQUOTA, type, id, out)
    return rc < 0 ? errnoName(rc) : `${out.dqb_curspace}/${out.dqb_curinodes}`
  }
  const limit = (type: number, id: number, limits: Partial<DqBlk>): number =>
    call(Q_SETQUOTA, type, id, Object.assign(new DqBlk(), { dqb_valid: QIF_BLIMITS | QIF_ILIMITS }, limits))
  const write = (by: Task, path: string, length: number, pos = 0): number => {
    const file = sys.openat(by, AT_FDCWD, path, O_CREAT | O_RDWR, 0o666)
    if (file < 0) return file
    const rc = sys.pwrite64(by, file, new Uint8Array(length), pos)
    sys.close(by, file)
    return rc
  }
  const figures = (): string => {
    const out = new Kstatfs()
    sys.statfs(init, '/q', out)
    return `${out.f_blocks} ${out.f_bfree} ${out.f_files} ${out.f_ffree}`
  }
  return { ...kernel, mounted, user, call, used, limit, write, figures }
}
type Set = ReturnType<typeof setUp>

describe('options of the mount', () => {
  test.each([
    ['quota', 0, ',usrquota,grpquota'],
    ['usrquota', 0, ',usrquota'],
    ['grpquota,grpquota_inode_hardlimit=1k', 0, ',grpquota,grpquota_inode_hardlimit=1024'],
    ['usrquota,usrquota_block_hardlimit=010', 0, ',usrquota,usrquota_block_hardlimit=8'],
    ['usrquota_block_hardlimit=4k', 0, ',inode64'],
    ['usrquota=1', -EINVAL, ''],
    ['usrquota,usrquota_block_hardlimit=0', -EINVAL, ''],
    ['usrquota,usrquota_block_hardlimit=x', -EINVAL, ''],
    ['usrquota,usrquota_inode_hardlimit=8e', -EINVAL, ''],
    ['size=1%', 0, ',size=83888k'],
    ['size=8k,nr_inodes=5', 0, ',size=8k,nr_inodes=5'],
    ['inode32,noswap', 0, ',inode32,noswap'],
    ['size=k', -EINVAL, ''],
  ])('%s', (options, rc, shown) => {
    const { mounted, cat, init } = setUp(options)
    expect(errnoName(mounted)).toBe(errnoName(rc))
    if (rc === 0) expect(cat(init, '/proc/self/mounts')).toMatch(new RegExp(`^q /q tmpfs .*${shown}.*`, 'm'))
  })

  test.each([
    ['quota', 'usrquota', 0],
    ['quota', 'usrquota_block_hardlimit=4k', -EINVAL],
    ['quota,usrquota_block_hardlimit=4k', 'usrquota_block_hardlimit=4k', 0],
    ['size=1m', 'quota', -EINVAL],
    ['size=1m', 'size=8k', 0],
    ['nr_inodes=9', 'nr_inodes=1', 0],
    ['nr_inodes=9', 'size=8k', 0],
    ['size=0', 'size=8k', -EINVAL],
    ['nr_inodes=0', 'nr_inodes=8', -EINVAL],
    ['size=1m', 'noswap', -EINVAL],
  ])('%s, remounted with %s', (first, then, rc) => {
    const { sys, init } = setUp(first)
    expect(errnoName(sys.mount(init, null, '/q', null, MS_REMOUNT, then))).toBe(errnoName(rc))
  })
})

describe('quotactl_fd', () => {
  const rows: Record<string, readonly [call: (k: Set) => number, rc: number, options?: string]> = {
    'of a file system without quotas': [({ call }) => call(Q_GETQUOTA, USRQUOTA, 0, new DqBlk()), -ENOSYS, 'size=1m'],
    'projects': [({ call }) => call(Q_GETQUOTA, PRJQUOTA, 0, new DqBlk()), -EINVAL],
    'no such kind': [({ call }) => call(Q_GETQUOTA, 3, 0, new DqBlk()), -EINVAL],
    'a kind that is not counted': [({ call }) => call(Q_GETQUOTA, GRPQUOTA, 0, new DqBlk()), -ESRCH, 'usrquota'],
    'its format': [({ call }) => call(Q_GETFMT, USRQUOTA, 0, { value: 0 }), 0],
    'synced': [({ call }) => call(Q_SYNC, USRQUOTA, 0, null), 0],
    'no such command': [({ call }) => call(77, USRQUOTA, 0, null), -EINVAL],
    'one\'s own use': [({ call, user }) => call(Q_GETQUOTA, USRQUOTA, 1000, new DqBlk(), user), 0],
    'the use of one\'s group': [({ call, user }) => call(Q_GETQUOTA, GRPQUOTA, 1000, new DqBlk(), user), 0],
    'the use of another': [({ call, user }) => call(Q_GETQUOTA, USRQUOTA, 0, new DqBlk(), user), -EPERM],
    'the next id, by a user': [({ call, user }) => call(Q_GETNEXTQUOTA, USRQUOTA, 0, new DqBlk(), user), -EPERM],
    'a limit, by a user': [({ call, user }) => call(Q_SETQUOTA, USRQUOTA, 1000, new DqBlk(), user), -EPERM],
    'the grace of all, by a user': [({ call, user }) => call(Q_GETINFO, USRQUOTA, 0, new DqInfo(), user), 0],
    'more than can be counted': [({ limit }) => limit(USRQUOTA, 5, { dqb_bhardlimit: 2 ** 53 }), -ERANGE],
    'an unmapped id': [({ call }) => call(Q_GETQUOTA, USRQUOTA, -1, new DqBlk()), -EINVAL],
    'flags of grace that are none': [
      ({ call }) => call(Q_SETINFO, USRQUOTA, 0, Object.assign(new DqInfo(), { dqi_valid: 8 })), -EINVAL,
    ],
    'enforced already': [({ call }) => call(Q_XQUOTAON, USRQUOTA, 0, { value: FS_QUOTA_UDQ_ENFD }), -EEXIST],
    'not counted any more': [({ call }) => call(Q_XQUOTAOFF, USRQUOTA, 0, { value: FS_QUOTA_UDQ_ACCT }), -95],
    'a limit through a read-only mount': [
      ({ sys, init, limit }) => {
        sys.mount(init, null, '/q', null, MS_REMOUNT | MS_RDONLY, null)
        return limit(USRQUOTA, 5, {})
      },
      -EROFS,
    ],
  }
  test.each(Object.entries(rows))('%s', (_, [call, rc, options]) =>
    expect(errnoName(call(setUp(options)))).toBe(errnoName(rc)))

  test('LSMs are asked once the kernel has nothing against it', () => {
    const asked: string[] = []
    const lsm = defineLsm({
      name: 'asker',
      abi: '1.0',
      id: 200,
      hooks: {
        quotactl(cmd, type, id) {
          asked.push(`${cmd.toString(16)} ${type} ${id}`)
          return cmd === Q_SETQUOTA ? -ESRCH : 0
        },
      },
    })
    const { call, user, used } = setUp('quota', { lsms: [lsm] })
    expect(call(Q_SETQUOTA, USRQUOTA, 7, new DqBlk(), user)).toBe(-EPERM)
    expect([call(Q_SETQUOTA, USRQUOTA, 7, new DqBlk()), used(GRPQUOTA, 0)]).toEqual([-ESRCH, '0/1'])
    expect(asked).toEqual(['800008 0 7', '800007 1 0'])
  })
})

describe('quotactl', () => {
  test.each([
    ['no device', null, -ENODEV], ['a file', '/q', -ENOTBLK], ['a device of the machine', '/q/disk', -ENODEV],
    ['nothing', '/nowhere', -ENOENT],
  ])('by %s', (_what, special, rc) => {
    const { sys, init } = setUp()
    sys.mknod(init, '/q/disk', S_IFBLK | 0o600, 0x801)
    expect(sys.quotactl(init, QCMD(Q_QUOTAON, USRQUOTA), special, 0, '/q')).toBe(rc)
  })

  test('Q_QUOTAON: the file of quotas is looked up before the device; quota_on is asked of no file system here', () => {
    const looked: string[] = []
    const watch = defineLsm({
      name: 'watch',
      abi: '1.0',
      hooks: {
        inode_permission: (inode) => (looked.push(String(inode.i_ino)), 0),
        quota_on: () => (looked.push('quota_on'), 0),
        quotactl: (cmd) => (looked.push(cmd === Q_QUOTAON ? 'quotactl' : 'other'), 0),
      },
    })
    const { sys, init, call } = setUp('quota', { lsms: [watch] })
    sys.mkdir(init, '/q/deep', 0o755)
    const walk = (special: string, file: unknown): string[] => {
      looked.length = 0
      sys.quotactl(init, QCMD(Q_QUOTAON, USRQUOTA), special, 0, file)
      return [...looked]
    }
    const [one, two] = [walk('/q', null), walk('/q', '/q/deep/file')]
    expect(two.slice(-one.length)).toEqual(one)
    expect(two.length).toBe(one.length + 3)
    looked.length = 0
    expect([call(Q_QUOTAON, USRQUOTA, 0, null), looked]).toEqual([-EEXIST, ['quotactl']])
  })
})

describe('what counts', () => {
  test('inodes and pages, for owner and group, and a change of owner moves them', () => {
    const { sys, init, user, used, write } = setUp()
    write(user, '/q/f', 5000)
    sys.symlink(user, 'x'.repeat(200), '/q/long')
    sys.symlink(user, 'short', '/q/short')
    sys.link(user, '/q/f', '/q/g')
    expect([used(USRQUOTA, 1000), used(GRPQUOTA, 1000)]).toEqual(['12288/3', '12288/3'])
    expect(sys.chown(init, '/q/f', 7, -1)).toBe(0)
    expect([used(USRQUOTA, 1000), used(USRQUOTA, 7), used(GRPQUOTA, 1000)]).toEqual(['4096/2', '8192/1', '12288/3'])
    sys.truncate(init, '/q/f', 1)
    sys.unlink(init, '/q/f')
    expect(used(USRQUOTA, 7)).toBe('4096/1')
    sys.unlink(init, '/q/g')
    expect([used(USRQUOTA, 7), used(GRPQUOTA, 1000)]).toEqual(['0/0', '4096/2'])
  })

  test('a hard limit holds, but not for who may exceed it', () => {
    const { sys, init, user, used, limit, write } = setUp()
    limit(USRQUOTA, 1000, { dqb_bhardlimit: 8, dqb_ihardlimit: 2 })
    expect([write(user, '/q/f', 20_000), write(user, '/q/f', 10, 9000), used(USRQUOTA, 1000)]).toEqual([
      8192, -EDQUOT, '8192/1',
    ])
    expect([sys.mkdir(user, '/q/d', 0o700), sys.mkdir(user, '/q/e', 0o700)]).toEqual([0, -EDQUOT])
    limit(USRQUOTA, 0, { dqb_bhardlimit: 4 })
    expect(write(init, '/q/g', 20_000)).toBe(20_000)
  })

  test('who is given a file must have room for it', () => {
    const { sys, init, user, limit, used, write } = setUp()
    limit(GRPQUOTA, 1000, { dqb_bhardlimit: 4 })
    write(init, '/q/f', 5000)
    sys.chown(init, '/q/f', 1000, 0)
    expect([sys.chown(user, '/q/f', -1, 1000), used(GRPQUOTA, 1000), used(GRPQUOTA, 0)]).toEqual([
      -EDQUOT, '0/0', '8192/2',
    ])
    limit(GRPQUOTA, 1000, { dqb_bhardlimit: 8 })
    expect([sys.chown(user, '/q/f', -1, 1000), used(GRPQUOTA, 1000), used(GRPQUOTA, 0)]).toEqual([0, '8192/1', '0/1'])
  })

  test('a soft limit holds when grace is over', () => {
    let now = 1_000_000_000
    const { user, limit, write, call } = setUp('quota', { clock: () => now })
    call(Q_SETINFO, USRQUOTA, 0, Object.assign(new DqInfo(), { dqi_valid: IIF_BGRACE, dqi_bgrace: 60 }))
    limit(USRQUOTA, 1000, { dqb_bsoftlimit: 4 })
    expect([write(user, '/q/f', 5000), write(user, '/q/f', 5000, 8192)]).toEqual([5000, 5000])
    now += 61_000
    expect(write(user, '/q/f', 100, 40_960)).toBe(-EDQUOT)
    limit(USRQUOTA, 1000, { dqb_valid: QIF_BTIME, dqb_btime: 1_000_200 })
    expect(write(user, '/q/f', 100, 40_960)).toBe(100)
  })

  test('defaults of the mount are the first limits of every id', () => {
    const { sys, user, fork, init, call } = setUp('usrquota,usrquota_inode_hardlimit=1')
    expect([sys.mkdir(user, '/q/a', 0o700), sys.mkdir(user, '/q/b', 0o700)]).toEqual([0, -EDQUOT])
    expect(sys.mkdir(fork(init, 1001), '/q/b', 0o700)).toBe(0)
    const next = new DqBlk()
    expect([call(Q_GETNEXTQUOTA, USRQUOTA, 1, next), next.dqb_id, next.dqb_ihardlimit]).toEqual([0, 1000, 1])
  })
})

describe('limits of the file system', () => {
  test('size', () => {
    const { sys, init, write, figures } = setUp('size=12k')
    expect([write(init, '/q/f', 20_000), write(init, '/q/g', 1), figures()]).toEqual([
      12_288, -ENOSPC, '3 0 1048576 1048573',
    ])
    const fd = sys.openat(init, AT_FDCWD, '/q/f', O_RDWR, 0)
    expect(sys.fallocate(init, fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096)).toBe(0)
    expect([figures(), sys.fallocate(init, fd, 0, 0, 16_384), write(init, '/q/g', 1), figures()]).toEqual([
      '3 1 1048576 1048573', -ENOSPC, 1, '3 0 1048576 1048573',
    ])
  })

  test('inodes: further names and attributes count as well', () => {
    const { sys, init, write, figures } = setUp('nr_inodes=4')
    const pages = '1048576 1048576'
    expect([write(init, '/q/f', 0), figures()]).toEqual([0, `${pages} 4 2`])
    expect([sys.link(init, '/q/f', '/q/g'), figures()]).toEqual([0, `${pages} 4 1`])
    expect([sys.setxattr(init, '/q/f', 'trusted.x', new Uint8Array(900), 0), figures()]).toEqual([0, `${pages} 4 0`])
    expect([write(init, '/q/h', 0), sys.setxattr(init, '/q/f', 'trusted.x', new Uint8Array(100), 0)]).toEqual([
      -ENOSPC, -ENOSPC,
    ])
    expect([sys.removexattr(init, '/q/f', 'trusted.x'), sys.unlink(init, '/q/g'), figures()]).toEqual([
      0, 0, `${pages} 4 2`,
    ])
  })
})

test('whatever is done, quotas are what the files come to, and nothing is left behind', () => {
  const name = fc.constantFrom('/q/a', '/q/b', '/q/c', '/q/m/a')
  const step = fc.record({
    call: fc.constantFrom(
      'write', 'write', 'link', 'unlink', 'chown', 'mkdir', 'rmdir', 'truncate', 'symlink', 'rename',
    ),
    who: fc.constantFrom(0, 1000, 11_000), from: name, to: name, n: fc.integer({ min: 0, max: 20_000 }),
  })
  const kernel = bootForTest()
  const { sys, init, fork } = kernel
  sys.mkdir(init, '/q', 0o777)
  const tasks = new Map([0, 1000, 11_000].map((id) => [id, id === 0 ? init : fork(init, id)]))
  fc.assert(fc.property(fc.array(step, { minLength: 20, maxLength: 40, size: 'max' }), (steps) => {
    sys.mount(init, 'q', '/q', 'tmpfs', 0, 'mode=777,quota,size=64k,nr_inodes=9,usrquota_block_hardlimit=24k')
    for (const { call, who, from, to, n } of steps) {
      const by = tasks.get(who)!
      if (call === 'write') {
        const fd = sys.openat(by, AT_FDCWD, from, O_CREAT | O_RDWR, 0o666)
        if (fd >= 0) sys.pwrite64(by, fd, new Uint8Array(n), n)
        if (fd >= 0) sys.close(by, fd)
      } else if (call === 'link') sys.link(by, from, to)
      else if (call === 'unlink') sys.unlink(by, from)
      else if (call === 'chown') sys.chown(init, from, n % 2 === 0 ? 1000 : 11_000, n % 3)
      else if (call === 'mkdir') sys.mkdir(by, '/q/m', 0o777)
      else if (call === 'rmdir') sys.rmdir(by, '/q/m')
      else if (call === 'truncate') sys.truncate(by, from, n)
      else if (call === 'symlink') sys.symlink(by, `/none/${'x'.repeat(n % 300)}`, from)
      else sys.rename(by, from, to)
    }
    const inodes = new Map<number, Kstat>()
    for (const path of ['/q', '/q/a', '/q/b', '/q/c', '/q/m', '/q/m/a']) {
      const stat = new Kstat()
      if (sys.lstat(init, path, stat) === 0) inodes.set(stat.ino, stat)
    }
    const all = [...inodes.values()]
    const sum = (type: number, id: number): string => {
      const own = all.filter(({ uid, gid }) => (type === USRQUOTA ? uid : gid) === id)
      return `${own.reduce((total, { blocks }) => total + blocks * 512, 0)}/${own.length}`
    }
    const fd = sys.openat(init, AT_FDCWD, '/q', O_RDONLY, 0)
    for (const type of [USRQUOTA, GRPQUOTA]) for (const id of [0, 1, 2, 1000, 11_000]) {
      const out = new DqBlk()
      expect(sys.quotactl_fd(init, fd, QCMD(Q_GETQUOTA, type), id, out)).toBe(0)
      expect([type, id, `${out.dqb_curspace}/${out.dqb_curinodes}`]).toEqual([type, id, sum(type, id)])
    }
    sys.close(init, fd)
    const out = new Kstatfs()
    sys.statfs(init, '/q', out)
    expect(out.f_blocks - out.f_bfree).toBe(all.reduce((total, { blocks }) => total + blocks / 8, 0))
    const names = all.reduce((total, { nlink, mode }) => total + ((mode & 0o170000) === 0o40000 ? 1 : nlink), 0)
    expect(out.f_files - out.f_ffree).toBe(names)
    expect(sys.umount2(init, '/q', 0)).toBe(0)
  }), { numRuns: 60 })
})
