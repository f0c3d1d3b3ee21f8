/** `lsm kernels …` and its options. */
import type { Command } from 'commander'
import { completing, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { kernelNames, moduleNames } from '../../module-names.ts'

export const addKernels = (program: Command, io: Io): void => {
  program
    .command('kernels')
    .description('The kernel releases that a stack may follow, and what changes from one to another.')
    .command('diff')
    .description('Lists hooks that came, left or changed, and the rules that are others.')
    .argument('<from>', `a release: ${kernelNames.join(', ')}`)
    .argument('<to>', 'another one')
    .addOption(completing('--lsm <names>', 'modules whose hooks are listed that are asked in another way', moduleNames))
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm kernels diff 6.12 7.3', 'lsm kernels diff 6.12 6.18 --lsm selinux,landlock',
      'lsm kernels diff 6.18 7.3 --json',
    ))
    .action(async (from: string, to: string, options) => {
      const { kernelsDiffCommand } = await import('./diff.ts')
      await kernelsDiffCommand(io, from, to, options)
    })
}
