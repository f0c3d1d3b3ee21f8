/** `lsm learn` and its options. */
import type { Command } from 'commander'
import { collect, collectList, completing, examples, JSON_TEXT } from '../../command-help.ts'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { LOCAL_TEXT } from '../../local-text.ts'
import { reporterOption } from '../../reporter-choice.ts'

/** Who learns, for help without them. */
const LEARNED = ['apparmor', 'capability', 'landlock', 'smack', 'selinux', 'sandbox']

export const addLearn = (
  program: Command, io: Io, done: (code: number) => void, args: readonly string[],
): void => {
  program
    .command('learn')
    .description('Proposes policy for the refusals in a log or a scenario, for each module that has some.')
    .argument('[log]', 'audit or kernel log, JSON of lsm run --audit, or a scenario (run permissive); - for stdin')
    .argument('[command...]', 'after --, a native program: it is run and watched, and its needs are the policy')
    .addOption(completing('--for <modules>', 'of these modules alone', LEARNED)
      .argParser(collectList))
    .option('--smack-rules <file>', 'rules of Smack that are in force: they are added to (may be repeated)', collect)
    .option('-p, --policy <policy>', 'policy of SELinux in force: what it allows by now is left out')
    .option('-s, --source <file>', 'CIL of that policy: its assertions are checked with the rules (may be repeated)',
      collect)
    .option('--file-contexts <file>',
      'labels of SELinux that paths should have, of the installed policy unless named: wrong ones come before any rule')
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('-g, --generalise', 'adds the permissions of SELinux that usually go together')
    .option('--domain <name>', 'writes a whole domain of SELinux; without a log a permissive one to record with')
    .option('--program <path>', 'the program of the domain')
    .option('--from <type>', 'the domain that starts it, if the log does not show it')
    .option('--devel [folder]', 'writes the domain as .te, .if and .fc with calls of interfaces in the headers of a ' +
      'policy, of /usr/share/selinux/devel unless named')
    .option('--interfaces <folder>', 'the same with your own interfaces (.if) (may be repeated)', collect)
    .option('-o, --output <folder>', 'where the files of the domain go')
    .option('--from-fleet <store>', 'in place of a log: decisions of all hosts, of a folder or nats://HOST:PORT,…')
    .option('--since <time>', 'of a fleet: only those since 1h, 7d, or a date')
    .option('--credentials <file>', 'of a fleet: credentials file of a user of NATS')
    .option('--base <policy>', 'policy of a box that `--for sandbox` adds to: its mounts, limits and the rest stand')
    .option('--ruleset', 'prints the ruleset of Landlock in JSON: lsm run --landlock, policy simulate and diff read it')
    .option('--json', JSON_TEXT)
    .addOption(reporterOption())
    .addHelpText('after', `
Nothing is applied. Each proposal stands under what it was seen for, what it permits beyond that, and what would do
instead; BROAD marks those to read twice. Ends with 1 when something forbids a proposal: an assertion, a constraint;
and with 3 for an empty log.`)
    .addHelpText('after', examples(
      'lsm run --permissive-lsm smack --audit log.jsonl program.wasm && lsm learn log.jsonl',
      'lsm learn --for smack --smack-rules /etc/smack/accesses.d scenario.yaml',
      'lsm learn /var/log/audit/audit.log --policy policy.34 --source policy/',
      'lsm learn log.jsonl --for sandbox --base box.json > policy.json',
      'lsm learn log.jsonl --ruleset > ruleset.json && lsm run --landlock ruleset.json program.wasm',
      'lsm learn --from-fleet /var/lib/fleet --since 24h --for sandbox',
      'lsm learn -- npm install > policy.json',
      'lsm learn --domain web --program /usr/bin/web --policy policy.34 audit.log > web.cil',
      'lsm learn --domain web --program /usr/bin/web --policy policy.34 audit.log --devel -o web',
    ))
    .action(async (log: string | undefined, more: string[], options) => {
      const command = commandOf(args, [...log === undefined ? [] : [log], ...more])
      if (command === null) {
        const { learnCommand, learnFromFleet } = await import('./learn.ts')
        if (options.fromFleet !== undefined) return done(await learnFromFleet(io, log, options))
        for (const name of ['since', 'credentials'] as const) {
          if (options[name] === undefined) continue
          throw new CommandError('usage', `\`--${name}\` is of a fleet`, '--from-fleet')
        }
        return done(learnCommand(io, log, options))
      }
      for (const name of Object.keys(options)) {
        if (OF_COMMANDS.has(name)) continue
        throw new CommandError('usage', `\`--${dashed(name)}\` is of a log, not of a program`, 'leave it out')
      }
      const { recordCommand } = await import('./record.ts')
      done(await recordCommand(io, command, options))
    })
}

/** Options of `lsm learn -- PROGRAM`. */
const OF_COMMANDS = new Set(['base', 'json'])

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The program and its arguments, which stand behind `--`; null for a log. */
const commandOf = (args: readonly string[], words: readonly string[]): readonly string[] | null => {
  const command = args.includes('--') ? args.slice(args.indexOf('--') + 1) : []
  const excess = words.length - command.length - (command.length === 0 ? 1 : 0)
  if (excess > 0) throw new CommandError('usage', 'one log, or one program behind `--`', 'lsm learn -- npm install')
  return command.length === 0 ? null : command
}
