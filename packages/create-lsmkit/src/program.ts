/** The command line: what is not said is asked at a terminal, and has a default elsewhere. */
import { parseArgs } from 'node:util'
import { askFor } from './ask.ts'
import { makeProject, ownAgent, ProjectError } from './make-project.ts'
import { managerOf } from './manager.ts'
import { templates } from './templates.ts'

export interface CreateIo {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
  readonly isTerminal: boolean
}

const width = Math.max(...Object.keys(templates).map((name) => name.length))
const usage = `usage: npm create lsmkit@latest NAME [-- --template TEMPLATE] [--yes]

Makes the folder NAME: a project that tests itself and can be published.

  -t, --template TEMPLATE   one of the list below; lsm unless given
  -y, --yes                 asks nothing
  -h, --help                prints this

templates
${Object.entries(templates).map(([name, { does }]) => `  ${name.padEnd(width)}  ${does}`).join('\n')}

Exit codes: 0 done; 1 the folder could not be made; 2 wrong usage.`

/** Runs one command line and answers the exit code. Never throws for what a person typed. */
export const runCreate = async (args: readonly string[], io: CreateIo): Promise<number> => {
  try {
    const { values, positionals } = parseLine(args)
    if (values.help === true) {
      io.out(usage)
      return 0
    }
    const wish = { name: positionals[0], template: values.template }
    const asks = io.isTerminal && values.yes !== true
    const project = asks ? await askFor(wish) : { name: wish.name ?? 'my-lsm', template: wish.template ?? 'lsm' }
    if (project === null) return 1
    const folder = makeProject(project)
    const { install, test } = managerOf(ownAgent())
    io.out(`\`${folder}\` is made. Go on with:\n\n  cd ${folder}\n  ${install}\n  ${test}\n`)
    return 0
  } catch (error) {
    return complain(io, error)
  }
}

const parseLine = (args: readonly string[]) => {
  const parsed = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      template: { type: 'string', short: 't' },
      yes: { type: 'boolean', short: 'y' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (parsed.positionals.length > 1) throw new UsageError(`one name is enough: ${parsed.positionals.join(' ')}`)
  return parsed
}

class UsageError extends Error {}

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))

const complain = (io: CreateIo, error: unknown): number => {
  if (error instanceof ProjectError) {
    io.error(`error: ${error.summary}`)
    if (error.hint !== null) io.error(`(${error.hint})`)
    return error.code === 'bad-name' || error.code === 'unknown-template' ? 2 : 1
  }
  if (!isUsage(error)) throw error
  io.error(`error: ${error.message}\n(npm create lsmkit@latest -- --help lists the options)`)
  return 2
}
