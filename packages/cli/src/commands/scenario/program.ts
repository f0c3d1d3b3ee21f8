/** `lsm scenario` and `lsm replay` and their options. */
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { collect, completing, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { kernelOption } from '../../kernel-option.ts'
import { LOCAL_TEXT } from '../../local-text.ts'
import { moduleNames } from '../../module-names.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { watchOption } from '../../watch-option.ts'
import { MODULE_TEXT } from '../../run/world-rows.ts'

const percent = (text: string): number => {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || value > 100) throw new InvalidArgumentError('it is a number from 0 to 100')
  return value
}

export const addScenario = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('scenario')
    .description('Runs scenario files: which users and files there are, what they do, and what must come of it.')
    .argument('<files...>', 'YAML or JSON, folders and patterns of them; --- between several in a file; - for stdin')
    .option('--module <file>', MODULE_TEXT, collect)
    .addOption(kernelOption('the kernel release whose rules hold, in place of what a scenario says'))
    .option('--all', 'prints every step, not only those that differ')
    .option('--coverage', 'lists which rules of SELinux, Smack and Landlock and which lines of BPF programs were used')
    .option('--lcov <file>', 'writes which lines of CIL policies and of BPF programs were used, for editors')
    .option('--without <type>', 'leaves rules of this SELinux type out of the coverage, as of kernel_t', collect)
    .option('--fail-under <percent>', 'ends with 1 when less of the rules was used', percent)
    .option('--json', `${JSON_TEXT}: every step with what came of it, and the differences`)
    .addOption(reporterOption())
    .addOption(watchOption())
    .addHelpText('after', '\nEnds with 1 when something came out otherwise, and with 3 when a file that you' +
      '\nname is not a scenario. Files of a folder that are not scenarios are skipped.')
    .addHelpText('after', examples(
      'lsm scenario secrets.yaml', 'lsm scenario --all --json scenarios/*.yaml',
      'lsm scenario --reporter pretty --reporter junit=out.xml --reporter sarif=out.sarif scenarios/*.yaml',
    ))
    .action(async (files: string[], options) => {
      const { scenarioCommand } = await import('./scenario.ts')
      done(await scenarioCommand(io, files, options))
    })
}

export const addReplay = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('replay')
    .description('Runs what was recorded under another stack or other rules, and prints the differences.')
    .argument('<file>', 'a scenario, or an audit log (lines of text or of JSON); - for stdin')
    .addOption(completing('--lsm <names>', 'the other stack of a scenario', moduleNames))
    .option('--cmdline <text>', 'its boot arguments: lsm=…, security=…')
    .addOption(kernelOption('the other kernel release of a scenario'))
    .option('--write <path=file>', 'another text for a file of the scenario\'s `write` (may be repeated)', collect)
    .option('-p, --policy <policy>', 'the other policy: of SELinux or Smack; of capabilities or Landlock for a log')
    .option('--local <path>', `of SELinux's policy: ${LOCAL_TEXT}`, collect)
    .option('--smack-rules <file>', 'rules that the accesses of a log are asked of (may be repeated)', collect)
    .option('--json', JSON_TEXT)
    .addOption(reporterOption())
    .addOption(watchOption())
    .addHelpText('after', '\nEnds with 1 when something would change.')
    .addHelpText('after', examples(
      'lsm replay secrets.yaml --lsm yama',
      'lsm replay secrets.yaml --write /sys/fs/smackfs/load2=stricter-rules',
      'lsm replay audit.jsonl --smack-rules new-rules', 'lsm replay audit.log --policy new.34',
    ))
    .action(async (file: string, options) => {
      const { replayCommand } = await import('./replay.ts')
      done(replayCommand(io, file, options))
    })
}
