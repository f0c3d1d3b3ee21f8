/** `lsm selinux …` and its options. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { collect, collectList, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { LOCAL_AFTER_TEXT, LOCAL_BOTH_TEXT, LOCAL_TEXT } from '../../local-text.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { watchOption } from '../../watch-option.ts'
import { addAndroid } from './android/program.ts'
import { addSourceTools, develOption } from './source-program.ts'
import { addModuleCommands } from './module/program.ts'
import { addLabels } from './labels/program.ts'

const POLICY_TEXT = 'a binary policy (gzipped too), a .cil file or a folder of them, or - for CIL on stdin'
/** As the query part has them, which is not loaded for a page of help. */
const SHARED_KINDS = `
  properties, commons, classes, booleans, roles, types, attributes, users, categories, sensitivities, levels,
  role_allow, role_transition, range_transition, constrain, mlsconstrain, validatetrans, mlsvalidatetrans,
  initialsids, ibendportcon, ibpkeycon, fs_use, genfscon, netifcon, nodecon, portcon, policycaps, defaults,
  typebounds, rolebounds, userbounds`
const TE_KINDS = `
  allow, allowxperm, auditallow, auditallowxperm, dontaudit, dontauditxperm, type_transition, type_change, type_member`
const kindsText = (kinds: string): string => `\nKinds:${kinds}`

const SET_TEXT = 'sets a boolean first: name=on (may be repeated)'

const count = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it is a number')
  return Number(text)
}

/** `done` is called with the exit code of a command that has one. */
export const addSelinux = (program: Command, io: Io, done: (code: number) => void): void => {
  const selinux = program
    .command('selinux')
    .description('SELinux policies: compiles CIL, explains rules, compares policies, learns from logs.')
  addCompile(selinux, io, done)
  addExpand(selinux, io, done)
  addInterfaces(selinux, io, done)
  addSourceTools(selinux, io, done)
  addInfo(selinux, io)
  addQuery(selinux, io)
  addAllow(selinux, io, done)
  addAccess(selinux, io, done)
  addExplain(selinux, io, done)
  addModuleCommands(selinux, io, done)
  addClasses(selinux, io)
  addTransition(selinux, io, done)
  addContext(selinux, io, done)
  addFileContext(selinux, io, done)
  addDiff(selinux, io, done)
  addLearn(selinux, io, done)
  addLabels(selinux, io, done)
  addAndroid(selinux, io, done)
}

const addCompile = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('compile')
    .description('Compiles CIL or policy sources to a policy and file_contexts; without an output it only checks.')
    .argument('<files...>',
      'CIL files, modules (.pp, .pp.bz2), folders of them, .te, policy.conf, a folder of refpolicy, or - for stdin')
    .option('-o, --output <file>', 'where the policy goes; of sources NAME.pp or NAME.cil, or a folder for many .pp')
    .option('--interfaces <folder>', 'interfaces (.if) that .te files call (may be repeated)', collect)
    .addOption(develOption())
    .option('--modules <list>',
      'of a folder only the modules that a file names: modules.conf, or the output of semodule -l or -lfull')
    .option('-f, --file-contexts <file>', 'where file_contexts goes')
    .option('--policy-version <number>', 'version of the policy', count)
    .addOption(new Option('--dialect <release>', 'statements as of which libsepol').choices(['3.8', '3.10'])
      .default(undefined, '3.8'))
    .option('--mls', 'with MLS, whatever the source says')
    .option('--no-mls', 'without MLS, whatever the source says')
    .addOption(new Option('--handle-unknown <how>', 'classes the policy does not know')
      .choices(['allow', 'deny', 'reject']))
    .option('-m, --multiple-decls', 'names may be declared more than once')
    .option('-N, --no-neverallow', 'does not check neverallow, neverallowx and bounds')
    .option('-D, --no-dontaudit', 'leaves dontaudit rules out')
    .option('-P, --preserve-tunables', 'makes booleans of tunables')
    .option('-X, --expand-size <number>', 'writes out attributes with fewer types than this', count)
    .option('-G, --expand-generated', 'writes out attributes that a compiler made')
    .option('-Q, --qualified-names', 'names may have dots, and there are no blocks')
    .option('-O, --optimise', 'leaves out rules that others already cover')
    .option('--json', `${JSON_TEXT}: what the policy has, warnings, or errors with their places`)
    .addOption(reporterOption())
    .addOption(watchOption())
    .addHelpText('after',
      '\nEnds with 3 when the source is not a policy: each error has its place, the line and a hint.')
    .addHelpText('after', examples(
      'lsm selinux compile own.te --devel -o own.cil', 'lsm selinux compile policy.cil',
      'lsm selinux compile -m -N -o policy.34 -f file_contexts modules/',
      'lsm selinux compile -m --modules modules.conf /usr/share/selinux/default',
    ))
    .action(async (files: string[], options) => {
      const { compileCommand } = await import('./compile.ts')
      done(compileCommand(io, files, options))
    })
}

const addExpand = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('expand')
    .description('Prints the statements that the macros and interfaces of a .te file come to, under their calls.')
    .argument('<file>', 'a .te file')
    .option('--interfaces <folder>', 'interfaces (.if) that it calls (may be repeated)', collect)
    .addOption(develOption())
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm selinux expand own.te --devel'))
    .action(async (file: string, options) => {
      const { expandCommand } = await import('./expand.ts')
      done(expandCommand(io, file, options))
    })
}

const addInterfaces = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('interfaces')
    .description('Lists the interfaces and templates of policy sources, or shows one with its documentation.')
    .argument('[words...]',
      'first a .if file or a folder, if you want another than --devel; then a name, or words that all must occur')
    .addOption(develOption(' (the default)', false))
    .option('--json', JSON_TEXT)
    .addHelpText('after', '\nWords are looked for in names and documentation, in any case; matching names come first.')
    .addHelpText('after', '\nEnds with 1 when there is no such interface.')
    .addHelpText('after', examples(
      'lsm selinux interfaces apache_read_log', 'lsm selinux interfaces own.if', 'lsm selinux interfaces manage log',
    ))
    .action(async (words: string[], options) => {
      const { interfacesCommand } = await import('./interfaces.ts')
      done(interfacesCommand(io, words, options))
    })
}

const addInfo = (selinux: Command, io: Io): void => {
  selinux
    .command('info')
    .description('Shows the contents of a policy: counts as in seinfo, or the names or statements of a kind.')
    .argument('<policy>', POLICY_TEXT)
    .option('-l, --list <kind>', 'names of a kind, one a line')
    .option('-n, --name <name>',
      'only the statements about it: a type, a class, a file system, a port, the type of ports …')
    .option('-x, --expand', 'whole statements: the attributes of types, the types of attributes, permissions …')
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', kindsText(`${SHARED_KINDS}, aliases, permissive`))
    .addHelpText('after', examples(
      'lsm selinux info /sys/fs/selinux/policy', 'lsm selinux info policy.34 --list booleans',
      'lsm selinux info policy.34 -l types -n httpd_t', 'lsm selinux info policy.34 -l portcon -n 80',
    ))
    .action(async (policy: string, options) => {
      const { infoCommand } = await import('./info.ts')
      const { withCommandErrors: telling } = await import('./errors.ts')
      telling(() => infoCommand(io, policy, options))
    })
}

const addQuery = (selinux: Command, io: Io): void => {
  selinux
    .command('query')
    .description('Prints the rules that match, as sesearch does. `/…/` is a regular expression of a name.')
    .argument('<policy>', POLICY_TEXT)
    .option('-k, --kind <kind>', 'rules of a kind (may be repeated)', collectList)
    .option('-s, --source <type>', 'type or attribute (its rules count for its types); role of a role rule')
    .option('-t, --target <type>', 'type or attribute')
    .option('--direct', 'rules on just these types and attributes')
    .option('--direct-source', 'rules on just this source')
    .option('--direct-target', 'rules on just this target')
    .option('-c, --class <name>', 'class of the object (may be repeated)', collectList)
    .option('-p, --perm <name>', 'any of these permissions (may be repeated)', collectList)
    .option('--all-perms', 'all of these permissions')
    .option('--exact-perms', 'all of these permissions and no others')
    .option('-D, --result <type>', 'the type, role or range that the rule gives')
    .option('-b, --bool <name>', 'rules under a boolean (may be repeated)', collectList)
    .option('--exact-bools', 'rules under all of these booleans and no others')
    .option('-x, --xperm <number>', 'any of these extended permissions: 0x5401, 0x5400-0x54ff (may be repeated)',
      collectList)
    .option('--exact-xperms', 'these extended permissions and no others')
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', kindsText(`${TE_KINDS},\n  role_allow, role_transition, range_transition`))
    .addHelpText('after', examples(
      'lsm selinux query policy.34 -k allow -s httpd_t -t shadow_t -c file',
      'lsm selinux query policy.34 -k type_transition -s init_t -c process',
      "lsm selinux query policy.34 -k allow -s '/^httpd_/' --direct-source -c file,dir -p write",
    ))
    .action(async (policy: string, options) => {
      const { queryCommand } = await import('./query.ts')
      queryCommand(io, policy, options)
    })
}

const addAllow = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('allow')
    .description('Answers from the rules alone whether a type may do something to another: ends with 0 or 1.')
    .argument('<policy>', POLICY_TEXT)
    .argument('<source>', 'type or attribute')
    .argument('<target>', 'type or attribute')
    .argument('<class>')
    .argument('<permissions...>')
    .option('--set <name=on>', SET_TEXT, collect)
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm selinux allow policy.34 httpd_t user_home_t file read open'))
    .action(async (policy: string, source: string, target: string, tclass: string, permissions: string[], options) => {
      const { allowCommand } = await import('./query.ts')
      done(allowCommand(io, policy, source, target, tclass, permissions, options))
    })
}

const addAccess = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('access')
    .description('Answers as the kernel does whether a context may do something to another, and why: ends with 0 or 1.')
    .argument('<policy>', POLICY_TEXT)
    .argument('<source>', 'context of whoever asks')
    .argument('<target>', 'context of what is asked for')
    .argument('<class>')
    .argument('[permissions...]', 'lists all that are allowed if none are named')
    .option('--set <name=on>', SET_TEXT, collect)
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm selinux access policy.34 system_u:system_r:httpd_t:s0 system_u:object_r:shadow_t:s0 file read',
    ))
    .action(async (policy: string, source: string, target: string, tclass: string, permissions: string[], options) => {
      const { accessCommand } = await import('./access.ts')
      done(accessCommand(io, policy, source, target, tclass, permissions, options))
    })
}

const addExplain = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('explain')
    .description('Shows which rule, attribute, boolean or constraint decides, and what would permit it.')
    .argument('<source>', 'a type, or a context')
    .argument('<target>', 'a type, or a context')
    .argument('<class>')
    .argument('<permission>')
    .requiredOption('-p, --policy <policy>', POLICY_TEXT)
    .option('--set <name=on>', SET_TEXT, collect)
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', '\nOf a type, some user, role and level that it may have are taken.')
    .addHelpText('after', examples('lsm selinux explain httpd_t user_home_t file read --policy policy.34'))
    .action(async (source: string, target: string, tclass: string, permission: string, options) => {
      const { explainPermissionCommand } = await import('./explain.ts')
      done(explainPermissionCommand(io, source, target, tclass, permission, options))
    })
}

const addClasses = (selinux: Command, io: Io): void => {
  selinux
    .command('classes')
    .description('Prints the classes and permissions of our kernel, for policies of your own.')
    .option('--cil', 'as CIL, with a class map `kernel_class` of all: prefix your policy with it')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm selinux classes --cil > classes.cil'))
    .action(async (options) => {
      const { classesCommand } = await import('./classes.ts')
      classesCommand(io, options)
    })
}

const addTransition = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('transition')
    .description('Prints the context of a new process or object.')
    .argument('<policy>', POLICY_TEXT)
    .argument('<source>', 'context of the process')
    .argument('<target>', 'context of the program, or of the directory')
    .argument('<class>', 'process, or the class of the object')
    .argument('[name]', 'name of the object')
    .option('--member', 'what type_member gives')
    .option('--change', 'what type_change gives')
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm selinux transition policy.34 system_u:system_r:init_t:s0 system_u:object_r:httpd_exec_t:s0 process',
    ))
    .action(async (
      policy: string, source: string, target: string, tclass: string, name: string | undefined, options,
    ) => {
      const { transitionCommand } = await import('./access.ts')
      done(transitionCommand(io, policy, source, target, tclass, name, options))
    })
}

const addContext = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('context')
    .description('Checks whether a text is a context of a policy, and shows what is wrong with it: ends with 0 or 1.')
    .argument('<policy>', POLICY_TEXT)
    .argument('<context>')
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm selinux context policy.34 staff_u:staff_r:staff_t:s0-s0:c0.c5'))
    .action(async (policy: string, context: string, options) => {
      const { contextCommand } = await import('./access.ts')
      done(contextCommand(io, policy, context, options))
    })
}

const addFileContext = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('file-context')
    .description('Prints the label of paths by file_contexts; ends with 1 when a path has none.')
    .argument('<file>', 'file_contexts; .homedirs, .local, .subs and .subs_dist beside it count')
    .argument('<paths...>')
    .option('--type <type>', 'file, dir, char, block, socket, pipe, symlink or any; or -- -d -c -b -s -p -l', 'any')
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--only', 'reads this file alone, without its companions')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm selinux file-context file_contexts /etc/shadow --type file'))
    .action(async (file: string, paths: string[], options) => {
      const { fileContextCommand } = await import('./file-context.ts')
      done(fileContextCommand(io, file, paths, options))
    })
}

const addDiff = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('diff')
    .description('Compares two policies as sediff does, rules type by type; exits 1 when they differ.')
    .argument('<before>', POLICY_TEXT)
    .argument('<after>', POLICY_TEXT)
    .option('-k, --kind <kind>', 'a section of what is compared (may be repeated)', collectList)
    .option('--stats', 'how many came, went and changed, and no more')
    .option('--local <path>', LOCAL_BOTH_TEXT, collect)
    .option('--local-after <path>', LOCAL_AFTER_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', kindsText(`${SHARED_KINDS},${TE_KINDS}`))
    .addHelpText('after', '\nOf a section: + what came, - what went, * what is another now.')
    .addHelpText('after', examples(
      'lsm selinux diff policy.33 policy.33 --local-after changes.txt',
      'lsm selinux diff -k allow,allowxperm --stats policy.33 policy.34',
    ))
    .action(async (before: string, after: string, options) => {
      const { diffCommand } = await import('./diff.ts')
      const { withCommandErrors: telling } = await import('./errors.ts')
      done(telling(() => diffCommand(io, before, after, options)))
    })
}

const addLearn = (selinux: Command, io: Io, done: (code: number) => void): void => {
  selinux
    .command('learn')
    .description('Writes CIL rules for the denials in a log, with what they permit beyond what was seen.')
    .argument('[log]', 'audit or kernel log; stdin unless given')
    .option('-p, --policy <policy>',
      'the policy in force: accesses that it allows by now are left out, and booleans are listed')
    .option('-s, --source <file>', 'CIL of that policy: its assertions are checked with the rules (may be repeated)',
      collect)
    .option('-f, --file-contexts <file>',
      'labels that paths should have, of the installed policy or store unless named: wrong ones come before any rule')
    .option('-g, --generalise', 'adds the permissions that usually go together')
    .option('--te <name>', 'writes a .te module of this name instead of CIL')
    .option('--devel [folder]',
      'writes calls of interfaces in the headers of a policy, of /usr/share/selinux/devel unless named')
    .option('--interfaces <folder>', 'the same with your own interfaces (.if) (may be repeated)', collect)
    .option('--why', 'prints why the policy refuses each record, and no rules')
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', `
Of several interfaces that would do, the one that allows the least besides is called: those of the policy and of the
log are counted out. Where each allows far more than the rule, the rule stands. Ends with 1 when an assertion of the
sources forbids a rule.`)
    .addHelpText('after', examples(
      'lsm selinux learn audit.log --policy policy.34', 'dmesg | lsm selinux learn -g',
      'lsm selinux learn audit.log --policy policy.34 --te web --devel > web.te',
      'lsm selinux learn audit.log --policy policy.34 --why',
    ))
    .action(async (log: string | undefined, options) => {
      const { learnCommand } = await import('./learn.ts')
      done(learnCommand(io, log, options))
    })
}
