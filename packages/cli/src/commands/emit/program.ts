/** `lsm emit` and `lsm import`, with their options. */
import { Option } from 'commander'
import type { Command } from 'commander'
import { collectList, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'

/** As `formatNames` of the package, which help does not load; a test compares them. */
export const FORMATS = [
  'landlockconfig', 'landlockconfig-toml', 'sandbox-runtime', 'oci', 'docker', 'systemd', 'bubblewrap', 'apparmor',
  'k8s',
]

export const addEmit = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('emit')
    .description('Writes the policy of a box for another wall: Landlock, seccomp, AppArmor, systemd, bwrap and others.')
    .argument('<policy>', 'a policy as lsm sandbox takes it; - for stdin')
    .addOption(new Option('--to <format>', 'what to write').choices(FORMATS).makeOptionMandatory())
    .option('--accept <ids>', 'what may be left unsaid: a,b (may be repeated)', collectList)
    .option('--out <folder>', 'where to write the text, and the files that belong to it')
    .option('--prove', 'asks the policy and the text 10,000 questions, and lists those with different answers')
    .option('--json', JSON_TEXT)
    .addHelpText('after', `
Each line of the policy that the format cannot say is listed. While one is not accepted nothing is written, and the
command ends with 1.`)
    .addHelpText('after', examples(
      'lsm emit policy.json --to systemd --prove',
      'lsm emit policy.json --to docker --accept paths,ports,outside,host-calls > seccomp.json',
      'lsm emit policy.json --to bubblewrap --accept no-exec,host-calls --out wall',
    ))
    .action(async (policy: string, options) => {
      const { emitCommand } = await import('./emit.ts')
      done(emitCommand(io, policy, options))
    })
}

export const addImport = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('import')
    .description('Reads a file of another wall as the policy of a box, and lists what could not be taken.')
    .argument('<file>', 'a file of one of the formats; - for stdin')
    .addOption(new Option('--from <format>', 'its format (default: found by its contents)').choices(FORMATS))
    .option('--diff <policy>', 'prints what it permits otherwise than this policy; ends with 1 when there is something')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm import landlock.toml > policy.json', 'lsm import my.service --from systemd',
      'lsm import srt-settings.json --diff policy.json',
    ))
    .action(async (file: string, options) => {
      const { importCommand } = await import('./import.ts')
      done(importCommand(io, file, options))
    })
}
