/** Mounts beside, on and in one another. */
import { MS_BIND, MS_SHARED } from '@lsmkit/abi'
import { must, open, someOf, touch } from '../stage.ts'
import type { Crowd, Crowds, Stage } from '../stage.ts'

const mounts = (place: (i: number) => string, add: (at: Stage, i: number) => number): Crowd => ({
  most: 20_000,
  sets: (at) => ({
    add: (i) => add(at, i),
    handles: (count) => ({
      fds: [open(at, '/c'), open(at, '/proc/self/mountinfo'), open(at, '/proc/self/mounts')],
      paths: ['/c', ...someOf(count).map(place), '/proc/self/mountinfo'],
    }),
  }),
})

export const mountCrowds: Crowds = {
  'mounts': mounts((i) => `/c/${i}`, ({ sys, me }, i) =>
    sys.mkdir(me, `/c/${i}`, 0o755) || sys.mount(me, 't', `/c/${i}`, 'tmpfs', 0, null)),
  'mounts on one another': mounts(() => '/c', ({ sys, me }) =>
    sys.mount(me, 't', '/c', 'tmpfs', 0, null)),
  'mounts in one another': mounts(() => '/c', ({ sys, me }, i) =>
    (i === 0 ? sys.chdir(me, '/c') : 0) || sys.mkdir(me, 'd', 0o755) || sys.mount(me, 't', 'd', 'tmpfs', 0, null) ||
    sys.chdir(me, 'd')),
  'bind mounts of one file': mounts((i) => `/c/${i}`, (at, i) => {
    const { sys, me } = at
    if (i === 0) touch(at, '/c/first')
    return sys.link(me, '/c/first', `/c/${i}`) || sys.mount(me, '/c/first', `/c/${i}`, null, MS_BIND, null)
  }),
  'peers of a mount': mounts((i) => `/p/${i}`, ({ sys, me }, i) => {
    if (i === 0) {
      must(sys.mount(me, 't', '/c', 'tmpfs', 0, null) || sys.mount(me, null, '/c', null, MS_SHARED, null))
      must(sys.mkdir(me, '/p', 0o755))
    }
    return sys.mkdir(me, `/p/${i}`, 0o755) || sys.mount(me, '/c', `/p/${i}`, null, MS_BIND, null)
  }),
}
