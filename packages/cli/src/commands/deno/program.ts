/** `lsm deno` and its options. */
import type { Command } from 'commander'
import { examples } from '../../command-help.ts'
import type { Io } from '../../io.ts'

export const addDeno = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('deno')
    .description('Runs Deno with a policy that decides about each access, and a sentence for each refusal.')
    .argument('[args...]', 'arguments of Deno: run app.ts')
    .option('--policy <file>', 'allow, mounts, env; folders are named from where it lies')
    .option('--deno <program>', 'the program to run', 'deno')
    .option('--records <file>', 'writes every decision, a line of JSON each')
    .option('-q, --quiet', 'nothing on stderr but what Deno writes')
    .passThroughOptions()
    .addHelpText('after', `
Deno asks by its permission broker, which is experimental. Its own --allow options do not count then. Programs that it
starts are not confined. Variables of yours are not handed on.`)
    .addHelpText('after', examples(
      'lsm deno --policy policy.json -- run app.ts', 'lsm deno --policy policy.json --records log.jsonl -- test',
    ))
    .action(async (args: string[], options) => {
      const { denoCommand } = await import('./deno.ts')
      done(await denoCommand(io, args, options))
    })
}
