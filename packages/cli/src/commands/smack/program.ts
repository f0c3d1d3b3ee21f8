/** `lsm smack …` and its options. */
import type { Command } from 'commander'
import { collect, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { watchOption } from '../../watch-option.ts'
import type { QuestionOptions } from './question.ts'

const FILES_TEXT = 'rule files, folders of them as /etc/smack/accesses.d, or - for stdin'

const addCheck = (smack: Command, io: Io, done: (code: number) => void): void => {
  smack
    .command('check')
    .description('Finds lines that are not rules, and rules that will not do what they seem to.')
    .argument('<files...>', FILES_TEXT)
    .option('--json', JSON_TEXT)
    .addOption(reporterOption())
    .addOption(watchOption())
    .addHelpText('after', '\nEnds with 1 when there are warnings, with 3 when the kernel would refuse a line.')
    .addHelpText('after', examples('lsm smack check /etc/smack/accesses.d', "echo 'A B rx' | lsm smack check -"))
    .action(async (files: string[], options) => {
      const { checkCommand } = await import('./check.ts')
      done(checkCommand(io, files, options))
    })
}

export const addSmack = (program: Command, io: Io, done: (code: number) => void): void => {
  const smack = program
    .command('smack')
    .description('Rules of Smack: checks them, asks them, explains an answer, writes them for load2.')
    .addHelpText('after', `
A rule is a line \`subject object modes\`, as load2 takes it, or \`subject object allow deny\`, as change-rule does;
# starts a comment.`)
  addCheck(smack, io, done)
  const ask = (name: string, description: string): Command =>
    smack
      .command(name)
      .description(description)
      .argument('<subject>', 'label of whoever asks')
      .argument('<object>', 'label of what is asked for')
      .argument('<modes>', 'letters of r w x a t l b; - for an empty request')
      .option('--rules <file>', 'rules of the system; a folder of them or - for stdin too (may be repeated)', collect)
      .option('--self-rules <file>', 'rules the task has set for itself with load-self2 (may be repeated)', collect)
      .option('--override', 'the task holds CAP_MAC_OVERRIDE')
      .option('--onlycap <labels>', 'labels whose tasks may use their capabilities: A,B')
      .option('--unconfined <label>', 'the unconfined label')
      .option('--json', JSON_TEXT)
  ask('access', 'Answers whether a label may access another in these modes: ends with 0 or 1.')
    .addHelpText('after', examples(
      'lsm smack access --rules rules Browser Secrets r', 'lsm smack access _ _ rwx && echo yes',
    ))
    .action(async (subject: string, object: string, modes: string, options: QuestionOptions) => {
      const { accessCommand } = await import('./access.ts')
      done(accessCommand(io, subject, object, modes, options))
    })
  ask('explain', 'Explains why a label may or may not access another: the built-in step or the rule, and its line.')
    .addHelpText('after', examples(
      'lsm smack explain --rules rules Browser Secrets rw',
      'lsm smack explain --rules rules --override --onlycap System Browser Secrets r',
    ))
    .action(async (subject: string, object: string, modes: string, options: QuestionOptions) => {
      const { explainAccessCommand } = await import('./access.ts')
      done(explainAccessCommand(io, subject, object, modes, options))
    })
  smack
    .command('export')
    .description('Writes the rules that the files add up to, as text for load2 of a kernel.')
    .argument('<files...>', FILES_TEXT)
    .option('--json', `${JSON_TEXT}: the text, and the same cut into writes`)
    .addHelpText('after', examples('lsm smack export rules.d > load2.txt'))
    .action(async (files: string[], options) => {
      const { exportCommand } = await import('./export.ts')
      exportCommand(io, files, options)
    })
}
