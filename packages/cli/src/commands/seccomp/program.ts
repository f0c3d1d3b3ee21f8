/** `lsm seccomp …` and its options. */
import type { Command } from 'commander'
import { collectList, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { watchOption } from '../../watch-option.ts'

export const addSeccomp = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('seccomp')
    .description('Seccomp profiles of OCI and Docker: checks them, and asks them about calls.')
    .command('check')
    .description('Finds rules that do nothing, profiles under which nothing starts, and calls that are refused.')
    .argument('<profile>', 'JSON of OCI or Docker, or a config.json of OCI; - for stdin')
    .argument('[calls...]', 'calls to ask about: openat, or with arguments, socket(2,1,0)')
    .option('--program-needs <log>', 'a log of strace -f, or audit records of seccomp: its calls are asked about')
    .option('--cap <names>', 'capabilities of the container: sys_admin,net_raw (may be repeated)', collectList)
    .option('--arch <name>', 'its architecture, as Go names it, for includes and excludes (default: amd64)')
    .option('--kernel <version>', 'its kernel, for minKernel (default: 6.12)')
    .addOption(reporterOption())
    .addOption(watchOption())
    .option('--json', JSON_TEXT)
    .addHelpText('after', '\nCalls are those of x86-64. Ends with 1 when one is refused, or a rule is wrong.')
    .addHelpText('after', examples(
      'lsm seccomp check default.json', "lsm seccomp check default.json -- mount 'socket(40,1,0)'",
      'strace -f -o log npm test; lsm seccomp check profile.json --program-needs log',
      'lsm seccomp check default.json --cap sys_admin -- mount',
    ))
    .action(async (profile: string, calls: string[], options) => {
      const { seccompCheckCommand } = await import('./check.ts')
      done(seccompCheckCommand(io, profile, calls, options))
    })
}
