/** `lsm flow` and its options. */
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { collect, collectList, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { LOCAL_TEXT } from '../../local-text.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { watchOption } from '../../watch-option.ts'

const numberTo = (most: number) => (text: string): number => {
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || value < 1 || value > most) {
    throw new InvalidArgumentError(`it is a number from 1 to ${most}`)
  }
  return value
}

const ASSERTIONS = `
A file of --forbid has an assertion a line, and # for comments:
  shadow_t -> httpd_t except passwd_t min-weight 5
  domain httpd_t -> unconfined_t steps 3
\`except\` names what may carry it. Names may be attributes.
Ends with 1 when a flow exists; with --forbid, when a forbidden one does.`

/** `done` is called with the exit code. */
export const addFlow = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('flow')
    .description('Shows where information can get under a policy of SELinux or Smack, and which domain becomes which.')
    .argument('[from]', 'a type, attribute or label')
    .argument('[to]', 'another; without it, what flows from the first in one step')
    .option('-p, --policy <file>', 'a policy of SELinux (binary, .cil, a folder of them), or rules of Smack')
    .option('--min-weight <n>', 'steps of less weight count as none: 1 to 10', numberTo(10), 3)
    .option('--all-paths <n>', 'all paths of at most so many steps, not the shortest alone', numberTo(100))
    .option('--into', 'what flows to FROM, when it is named alone')
    .option('--domain', 'domain transitions instead of information: which domain can become which')
    .option('--forbid <file>', 'flows that must not be, an assertion a line')
    .option('--exclude <names>', 'types or labels that nothing flows through (may be repeated)', collectList)
    .option('--map <file>', 'a permission map in the format of setools')
    .option('--print-map', 'prints our permission map, to start one of your own from')
    .option('--in-force', 'only rules that the booleans of the policy put in force; all rules otherwise')
    .option('--set <name=on>', 'the same with another value of a boolean (may be repeated)', collect)
    .option('--local <path>', `of SELinux: ${LOCAL_TEXT}`, collect)
    .option('--star', 'of Smack: flows through `*` and `@` count too')
    .option('--rules', 'prints the rules of each step')
    .option('--limit <n>', 'the most paths that are listed', numberTo(10_000_000), 10_000)
    .addOption(reporterOption())
    .addOption(watchOption())
    .option('--json', JSON_TEXT)
    .addHelpText('after', ASSERTIONS)
    .addHelpText('after', examples(
      'lsm flow shadow_t httpd_t --policy policy.34 --min-weight 5 --rules',
      'lsm flow --domain httpd_t --policy policy.34', 'lsm flow Secret Web --policy /etc/smack/accesses.d',
      'lsm flow --policy policy.34 --forbid assertions.txt',
    ))
    .action(async (from: string | undefined, to: string | undefined, options) => {
      const { flowCommand } = await import('./flow.ts')
      done(flowCommand(io, from, to, options))
    })
}
