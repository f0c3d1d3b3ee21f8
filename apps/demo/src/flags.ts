/** What can be said behind `npm start --`. */
import { parseArgs } from 'node:util'
import { modules, parseLsms } from './stacks.ts'

export interface Flags {
  /** LSMs of the last column. */
  readonly lsms: readonly string[]
  /** Ask at the terminal which they shall be. */
  readonly ask: boolean
  readonly json: boolean
  readonly help: boolean
}

export const usage = `npm start [-- OPTIONS]

  --lsm a,b   LSMs of the last column, in this order (${Object.keys(modules).join(', ')})
  --ask       asks for them at a prompt
  --json      prints the tour as one JSON document
  --help      prints this

Examples: npm start -- --lsm smack,yama
          npm start -- --lsm capability,warden --json`

/** The flags, or what is wrong with them. */
export const parseFlags = (args: readonly string[]): Flags | string => {
  const options = {
    lsm: { type: 'string', default: 'capability,warden' },
    ask: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const
  try {
    const { values } = parseArgs({ args: [...args], options })
    const lsms = parseLsms(values.lsm)
    return typeof lsms === 'string' ? lsms : { lsms, ask: values.ask, json: values.json, help: values.help }
  } catch (error) {
    return (error as Error).message
  }
}
