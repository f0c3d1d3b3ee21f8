/** `lsm fleet rollout …` and its options. */
import type { Command } from 'commander'
import { collect, examples } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import type { Act } from './rollout.ts'
import { withStoreOptions } from './store-options.ts'

type Done = (code: number) => void

const addStart = (rollout: Command, io: Io, done: Done): void => {
  withStoreOptions(rollout.command('start'))
    .description('Begins to bring a signed bundle to hosts, ring by ring. A controller (`run`) does the rest.')
    .argument('<bundle>', 'a bundle, .lsmb')
    .requiredOption('-r, --ring <name=hosts>', 'a ring: web-1,web-2 or @GROUP; the first is the canary', collect)
    .option('-g, --gate <name=value>', 'a setting of the gates: soak=60000 (may be repeated)', collect)
    .option('--first', 'takes hosts that have no bundle yet; they have no way back')
    .addHelpText('after', examples(
      'lsm fleet rollout start new.lsmb --store /var/lib/fleet --ring canary=web-1,web-2 --ring all=@web',
      'lsm fleet rollout start new.lsmb -s nats://10.0.0.1:4222 -r canary=@canary -r all=@web -g leastDecisions=5000',
    ))
    .action(async (file: string, options) => {
      const { startCommand } = await import('./rollout.ts')
      done(await startCommand(io, file, options))
    })
}

const addRun = (rollout: Command, io: Io, done: Done): void => {
  withStoreOptions(rollout.command('run'))
    .description('Controls the rollout until it is done (0) or rolled back (1). Several may run, and any may die.')
    .option('--once', 'looks at the hosts once')
    .addHelpText('after', examples('lsm fleet rollout run --store /var/lib/fleet'))
    .action(async (options) => {
      const { runCommand } = await import('./rollout.ts')
      done(await runCommand(io, options))
    })
  withStoreOptions(rollout.command('status'))
    .description('Shows the step, the hosts and the gate; ends with 1 when it is paused or was rolled back.')
    .option('-w, --watch', 'shows it until it is over: a picture on a terminal, lines of changes elsewhere')
    .option('-d, --denials', 'what the bundle refused, and why, from the log of decisions')
    .addHelpText('after', examples(
      'lsm fleet rollout status --store /var/lib/fleet --watch',
      'lsm fleet rollout status --store /var/lib/fleet --denials --json > fleet.json',
    ))
    .action(async (options) => {
      const { statusCommand } = await import('./rollout.ts')
      done(await statusCommand(io, options))
    })
}

const actions: Readonly<Record<Act, string>> = {
  pause: 'Begins no further step; hosts keep what they have.',
  resume: 'Goes on with a rollout that is paused.',
  back: 'Brings every host back to the bundle that it had, also after the rollout is done.',
}

const addActs = (rollout: Command, io: Io, done: Done): void => {
  for (const [name, text] of Object.entries(actions) as [Act, string][]) {
    const command = withStoreOptions(rollout.command(name)).description(text)
    if (name !== 'resume') command.option('--reason <text>', 'for those who look at it later')
    command
      .addHelpText('after', examples(`lsm fleet rollout ${name} --store /var/lib/fleet`))
      .action(async (options) => {
        const { actCommand } = await import('./rollout.ts')
        done(await actCommand(io, name, options))
      })
  }
}

export const addRollout = (fleet: Command, io: Io, done: Done): void => {
  const rollout = fleet.command('rollout')
    .description('Rollouts: one bundle to many hosts, first permissive on a canary, which stop by themselves.')
  for (const add of [addStart, addRun, addActs]) add(rollout, io, done)
}
