/** The command line of `lsmkit-mcp`. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { HttpOptions } from './http.ts'

export const help = `lsmkit-mcp [--policy FILE] [FOLDER]
lsmkit-mcp --http [ADDRESS:]PORT --token-file FILE [--policy FILE] [FOLDER]
lsmkit-mcp wrap --policy FILE -- SERVER ARGS...

Serves the tools read_file, write_file, list, bash and run_wasm, and the files
that may be read as resources, to an MCP client over stdio. FOLDER (the current
one unless given) is /project in their box. FILE is a policy as JSON; without it
the folder may be read, the shell's commands run, and nothing is written.

  --http [ADDRESS:]PORT  serve over HTTP at /mcp; ADDRESS is else 127.0.0.1
  --token-file FILE      the bearer token that each request must carry
  --no-token             serve all programs of this machine
  --host NAME            a name by which clients call it; may be repeated
  --origin NAME          the host of a page that may call it; may be repeated
`

export interface CommandLine {
  readonly folder: string
  readonly policy: string | undefined
  /** Null: over stdio. */
  readonly http: HttpOptions | null
}

const ADDRESS = /^(?:(.+):)?(\d{1,5})$/

/** Throws Error with a sentence for the user. `help` where that was asked for. */
export const commandLine = (args: readonly string[]): CommandLine | 'help' => {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true,
    options: {
      policy: { type: 'string' }, http: { type: 'string' }, 'token-file': { type: 'string' },
      'no-token': { type: 'boolean' }, host: { type: 'string', multiple: true },
      origin: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return 'help'
  if (positionals.length > 1) throw new Error('one folder; --help says more')
  const { policy, http, host, origin } = values
  const [folder = '.'] = positionals
  if (http === undefined) {
    const other = ['token-file', 'no-token', 'host', 'origin'].find((name) => name in values)
    if (other !== undefined) throw new Error(`--${other} is for --http`)
    return { folder, policy, http: null }
  }
  const [, address = '127.0.0.1', port] = ADDRESS.exec(http) ?? []
  if (port === undefined) throw new Error('--http takes a port, or an address and a port: 127.0.0.1:8080')
  return {
    folder, policy,
    http: {
      address: address.replace(/^\[(.*)\]$/, '$1'), port: Number(port), hosts: host ?? [], origins: origin ?? [],
      token: tokenOf(values['token-file'], values['no-token'] === true),
    },
  }
}

const tokenOf = (file: string | undefined, isOpen: boolean): string | null => {
  if ((file === undefined) !== isOpen) throw new Error('--http needs either --token-file or --no-token')
  return file === undefined ? null : readFileSync(file, 'utf8').trim()
}
