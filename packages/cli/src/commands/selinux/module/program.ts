/** `lsm selinux module …` and its options. */
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { collect, examples, JSON_TEXT } from '../../../command-help.ts'
import type { Io } from '../../../io.ts'
import { LOCAL_TEXT } from '../../../local-text.ts'

const STORE_TEXT = 'a store: one of ours, or of libsemanage as /var/lib/selinux/default'

const number = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it is a number')
  return Number(text)
}

/** `done` is called with the exit code. */
export const addModuleCommands = (selinux: Command, io: Io, done: (code: number) => void): void => {
  const module = selinux
    .command('module')
    .description('Policy modules: as CIL, onto a policy that is there, in stores.')
    .argument('[file]', 'a module (.pp, .pp.bz2) or a binary policy: printed as CIL')
    .addHelpText('after', examples(
      'lsm selinux module /usr/share/selinux/default/apache.pp.bz2',
      'lsm selinux module add /etc/selinux/default/policy/policy.33 web.pp -o policy.new',
      'lsm selinux module list /var/lib/selinux/default',
    ))
    .action(async (file: string | undefined) => {
      const { showCommand } = await import('./show.ts')
      showCommand(io, file)
    })
  addAdd(module, io, done)
  addStores(module, io, done)
}

const addAdd = (module: Command, io: Io, done: (code: number) => void): void => {
  module
    .command('add')
    .description('Links modules onto a binary policy, or adds them to a store and builds its policy.')
    .argument('<base>', `a binary policy (gzipped too), or ${STORE_TEXT}`)
    .argument('<files...>', 'modules: .pp, .pp.bz2, .cil or .te')
    .option('-o, --output <path>', 'where the policy goes, or the changed store')
    .option('-f, --file-contexts <file>', 'where file_contexts goes')
    .option('--base-contexts <file>', 'file_contexts of the binary policy: the lines of the modules are put into it')
    .option('--interfaces <folder>', 'interfaces (.if) that .te files call (may be repeated)', collect)
    .option('--devel [folder]', 'headers of a policy, of /usr/share/selinux/devel unless named')
    .option('-a, --attribute <name>', 'an attribute that the binary policy left out, without types (may be repeated)',
      collect)
    .option('--literal', 'new types get nothing that is worked out from the types of their attributes')
    .option('--exact', 'writes nothing where the binary policy does not have all that the modules need')
    .option('-m, --multiple-decls', 'names may be declared more than once')
    .option('-N, --no-neverallow', 'does not check neverallow, neverallowx and bounds')
    .option('-O, --optimise', 'leaves out rules that others already cover; of a store it always does')
    .option('--local <path>', `of a binary policy, once the modules are in it: ${LOCAL_TEXT}`, collect)
    .option('--priority <number>', 'of the modules in a store: 1 to 999, 400 unless given', number)
    .option('-p, --policy <file>', 'of a store: where its policy goes')
    .option('--policy-version <number>', 'of a store: version of its policy', number)
    .option('--json', JSON_TEXT)
    .addHelpText('after', `
Assertions of the policy are in its sources: a binary has none. semodule builds an optimised policy unless
semanage.conf says \`optimize-policy = false\`: it lacks attributes that no rule names, and rules that others cover.
A type of yours that joins an attribute may get less from such a policy than a build of all modules gives it: name
the store in place of the policy for that. Ends with 3 when a module does not fit the policy.`)
    .addHelpText('after', examples(
      'lsm selinux module add policy.33 web.pp -o policy.new -f web.fc',
      'lsm selinux module add /var/lib/selinux/default web.pp -o store -p policy.new',
    ))
    .action(async (base: string, files: string[], options) => {
      const { addCommand } = await import('./add.ts')
      done(addCommand(io, base, files, options))
    })
}

const withBuild = (command: Command): Command => command
  .option('-p, --policy <file>', 'where the policy goes')
  .option('-f, --file-contexts <file>', 'where file_contexts goes')
  .option('--seusers <file>', 'where seusers goes: the SELinux users of logins')
  .option('--users-extra <file>', 'where users_extra goes: prefixes of SELinux users')
  .option('--policy-version <number>', 'version of the policy', number)
  .option('-N, --no-neverallow', 'does not check neverallow, neverallowx and bounds')
  .option('--no-optimise', 'keeps rules that others already cover')

const OUTPUT = ['-o, --output <folder>', 'where the changed store goes; a store of ours is changed in place'] as const

const addStores = (module: Command, io: Io, done: (code: number) => void): void => {
  module
    .command('list')
    .description('Lists the modules of a store with their priorities.')
    .argument('<store>', STORE_TEXT)
    .option('--json', JSON_TEXT)
    .action(async (store: string, options) => {
      const { listCommand } = await import('./store.ts')
      done(listCommand(io, store, options))
    })
  withBuild(module.command('remove'))
    .description('Removes modules from a store, at one priority or at all.')
    .argument('<store>', STORE_TEXT)
    .argument('<names...>')
    .option('--priority <number>', 'only at this priority', number)
    .option(...OUTPUT)
    .action(async (store: string, names: string[], options) => {
      const { removeCommand } = await import('./store.ts')
      done(removeCommand(io, store, names, options))
    })
  for (const [name, isEnabled] of [['enable', true], ['disable', false]] as const) {
    withBuild(module.command(name))
      .description(`Switches modules of a store ${isEnabled ? 'on' : 'off'}, at all priorities.`)
      .argument('<store>', STORE_TEXT)
      .argument('<names...>')
      .option(...OUTPUT)
      .action(async (store: string, names: string[], options) => {
        const { enableCommand } = await import('./store.ts')
        done(enableCommand(io, store, names, options, isEnabled))
      })
  }
  withBuild(module.command('build'))
    .description('Builds the policy of a store, as semodule -B does.')
    .argument('<store>', STORE_TEXT)
    .addHelpText('after', examples('lsm selinux module build /var/lib/selinux/default -p policy.34 -f file_contexts'))
    .action(async (store: string, options) => {
      const { buildCommand } = await import('./store.ts')
      done(buildCommand(io, store, options))
    })
}
