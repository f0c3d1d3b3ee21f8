/** `lsm policy …` and its options. */
import { Option } from 'commander'
import type { Command } from 'commander'
import { collect, collectList, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { kernelOption } from '../../kernel-option.ts'
import { LOCAL_AFTER_TEXT, LOCAL_BOTH_TEXT, LOCAL_TEXT } from '../../local-text.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { watchOption } from '../../watch-option.ts'

const POLICIES =
  'policy of SELinux, profiles of AppArmor, rules of Smack, getcap\'s output, ' +
  'a Landlock ruleset or a box\'s policy in JSON'

/** `done` is called with the exit code. */
export const addPolicy = (program: Command, io: Io, done: (code: number) => void): void => {
  const policy = program.command('policy')
    .description('Policies of any module: changes between two, and the effect of one on the accesses in a log.')
  policy
    .command('diff')
    .description('Describes in words how a policy differs from another one; ends with 1 when they differ.')
    .argument('<before>', POLICIES)
    .argument('<after>', 'another of the same kind')
    .addOption(new Option('--format <name>', 'output format').choices(['text', 'markdown', 'json']).default('text'))
    .option('--brief', 'without the rules behind each change')
    .option('--within <file>', 'policies of boxes: a managed maximum, as lsm sandbox --within')
    .option('--local <path>', `of SELinux, ${LOCAL_BOTH_TEXT}`, collect)
    .option('--local-after <path>', LOCAL_AFTER_TEXT, collect)
    .addOption(reporterOption())
    .addOption(watchOption())
    .option('--json', `${JSON_TEXT}, as --format json`)
    .addHelpText('after', examples(
      'lsm policy diff policy.34 build/policy.34', 'lsm policy diff main/ . --format markdown > comment.md',
      'lsm policy diff box.json new.json --within max.json',
      'lsm policy diff /etc/smack/accesses.d rules.d', 'lsm policy diff policy.34 new.34 --reporter sarif=diff.sarif',
    ))
    .action(async (before: string, after: string, options) => {
      const { policyDiffCommand } = await import('./diff.ts')
      done(policyDiffCommand(io, before, after, options))
    })
  addWithin(policy, io, done)
  addSimulate(policy, io, done)
}

const addWithin = (policy: Command, io: Io, done: (code: number) => void): void => {
  policy
    .command('within')
    .description('Proves that a policy allows nothing that another does not: 1 if it does, 3 without a proof.')
    .argument('<policy>', `${POLICIES}, or the policy of a box`)
    .requiredOption('--max <policy>', 'the maximum, of the same kind')
    .option('--assume <names>', 'no-links: no symbolic link is below the folders of the maximum', collectList)
    .option('--local <path>', `of SELinux, ${LOCAL_BOTH_TEXT}`, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm policy within local.json --max managed.json', 'lsm policy within local.d --max /etc/smack/accesses.d',
      'lsm policy within local.cil --max policy.34 --json',
    ))
    .action(async (name: string, options) => {
      const { policyWithinCommand } = await import('./within.ts')
      done(await policyWithinCommand(io, name, options))
    })
}

const addSimulate = (policy: Command, io: Io, done: (code: number) => void): void => {
  policy
    .command('simulate')
    .description('Lists accesses in a log that a policy would newly deny or allow; ends with 1 if there are any.')
    .requiredOption('-p, --policy <policy>', `${POLICIES}; of a box's policy its hosts`)
    .option('-a, --audit <log>',
      'audit or kernel log, JSON of lsm run --audit or lsm sandbox --json, or a scenario; - for stdin')
    .option('--fleet <time>', 'in place of a log: the decisions of all hosts of a fleet since 24h, 30m, or a date')
    .option('-s, --store <place>', 'of that fleet: a folder, or servers as nats://HOST:PORT,…')
    .option('--credentials <file>', 'credentials file of a user of NATS')
    .option('--local <path>', `of SELinux: ${LOCAL_TEXT}`, collect)
    .addOption(kernelOption('of AppArmor and Landlock: the kernel release that holds the policy (default: 6.12)'))
    .addOption(reporterOption())
    .addOption(watchOption())
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm policy simulate --policy new.34 --audit /var/log/audit/audit.log',
      'lsm policy simulate --policy rules.d --audit audit.jsonl --reporter junit=out.xml',
      'lsm policy simulate --policy box.json --audit run.json',
      'lsm policy simulate --policy new.34 --fleet 24h --store /var/lib/fleet',
    ))
    .action(async (options) => {
      const { simulateCommand } = await import('./simulate.ts')
      done(await simulateCommand(io, options))
    })
}
