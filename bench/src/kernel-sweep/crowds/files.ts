/** Names, attributes, contents and locks of files, and control groups. */
import { F_SETLK, F_WRLCK, O_CREAT, O_RDWR } from '@lsmkit/abi'
import { bytes, must, open, someOf, touch } from '../stage.ts'
import type { Crowd, Crowds, Stage } from '../stage.ts'

const files = (prepare: (at: Stage) => void = () => {}): Crowd => ({
  sets: (at) => {
    prepare(at)
    return {
      add: (i) => touch(at, `/c/${i}`),
      handles: (count) => ({
        fds: [open(at, '/c'), open(at, `/c/${count >> 1}`, O_RDWR)],
        paths: ['/c', ...someOf(count).map((i) => `/c/${i}`), '/c/none', '/c/none2'],
      }),
    }
  },
})

export const fileCrowds: Crowds = {
  'files': files(),
  'files of ramfs': files(({ sys, me }) => must(sys.mount(me, 'r', '/c', 'ramfs', 0, null))),
  'links of one file': {
    sets: (at) => {
      touch(at, '/c/first')
      return {
        add: (i) => at.sys.link(at.me, '/c/first', `/c/${i}`),
        handles: (count) => ({
          fds: [open(at, '/c'), open(at, '/c/first', O_RDWR)],
          paths: ['/c', ...someOf(count).map((i) => `/c/${i}`), '/c/n'],
        }),
      }
    },
  },
  'directories in one another': {
    most: 20_000,
    sets: (at) => {
      const { sys, me } = at
      must(sys.chdir(me, '/c'))
      return {
        add: () => sys.mkdir(me, 'd', 0o755) || sys.chdir(me, 'd'),
        handles: () => ({ fds: [open(at, '.'), open(at, '/c')], paths: ['.', 'd', '/c', '/c/d', 'n'] }),
      }
    },
  },
  'attributes of a file': {
    most: 50_000,
    sets: (at) => {
      touch(at, '/c/f')
      return {
        add: (i) => at.sys.setxattr(at.me, '/c/f', `trusted.${i}`, bytes(1), 0),
        handles: () => ({ paths: ['/c/f'], fds: [open(at, '/c/f')] }),
      }
    },
  },
  'chunks of a sparse file': {
    most: 50_000,
    sets: (at) => {
      const fd = open(at, '/c/f', O_CREAT | O_RDWR)
      return {
        add: (i) => at.sys.pwrite64(at.me, fd, bytes(1), i * 131_072),
        handles: () => ({ fds: [fd], paths: ['/c/f'] }),
      }
    },
  },
  'locks of a file': {
    sets: (at) => {
      const { sys, me } = at
      const fd = open(at, '/c/f', O_CREAT | O_RDWR)
      return {
        add: (i) => sys.fcntl(me, fd, F_SETLK, { l_type: F_WRLCK, l_whence: 0, l_start: 2 * i, l_len: 1, l_pid: 0 }),
        handles: () => ({ fds: [fd, open(at, '/c/f', O_RDWR)], paths: ['/c/f', '/proc/locks'] }),
      }
    },
  },
  'flocks of a file': {
    sets: (at) => {
      const { sys, me } = at
      let fd = 0
      return {
        add: () => sys.flock(me, (fd = open(at, '/c/f', O_CREAT | O_RDWR)), 1),
        handles: () => ({ fds: [fd, open(at, '/c/f', O_RDWR)], paths: ['/c/f', '/proc/locks'] }),
      }
    },
  },
  'leases of a file': {
    sets: (at) => {
      const { sys, me } = at
      touch(at, '/c/f')
      let fd = 0
      return {
        add: () => sys.fcntl(me, (fd = open(at, '/c/f')), 1024, 0),
        handles: () => ({ fds: [fd, open(at, '/c/f')], paths: ['/c/f'] }),
      }
    },
  },
  'control groups': {
    most: 30_000,
    sets: (at) => ({
      add: (i) => at.sys.mkdir(at.me, `/sys/fs/cgroup/${i}`, 0o755),
      handles: (count) => ({
        fds: [open(at, '/sys/fs/cgroup')],
        paths: ['/sys/fs/cgroup', ...someOf(count).map((i) => `/sys/fs/cgroup/${i}`), '/sys/fs/cgroup/1/cgroup.procs'],
      }),
    }),
  },
  'control groups in one another': {
    most: 5000,
    sets: (at) => ({
      add: (i) => (i === 0 ? at.sys.chdir(at.me, '/sys/fs/cgroup') : 0) || at.sys.mkdir(at.me, 'd', 0o755) ||
        at.sys.chdir(at.me, 'd'),
      handles: () => ({
        fds: [open(at, '.')], paths: ['.', 'd', '/sys/fs/cgroup', 'cgroup.procs', '/sys/fs/cgroup/d/cgroup.freeze'],
      }),
    }),
  },
}
