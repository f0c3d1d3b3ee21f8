/** `lsm fleet …` and its options. */
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { collect, collectList, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { addDecisions } from './decisions-program.ts'
import { addPermissions } from './permissions-program.ts'
import { addRollout } from './rollout-program.ts'

const FILE = 'a bundle, .lsmb'

const wholeNumber = (text: string): number => {
  const number = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('it is a whole number.')
}

type Done = (code: number) => void

const addBuild = (bundle: Command, io: Io, done: Done): void => {
  bundle
    .command('build')
    .description('Builds an unsigned bundle of a folder; the same files give the same bytes.')
    .argument('<folder>', 'bundle.json, and policies, scenarios and questions in their places')
    .requiredOption('-o, --out <file>', 'the bundle')
    .option('--epoch <n>', 'in place of that in bundle.json', wholeNumber)
    .option('--expires <time>', 'in place of that in bundle.json: 2026-12-31T00:00:00Z')
    .option('--back <file>', 'an earlier bundle to which a host may be brought back (may be repeated)', collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm fleet bundle build policy -o policy.lsmb',
      'lsm fleet bundle build policy -o new.lsmb --epoch 8 --back old.lsmb',
    ))
    .action(async (folder: string, options) => {
      const { buildCommand } = await import('./bundle.ts')
      done(await buildCommand(io, folder, options))
    })
}

const addSign = (bundle: Command, io: Io, done: Done): void => {
  bundle
    .command('keygen')
    .description('Makes a key pair: NAME.key is yours alone, NAME.pub is for hosts.')
    .argument('<name>', 'path of both files, without their ends')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm fleet bundle keygen keys/alice'))
    .action(async (name: string, options) => {
      const { keygenCommand } = await import('./bundle.ts')
      done(await keygenCommand(io, name, options))
    })
  bundle
    .command('sign')
    .description('Adds a signature to a bundle, in place.')
    .argument('<file>', FILE)
    .requiredOption('-k, --key <file>', 'a secret key, NAME.key (may be repeated)', collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm fleet bundle sign policy.lsmb --key keys/alice.key'))
    .action(async (file: string, options) => {
      const { signCommand } = await import('./bundle.ts')
      done(await signCommand(io, file, options))
    })
}

const addVerify = (bundle: Command, io: Io, done: Done): void => {
  bundle
    .command('verify')
    .description('Checks a bundle as a host does, compiles it, and runs its scenarios and questions; 1 if one fails.')
    .argument('<file>', FILE)
    .requiredOption('-k, --key <file>', 'a public key that hosts trust, NAME.pub (may be repeated)', collect)
    .option('--needed <n>', 'signatures that have to be there', wholeNumber, 1)
    .option('--tenant <name>', 'the tenant of the host')
    .option('--feature <names>', 'features that the host has: a,b (may be repeated)', collectList)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm fleet bundle verify policy.lsmb --key keys/alice.pub --key keys/bob.pub --needed 2',
    ))
    .action(async (file: string, options) => {
      const { verifyCommand } = await import('./bundle.ts')
      done(await verifyCommand(io, file, options))
    })
}

const addReading = (bundle: Command, io: Io, done: Done): void => {
  bundle
    .command('inspect')
    .description('Lists the manifest of a bundle, its parts, and the keys that say to have signed it.')
    .argument('<file>', FILE)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm fleet bundle inspect policy.lsmb'))
    .action(async (file: string, options) => {
      const { inspectCommand } = await import('./bundle.ts')
      done(inspectCommand(io, file, options))
    })
  bundle
    .command('diff')
    .description('Describes in words how a bundle differs from another one; ends with 1 when they differ.')
    .argument('<before>', FILE)
    .argument('<after>', FILE)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm fleet bundle diff old.lsmb new.lsmb'))
    .action(async (before: string, after: string, options) => {
      const { diffCommand } = await import('./bundle.ts')
      done(await diffCommand(io, before, after, options))
    })
}

/** `done` is called with the exit code. */
export const addFleet = (program: Command, io: Io, done: Done): void => {
  const fleet = program.command('fleet').description('One signed policy over many hosts.')
  const bundle = fleet.command('bundle')
    .description('Bundles: policies in one signed file, with scenarios and questions that they have to pass.')
  for (const add of [addBuild, addSign, addVerify, addReading]) add(bundle, io, done)
  addRollout(fleet, io, done)
  addPermissions(fleet, io, done)
  addDecisions(fleet, io, done)
}
