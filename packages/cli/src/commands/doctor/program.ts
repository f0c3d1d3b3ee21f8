/** `lsm doctor` and its options. */
import type { Command } from 'commander'
import { examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { reporterOption } from '../../reporter-choice.ts'

export const addDoctor = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('doctor')
    .description('Looks at what is installed here and what this host offers, and tries whether policies refuse.')
    .option('--json', `${JSON_TEXT}: every item with its state`)
    .addOption(reporterOption())
    .addHelpText('after', '\nModules that are installed for the working directory are loaded and tried.' +
      '\nEnds with 1 when something is wrong.')
    .addHelpText('after', examples('lsm doctor', 'lsm doctor --json', 'lsm doctor --reporter github'))
    .action(async (options) => {
      const { doctorCommand } = await import('./doctor.ts')
      done(await doctorCommand(io, options))
    })
}
