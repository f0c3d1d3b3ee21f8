/** Every subject of JetStream's API: those that are known, and those that the text of a server's program has. */
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { natsBinary } from './nats-server.ts'

/** Of nats-server 2.10 to 2.15; `*` is a name. */
export const apiSubjects: readonly string[] = [
  '$JS.API.INFO', '$JS.API.ACCOUNT.PURGE.*', '$JS.API.ACCOUNT.STREAM.MOVE.*.*',
  '$JS.API.ACCOUNT.STREAM.CANCEL_MOVE.*.*',
  '$JS.API.META.LEADER.STEPDOWN', '$JS.API.SERVER.REMOVE',
  ...['CREATE', 'UPDATE', 'INFO', 'DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE', 'MSG.GET', 'MSG.DELETE', 'PEER.REMOVE',
    'LEADER.STEPDOWN'].map((act) => `$JS.API.STREAM.${act}.*`),
  '$JS.API.STREAM.NAMES', '$JS.API.STREAM.LIST',
  ...['CREATE.*', 'INFO.*', 'DELETE.*'].map((act) => `$JS.API.STREAM.TEMPLATE.${act}`), '$JS.API.STREAM.TEMPLATE.NAMES',
  '$JS.API.CONSUMER.CREATE.*', '$JS.API.CONSUMER.CREATE.*.*', '$JS.API.CONSUMER.CREATE.*.*.*',
  '$JS.API.CONSUMER.NAMES.*', '$JS.API.CONSUMER.LIST.*',
  ...['DURABLE.CREATE', 'INFO', 'DELETE', 'PAUSE', 'RESET', 'UNPIN', 'LEADER.STEPDOWN', 'MSG.NEXT']
    .map((act) => `$JS.API.CONSUMER.${act}.*.*`),
  '$JS.API.DIRECT.GET.*', '$JS.API.DIRECT.GET.*.*', '$JS.ACK.*.*.1.1.1.1.1', '$JS.FC.*.*.*',
]

const binaryPath = (): string => isAbsolute(natsBinary) ? natsBinary
  : (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, natsBinary)).find(existsSync) ?? natsBinary

/** Patterns in the program of the server that is used: a newer one may have more than the table. */
export const subjectsOfServer = (): readonly string[] => {
  const text = readFileSync(binaryPath(), 'latin1')
  const found = text.match(/\$JS\.API(?:\.(?:[A-Z_]{2,}|\*|>|%s))+/g) ?? []
  return [...new Set(found)].map((pattern) => pattern.replaceAll('%s', '*').replace(/\.>$/, '.*'))
}

/** The first name of a pattern is each of these, and the others are `x`. */
export const withNames = (patterns: readonly string[], names: readonly string[]): readonly string[] =>
  [...new Set(patterns.flatMap((pattern) => names.map((name) => pattern.replace('*', name).replaceAll('*', 'x'))))]
