/** Policies at random for tests: nested places, mounts of every kind, ports and hosts. */
import type { Place, Policy } from '@lsmkit/sandbox/policy-parts'
import { generator } from '../questions.ts'

const places = [
  '/data', '/data/in', '/data/in/deep', '/out', '/usr', '/usr/bin', '/job', '/job/src', '/etc/hosts', '/data x', '/',
]
const hosts = ['api.example.com:443', '*.npmjs.org:443', '*:80', '93.184.216.34:80', '[2606:2800::1]:443']
const users = ['guest', 'nobody', 1234]

/** The same for the same seed. */
export const randomPolicy = (seed: number): Policy => {
  const random = generator(seed * 7919)
  const some = <T>(list: readonly T[], chance: number): T[] => list.filter(() => random() < chance)
  const kinds: readonly ((target: string) => Place)[] = [
    () => ({ kind: 'memory' }),
    (target) => ({ kind: 'host-folder', path: target }),
    (target) => ({ kind: 'host-folder', path: target, writable: true }),
    (target) => ({ kind: 'host-folder', path: `/srv/${seed % 3}${target === '/' ? '' : target}`, writable: true }),
    (target) => ({ kind: 'host-folder', path: `/home/user${target === '/' ? '' : target}`, copyOnWrite: true }),
  ]
  const mounts = Object.fromEntries(some(places.slice(0, 9), seed % 2 === 0 ? 0.2 : 0)
    .map((target) => [target, kinds[Math.floor(random() * kinds.length)]!(target)]))
  const rooted = random() < 0.15 ? places : places.slice(0, -1)
  return {
    version: 1,
    allow: {
      read: some(rooted, 0.3), write: some(rooted, 0.2), exec: some(rooted, 0.15),
      connect: some([443, 8080, 'unix' as const], 0.25), listen: some([3000, 'unix' as const], 0.2),
      hosts: random() < 0.35 ? some(hosts, 0.5) : [],
    },
    ...(Object.keys(mounts).length === 0 ? {} : { mounts }),
    ...(random() < 0.3 ? { user: users[seed % users.length]! } : {}),
    ...(random() < 0.3 ? { env: { HOME: '/job', GREETING: 'it\'s "me" $x' } } : {}),
    ...(random() < 0.3 ? { limits: { memory: '64 MiB', time: '10 s', processes: 8 } } : {}),
  }
}
