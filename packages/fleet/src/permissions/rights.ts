/** The rights of each role on NATS, in one table: what a user may publish and subscribe to, and nothing else. */
import {
  bucketStream, bucketSubject, inboxOf, infoSubject, leaderReadSubject, logReadSubject, logStream, logSubject,
  nudgeSubject, readAllSubject, readSubject,
} from '../store/nats/streams.ts'

/** Subjects with the wildcards of NATS. */
export interface Rights {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/**
 * `hosts` follow their own key and report. `controllers` run rollouts. `publishers` put bundles and begin rollouts too.
 * `readers` look at all hosts and read decisions. `administrators` make streams: they may do everything in the tenant.
 */
export const roles = ['hosts', 'controllers', 'publishers', 'readers', 'administrators'] as const
export type Role = (typeof roles)[number]

const readsOf = (...names: readonly Parameters<typeof readSubject>[0][]): readonly string[] =>
  names.map((bucket) => readSubject(bucket, '>'))

const controls: readonly string[] = [
  bucketSubject('want', '>'), bucketSubject('rollout', '>'), ...readsOf('want', 'have', 'rollout', 'bundle'),
]

/** By sequences: a reader makes no consumer, because it might deliver to any subject. */
const readsLog: readonly string[] = [logReadSubject('dec'), leaderReadSubject('dec'), infoSubject(logStream('dec'))]

const publishOf: Readonly<Record<Role, (name: string) => readonly string[]>> = {
  hosts: (host) => [
    bucketSubject('have', host), logSubject('dec', host), readSubject('want', host), readAllSubject('bundle'),
  ],
  controllers: () => controls,
  publishers: () => [...controls, bucketSubject('bundle', '>'), infoSubject(bucketStream('have'))],
  readers: () => [...readsOf('want', 'have', 'rollout'), infoSubject(bucketStream('have')), ...readsLog],
  administrators: () => ['>'],
}

const subscribeOf: Readonly<Record<Role, (name: string) => readonly string[]>> = {
  hosts: (host) => [nudgeSubject('want', host)],
  controllers: () => [], publishers: () => [], readers: () => [], administrators: () => ['>'],
}

/** `name` is a host's key in the store; `nkey` is the public key of the user. */
export const rightsOf = (role: Role, name: string, nkey: string): Rights => ({
  publish: publishOf[role](name),
  subscribe: [...new Set([...subscribeOf[role](name), ...(role === 'administrators' ? [] : [`${inboxOf(nkey)}.>`])])],
})
