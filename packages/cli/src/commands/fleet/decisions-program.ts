/** `lsm fleet decisions` and its options. */
import { Option } from 'commander'
import type { Command } from 'commander'
import { collectList, examples } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { withStoreOptions } from './store-options.ts'

export const addDecisions = (fleet: Command, io: Io, done: (code: number) => void): void => {
  withStoreOptions(fleet.command('decisions'))
    .description('Lists decisions of all hosts, each once, and the gaps between them; counts them by fields.')
    .argument('[filter]', 'as `module = selinux and verdict = deny`; all of them without one')
    .option('--since <time>', 'only those since then: 90s, 30m, 1h, 7d, or 2026-12-01T08:00:00Z')
    .option('--host <name>', 'only of this host')
    .option('--by <fields>', 'counts them by these fields: module,path (may be repeated)', collectList)
    .option('--follow', 'goes on with those that come, until it is interrupted')
    .addOption(new Option('--format <name>', 'lines of JSON: as they are, of flat fields, or in a format of others')
      .choices(['jsonl', 'fields', 'ocsf', 'otel']))
    .option('--sql <query>', 'asks DuckDB about the table `decisions`; needs @duckdb/node-api')
    .option('--parquet <file>', 'writes the table as Parquet; needs @duckdb/node-api')
    .addHelpText('after', examples(
      'lsm fleet decisions \'module = selinux and verdict = deny\' --store /var/lib/fleet --since 1h',
      'lsm fleet decisions \'verdict in (deny, would-deny)\' -s nats://10.0.0.1:4222 --by host,module',
      'lsm fleet decisions -s /var/lib/fleet --sql \'select host, count(*) from decisions group by host\'',
      'lsm fleet decisions -s /var/lib/fleet --format ocsf > events.jsonl',
    ))
    .action(async (filter: string | undefined, options) => {
      const { decisionsCommand } = await import('./decisions.ts')
      done(await decisionsCommand(io, filter ?? '', options))
    })
}
