/** Options of `lsm selinux lint`, `fmt` and `lsp`. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { collect, collectList, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { reporterOption } from '../../reporter-choice.ts'

/** A source that follows `--devel` is meant as an argument, and would be taken for its folder. */
const develFolder = (text: string): string => {
  if (!/\.(te|if|fc|cil|pp)$/.test(text)) return text
  throw new InvalidArgumentError(`it takes a folder, and \`${text}\` is a source: sources stand before --devel`)
}

export const develOption = (more = '', isChecked = true): Option => {
  const option = new Option('--devel [folder]', `headers of a policy, of /usr/share/selinux/devel unless named${more}`)
  return isChecked ? option.argParser(develFolder) : option
}

const levels = ['convention', 'style', 'warning', 'error', 'fatal']

export const addSourceTools = (selinux: Command, io: Io, done: (code: number) => void): void => {
  addLint(selinux, io, done)
  addFmt(selinux, io, done)
  addLsp(selinux, io, done)
}

const addLsp = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('lsp')
    .description('A language server for policy sources, over stdin and stdout: editors start it.')
    .addOption(develOption())
    .addHelpText('after', '\nThe sources of the folders that the editor has open count, and those of --devel.')
    .action(async (options) => {
      const { lspCommand } = await import('./lsp.ts')
      done(await lspCommand(io, options))
    })
}

const addFmt = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('fmt')
    .description('Formats policy sources as refpolicy writes them; they compile to the same bytes.')
    .argument('<files...>', '.te, .if and .fc files, folders of them, or - for stdin')
    .option('--check', 'prints the files that are not in their form, and ends with 1 when there are some')
    .option('--write', 'writes the files back, each of them whole or not at all')
    .addOption(new Option('--kind <kind>', 'of stdin').choices(['te', 'if', 'fc']).default('te'))
    .addOption(reporterOption())
    .addHelpText('after', '\nEnds with 3 when a file cannot be parsed; then no file is written.')
    .addHelpText('after', examples('lsm selinux fmt own.te', 'lsm selinux fmt --check policy/modules'))
    .action(async (files: string[], options) => {
      const { fmtCommand } = await import('./fmt.ts')
      done(fmtCommand(io, files, options))
    })
}

const addLint = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('lint')
    .description('Checks policy sources with selint\'s checks, by its codes.')
    .argument('[paths...]', '.te, .if and .fc files, and folders of them')
    .option('-e, --enable <code>', 'a check that is off by itself (may be repeated)', collectList)
    .option('-d, --disable <code>', 'a check that is on (may be repeated)', collectList)
    .option('-E, --only-enabled', 'only the checks of --enable')
    .option('-c, --config <file>', 'a configuration in the form of selint.conf')
    .option('--context <path>', 'a file or folder of the same policy, which is read and not checked (may be repeated)',
      collect)
    .addOption(develOption())
    .option('-s, --source', 'the files are a whole policy, as a folder of refpolicy is: unknown names are mistakes')
    .addOption(new Option('-l, --level <level>', 'the least severity that counts').choices(levels))
    .option('--list', 'prints the checks instead: code, whether it is on by itself, what it is about')
    .option('--json', JSON_TEXT)
    .addOption(reporterOption())
    .addHelpText('after', '\nA comment behind a statement, or behind what opens a block, switches checks off for it:' +
      '\n  allow own_t self:process ptrace; # selint-disable: W-001, C-005')
    .addHelpText('after', '\nEnds with 1 when there is a finding, with 3 when a file cannot be parsed (F-001).')
    .addHelpText('after', examples(
      'lsm selinux lint own.te own.if own.fc --devel',
      'lsm selinux lint refpolicy -e C-001,C-006 --reporter sarif=lint.sarif',
    ))
    .action(async (paths: string[], options) => {
      const { lintCommand } = await import('./lint.ts')
      done(lintCommand(io, paths, options))
    })
}
