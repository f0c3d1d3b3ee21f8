/** The texts of `--allow-host`, read without the packages that need them: every command reads the options of all. */
import type { HostRule } from '@lsmkit/sandbox/hosts'
import { CommandError } from '../command-error.ts'

interface GivenHost {
  readonly rule: HostRule
  readonly host: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  /** An address or a range, as given. */
  readonly led: string | null
}

export const HOST_HINT =
  '--allow-host api.github.com:443, *.npmjs.org:443, time.example:123/udp, or db.internal:5432=10.1.0.7'

export const parseHost = (text: string): GivenHost => {
  const [, host = '', digits = '', named = 'tcp', led = null] =
    /^(.*):(\d{1,5})(?:\/(tcp|udp))?(?:=(.+))?$/.exec(text) ?? []
  const port = Number(digits)
  if (host === '' || port === 0) throw new CommandError('usage', `\`${text}\` is not a host and a port`, HOST_HINT)
  const protocol: GivenHost['protocol'] = named === 'udp' ? 'udp' : 'tcp'
  const rule = led === null ? text : { host, port, protocol, addresses: [led] }
  return { rule, host, port, protocol, led }
}

/** The ports of TCP of such texts. */
export const portsOfHosts = (texts: readonly string[]): number[] =>
  texts.map(parseHost).filter(({ protocol }) => protocol === 'tcp').map(({ port }) => port)
