/** `lsm learn` and its options. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { collect, collectList, completing, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { reporterOption } from '../../reporter-choice.ts'

/** Who learns, for help without them. */
const LEARNED = ['apparmor', 'capability', 'landlock', 'smack', 'selinux', 'sandbox']

export const addLearn = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('learn')
    .description('Proposes policy for the refusals in a log or a scenario, for each module that has some.')
    .argument('[log]', 'audit or kernel log, JSON of lsm run --audit, or a scenario (run permissive); - for stdin')
    .addOption(completing('--for <modules>', 'of these modules alone', LEARNED)
      .argParser(collectList))
    .option('--smack-rules <file>', 'rules of Smack that are in force: they are added to (may be repeated)', collect)
    .option('-p, --policy <policy>', 'policy of SELinux in force: what it allows by now is left out')
    .option('-s, --source <file>', 'CIL of that policy: its assertions are checked with the rules (may be repeated)',
      collect)
    .option('-g, --generalise', 'adds the permissions of SELinux that usually go together')
    .option('--domain <name>', 'writes a whole domain of SELinux; without a log a permissive one to record with')
    .option('--program <path>', 'the program of the domain')
    .option('--from <type>', 'the domain that starts it, if the log does not show it')
    .option('--base <policy>', 'policy of a box that `--for sandbox` adds to: its mounts, limits and the rest stand')
    .argument('[command...]', 'a native program and its arguments: it is run and watched, and its needs are the policy')
    .option('--json', JSON_TEXT)
    .addOption(reporterOption())
    .passThroughOptions()
    .addHelpText('after', `
Nothing is applied. Each proposal stands under what it was seen for, what it permits beyond that, and what would do
instead; BROAD marks those to read twice. Ends with 1 when something forbids a proposal: an assertion, a constraint;
and with 3 for an empty log.`)
    .addHelpText('after', examples(
      'lsm run --permissive-lsm smack --audit log.jsonl program.wasm && lsm learn log.jsonl',
      'lsm learn --for smack --smack-rules /etc/smack/accesses.d scenario.yaml',
      'lsm learn /var/log/audit/audit.log --policy policy.34 --source policy/',
      'lsm learn log.jsonl --for sandbox --base box.json > policy.json',
      'lsm learn -- npm install > policy.json',
      'lsm learn --domain web --program /usr/bin/web --policy policy.34 audit.log > web.cil',
    ))
    .action(async (log: string | undefined, command: string[], options) => {
      if (isCommand(io, log, command)) {
        const { recordCommand } = await import('./record.ts')
        return done(await recordCommand(io, [log!, ...command], options))
      }
      const { learnCommand } = await import('./learn.ts')
      done(learnCommand(io, log, options))
    })
}

/** Several words are a program with its arguments, and so is one that is not a file. */
const isCommand = ({ cwd }: Io, first: string | undefined, rest: readonly string[]): boolean =>
  first !== undefined && first !== '-' && (rest.length > 0 || (/^[\w.+-]+$/.test(first) && !existsSync(resolve(cwd, first)) &&
    !/\.(log|jsonl?|ya?ml|txt)$/.test(first)))
