/** `lsm kernels …` and its options. */
import type { Command } from 'commander'
import { collect, completing, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { kernelNames, moduleNames } from '../../module-names.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { addChangeOptions } from '../../run/world-options.ts'

const EXITS = `
Ends with 0 when nothing changes, 1 when something does, 2 for wrong usage, 3 for a file that cannot be read, and where
nothing changes as far as it could be judged.`

/** `done` is called with the exit code. */
export const addKernels = (program: Command, io: Io, done: (code: number) => void): void => {
  const stacks = completing('--stack <stack>', 'modules with commas between, or boot arguments (may be repeated)',
    [...moduleNames, 'bpf'])
  stacks.argParser(collect)
  const diff = program
    .command('kernels')
    .description('The kernel releases that a stack may follow, and what changes from one to another.')
    .command('diff')
    .description('Lists what another kernel release changes: hooks and rules, or what it means for your own things.')
    .argument('<from>', `a release: ${kernelNames.join(', ')}; for objects also older ones`)
    .argument('<to>', 'another one')
    .option('-p, --policy <file>', 'what changes for a policy of any module (may be repeated)', collect)
    .addOption(stacks)
    .addOption(completing('--lsm <names>', 'the same as --stack with modules', [...moduleNames, 'bpf']))
    .option('--object <file>', 'what changes for the programs of a BPF object (may be repeated)', collect)
    .option('--btf <path>', 'types of the kernels for objects: a folder of RELEASE.btf, or an archive')
  addChangeOptions(diff)
    .addOption(reporterOption())
    .option('--json', JSON_TEXT)
    .addHelpText('after', EXITS)
    .addHelpText('after', examples(
      'lsm kernels diff 6.12 7.3', 'lsm kernels diff 6.12 7.3 --policy policy.33',
      'lsm kernels diff 6.12 6.18 --stack lsm=landlock,selinux,bpf',
      'lsm kernels diff 6.12 7.3 --object watch.o --json',
    ))
    .action(async (from: string, to: string, options) => {
      const { kernelsDiffCommand } = await import('./diff.ts')
      done(await kernelsDiffCommand(io, from, to, options))
    })
}
