/** `--allow-host HOST:PORT[=ADDRESS]`: hosts of the network that a program may connect to, by name. */
import { isIP } from 'node:net'
import { lookup } from 'node:dns/promises'
import type { DenialRecord } from '@lsmkit/core'
import { OptionError } from '@lsmkit/core'
import { hostAccess, hostText } from '@lsmkit/sandbox/hosts'
import type { GatewayRefusal, HostAccess } from '@lsmkit/sandbox/hosts'
import { CommandError } from '../command-error.ts'
import { HOST_HINT, parseHost } from './host-text.ts'

/** Throws a usage error for a text of another shape. An address behind `=` is where the name leads. */
export const allowHosts = (texts: readonly string[]): HostAccess => {
  const all = texts.map(parseHost)
  const pinned = new Map(all.flatMap(({ host, led }) =>
    (led !== null && isIP(led) !== 0 ? [[host, led] as const] : [])))
  const resolve = async (name: string): Promise<readonly string[]> => {
    const known = pinned.get(name)
    if (known !== undefined) return [known]
    return (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address)
  }
  try {
    return hostAccess({ hosts: all.map(({ rule }) => rule), network: { resolve } })
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    throw new CommandError('usage', error.summary, error.hint ?? HOST_HINT)
  }
}

/** A refusal of a host as a sentence; null for any other. */
export const hostSentence = ({ lsm, details, reason }: DenialRecord): string | null =>
  lsm === 'hosts' && typeof details?.['host'] === 'string' && typeof details['port'] === 'number'
    ? refusalSentence({
      host: details['host'], port: details['port'], protocol: details['protocol'] === 'udp' ? 'udp' : 'tcp',
      why: reason ?? '',
    })
    : null

export const refusalSentence = (
  { host, port, protocol, why }: Pick<GatewayRefusal, 'host' | 'port' | 'protocol' | 'why'>,
): string =>
  `\`${hostText(host, port, protocol)}\`: connect refused, ${why}`
