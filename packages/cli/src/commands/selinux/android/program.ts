/** `lsm selinux android …` and its options. */
import type { Command } from 'commander'
import { collect, collectList, examples, JSON_TEXT, userId } from '../../../command-help.ts'
import type { Io } from '../../../io.ts'

type Done = (code: number) => void

const FILES_TEXT = 'a file; several count together, as those of partitions do (may be repeated)'

export const addAndroid = (selinux: Command, io: Io, done: Done): void => {
  const android = selinux.command('android')
    .description("Android's context files and its questions about a policy: checkfc, sepolicy-analyze, mappings.")
  addLookups(android, io, done)
  addSeapp(android, io, done)
  addCheckfc(android, io, done)
  addQuestions(android, io, done)
  addNeverallow(android, io, done)
}

const addLookups = (android: Command, io: Io, done: Done): void => {
  android
    .command('property')
    .description('Prints the context and type of properties: the longest prefix, or the exact name.')
    .argument('<names...>', 'NAME, or NAME=VALUE to check a value')
    .requiredOption('-f, --file <file>', FILES_TEXT, collect)
    .option('--strict', 'lines have to say exact or prefix')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm selinux android property -f property_contexts ro.boot.x=1'))
    .action(async (names: string[], options) => {
      const { propertyCommand } = await import('./contexts.ts')
      done(propertyCommand(io, names, options))
    })
  android
    .command('service')
    .description('Prints the context of services, hwservices, vndservices or keystore2 keys: the exact name, or *.')
    .argument('<names...>')
    .requiredOption('-f, --file <file>', FILES_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm selinux android service -f service_contexts activity'))
    .action(async (names: string[], options) => {
      const { serviceCommand } = await import('./contexts.ts')
      done(serviceCommand(io, names, options))
    })
}

const addSeapp = (android: Command, io: Io, done: Done): void => {
  android
    .command('seapp')
    .description('Prints the context of an app and of its files by seapp_contexts, with the line that decides.')
    .requiredOption('-f, --file <file>', FILES_TEXT, collect)
    .requiredOption('--uid <number>', 'uid of the app', userId)
    .option('--seinfo <text>', 'platform:privapp:targetSdkVersion=30 and so on')
    .option('--name <package>', 'package name')
    .option('--user <name>', 'name of a uid below 10000')
    .option('--system-server', 'it is the system server')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm selinux android seapp -f seapp_contexts --uid 10100 --seinfo default:targetSdkVersion=33 --name com.example',
    ))
    .action(async (options) => {
      const { seappCommand } = await import('./contexts.ts')
      done(seappCommand(io, options))
    })
}

const addCheckfc = (android: Command, io: Io, done: Done): void => {
  android
    .command('checkfc')
    .description('Checks that contexts are valid in a policy and have the right attribute, or compares two files.')
    .argument('<files...>', 'the policy, then file_contexts; with -c and -t two file_contexts, or one and paths')
    .option('-p, --property', 'property_contexts')
    .option('-s, --service', 'service_contexts')
    .option('-l, --hwservice', 'hwservice_contexts')
    .option('-v, --vndservice', 'vndservice_contexts')
    .option('-k, --keystore2', 'keystore2_key_contexts')
    .option('-e, --empty', 'files may be empty')
    .option('-c, --compare', 'prints subset, equal, superset or incomparable')
    .option('-t, --test', 'lines of a path and its type: prints what differs and which contexts no path has')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm selinux android checkfc precompiled_sepolicy plat_file_contexts',
      'lsm selinux android checkfc -p precompiled_sepolicy plat_property_contexts',
    ))
    .action(async (files: string[], options) => {
      const { checkfcCommand } = await import('./contexts.ts')
      done(checkfcCommand(io, files, options))
    })
}

const addQuestions = (android: Command, io: Io, done: Done): void => {
  android
    .command('analyze')
    .description('Answers the questions of sepolicy-analyze: dups, typecmp, permissive, booleans, attribute.')
    .argument('<policy>')
    .argument('<question>')
    .argument('[name]', 'an attribute, or with -r a type; of typecmp -d a type')
    .option('-r, --reverse', 'attributes of a type')
    .option('-d, --difference', 'of typecmp: the first difference of types, of one with all others if it is named')
    .option('--json', JSON_TEXT)
    .addHelpText('after', '\nEnds with 1 where there are permissive domains or booleans, which CTS forbids.')
    .addHelpText('after', examples('lsm selinux android analyze sepolicy attribute domain'))
    .action(async (policy: string, question: string, name: string | undefined, options) => {
      const { analyzeCommand } = await import('./analyze.ts')
      done(analyzeCommand(io, policy, question, name, options))
    })
  android
    .command('mapping')
    .description('Compares a mapping of Treble with a policy, or writes a new one for its types.')
    .argument('<file>', 'a mapping in CIL; with --make the policy')
    .option('-p, --policy <policy>', 'the policy of the platform')
    .option('--ignore <file>', 'a mapping whose types may be missing, as *.ignore.cil (may be repeated)', collectList)
    .option('--make <version>', 'writes the mapping of each type to itself: 202504')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm selinux android mapping 34.0.cil -p plat.cil --ignore 34.0.ignore.cil'))
    .action(async (file: string, options) => {
      const { mappingCommand } = await import('./analyze.ts')
      done(mappingCommand(io, file, options))
    })
}

const addNeverallow = (android: Command, io: Io, done: Done): void => {
  android
    .command('neverallow')
    .description('Checks neverallow rules of a policy.conf, or of a list as CTS has it, against a policy.')
    .argument('<policy>')
    .option('-f, --file <file>', 'a file with rules; other statements are passed over (may be repeated)', collect)
    .option('-n, --rule <text>', 'a rule (may be repeated)', collect)
    .option('-w, --warn', 'names what the policy does not have, which counts for nothing')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm selinux android neverallow sepolicy -f general_sepolicy.conf',
      "lsm selinux android neverallow sepolicy -n 'neverallow { domain -init } self:capability sys_module;'",
    ))
    .action(async (policy: string, options) => {
      const { neverallowCommand } = await import('./analyze.ts')
      done(neverallowCommand(io, policy, options))
    })
}
