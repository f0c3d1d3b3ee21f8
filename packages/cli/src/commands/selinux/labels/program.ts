/** `lsm selinux matchpathcon`, `restorecon`, `setfiles`, `homedirs` and `semanage`, with their options. */
import type { Command } from 'commander'
import { collect, collectList, examples, JSON_TEXT, userId } from '../../../command-help.ts'
import type { Io } from '../../../io.ts'
import { LOCAL_TEXT } from '../../../local-text.ts'
import { addMount } from '../../../run/world-options.ts'

type Done = (code: number) => void

const CONTEXTS_TEXT = 'file_contexts; .homedirs, .local, .subs and .subs_dist beside it count'

/** Local changes, for every command that reads a policy or file_contexts. */
export const addLocal = (command: Command): Command => command.option('--local <path>', LOCAL_TEXT, collect)

export const addLabels = (selinux: Command, io: Io, done: Done): void => {
  addMatchpathcon(selinux, io, done)
  addRestorecon(selinux, io, done)
  addSetfiles(selinux, io, done)
  addHomedirs(selinux, io, done)
  addSemanage(selinux, io, done)
  addCheck(selinux, io, done)
  addMcstrans(selinux, io, done)
  addChcat(selinux, io, done)
  addContainer(selinux, io, done)
}

const addCheck = (selinux: Command, io: Io, done: Done): void => {
  addLocal(selinux
    .command('check')
    .description('Runs checks of a policy, as sechecker does: rules that may not be there, empty attributes …')
    .argument('<policy>')
    .requiredOption('--ini <file>', 'the checks; - for stdin'))
    .option('--json', JSON_TEXT)
    .addHelpText('after', `
Kinds (check_type): assert_te, assert_rbac, empty_typeattr, ro_execs. Ends with 1 where one
fails, with 3 where the file is not valid.`)
    .addHelpText('after', examples('lsm selinux check policy.34 --ini checks.ini'))
    .action(async (policy: string, options) => {
      const { checkCommand } = await import('./check.ts')
      done(checkCommand(io, policy, options))
    })
}

const addMcstrans = (selinux: Command, io: Io, done: Done): void => {
  selinux
    .command('mcstrans')
    .description('Prints the names that setrans.conf has for levels, as mcstransd(8) answers.')
    .argument('<file>', 'setrans.conf; files that it includes count')
    .argument('<texts...>', 'ranges or contexts')
    .option('-u, --untranslate', 'the other way: the range that names stand for')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm selinux mcstrans setrans.conf s0:c0.c1023', "lsm selinux mcstrans -u setrans.conf 'SystemLow-SystemHigh'",
    ))
    .action(async (file: string, texts: string[], options) => {
      const { mcstransCommand } = await import('./categories.ts')
      done(mcstransCommand(io, file, texts, options))
    })
}

const addChcat = (selinux: Command, io: Io, done: Done): void => {
  selinux
    .command('chcat')
    .description('Prints the commands that change categories of files or logins, as chcat(8) does; runs nothing.')
    .argument('<names...>', 'categories, then files or logins: +c1,-c2 FILE')
    .option('-l, --login', 'names are logins')
    .option('-d, --delete', 'takes all categories away; there are only names then')
    .option('--setrans <file>', 'setrans.conf: categories may be its names')
    .option('--seusers <file>', 'the logins there are')
    .option('--level <level>', 'the level of the files, instead of that of the file here')
    .option('--json', JSON_TEXT)
    .addHelpText('after', '\nWrite -- before categories that begin with a dash.')
    .addHelpText('after', examples(
      'lsm selinux chcat -l --seusers seusers +c5 bob', 'lsm selinux chcat --level s0:c1 -- -c1 /srv/plan',
    ))
    .action(async (names: string[], options) => {
      const { chcatCommand } = await import('./categories.ts')
      done(chcatCommand(io, names, options))
    })
}

const addContainer = (selinux: Command, io: Io, done: Done): void => {
  selinux
    .command('container')
    .description('Writes the policy of a container: what its mounts, ports, devices and capabilities need.')
    .argument('<file>', 'output of docker, podman or crictl inspect; - for stdin')
    .option('--name <name>', 'name of the block (default: that of the container)')
    .option('-p, --policy <policy>', 'types of ports; a policy in CIL is what the block is tried on')
    .option('--file-contexts <file>', 'types of mounts and devices; without it they get types of their own')
    .option('--local <path>', LOCAL_TEXT, collect)
    .option('-o, --output <dir>', 'writes the block there, and a scenario that tries it')
    .option('--json', JSON_TEXT)
    .addHelpText('after', `
Ends with 1 where the policy that the block is tried on answers otherwise than it should:
without a policy of yours in CIL that is a small one of ours.`)
    .addHelpText('after', examples(
      'podman inspect web | lsm selinux container -',
      'lsm selinux container web.json -o policy --file-contexts file_contexts',
    ))
    .action(async (file: string, options) => {
      const { containerCommand } = await import('./container.ts')
      done(containerCommand(io, file, options))
    })
}

const addMatchpathcon = (selinux: Command, io: Io, done: Done): void => {
  addLocal(selinux
    .command('matchpathcon')
    .description('Prints the label of paths by file_contexts, as matchpathcon(8) does; the kind of a file counts.')
    .argument('[paths...]')
    .requiredOption('-f, --file <file>', CONTEXTS_TEXT)
    .option('-m, --mode <type>', 'the kind of file, in words or as -d, --, -l (default: that of the file there)')
    .option('-n, --no-header', 'prints labels without their paths')
    .option('-V, --verify', 'compares with the label that the file has; ends with 1 where it has another')
    .option('-q, --quiet', 'with --verify: prints nothing')
    .option('--from <file>', 'further paths, a line each; - for stdin'))
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm selinux matchpathcon -f file_contexts /etc/shadow', 'lsm selinux matchpathcon -f file_contexts -m -d /srv',
    ))
    .action(async (paths: string[], { header, ...options }) => {
      const { matchpathconCommand } = await import('./matchpathcon.ts')
      done(matchpathconCommand(io, paths, { ...options, noHeader: header === false }))
    })
}

/** What both labelling commands have. */
const addRelabelling = (command: Command): Command => addMount(addLocal(command
  .option('-p, --policy <policy>', 'labels that this policy does not have are errors')
  .option('-F, --force', 'sets user, role and range too, and customizable types')
  .option('-n, --dry-run', 'writes nothing, which is the default')
  .option('--apply', 'writes the labels')
  .option('-v, --verbose', 'names each file that is relabelled or keeps its type')
  .option('-e, --exclude <path>', 'passes over a path and what is below it (may be repeated)', collect)
  .option('-x, --one-file-system', 'stays on the file system of each path')
  .option('-i, --ignore-missing', 'a path that is not there is no failure')
  .option('--from <file>', 'further paths, a line each or with NUL between them; - for stdin')
  .option('--customizable <file>', 'customizable_types: files with one of these types keep it')))
  .option('--json', JSON_TEXT)

const KERNEL_TEXT = `
Nothing is written without --apply. With --mount the paths are those of a kernel of ours
with these folders in it, and its SELinux decides what process 1 may label; the host keeps
these labels as user.lsmkit.security.selinux.`

const addRestorecon = (selinux: Command, io: Io, done: Done): void => {
  addRelabelling(selinux
    .command('restorecon')
    .description('Shows which labels of files are wrong by file_contexts, and sets them if you say so.')
    .argument('[paths...]')
    .requiredOption('-f, --file <file>', CONTEXTS_TEXT)
    .option('-R, --recursive', 'includes everything below a path'))
    .option('-r', 'the same as -R')
    .addHelpText('after', KERNEL_TEXT)
    .addHelpText('after', examples(
      'lsm selinux restorecon -f file_contexts -R /etc', 'lsm selinux restorecon -f file_contexts -R --apply -v /srv',
      'lsm selinux restorecon -f file_contexts -p policy.34 --mount ./etc:/etc -R /etc',
    ))
    .action(async (paths: string[], { r, ...options }) => {
      const { restoreconCommand } = await import('./restorecon.ts')
      done(await restoreconCommand(io, paths, { ...options, recursive: options.recursive === true || r === true }))
    })
}

const addSetfiles = (selinux: Command, io: Io, done: Done): void => {
  addRelabelling(selinux
    .command('setfiles')
    .description('Does the same for whole trees, which may be the root of another system.')
    .argument('<file>', CONTEXTS_TEXT)
    .argument('[paths...]')
    .option('-r, --root <path>', 'the folder that is the root in file_contexts'))
    .addHelpText('after', KERNEL_TEXT)
    .addHelpText('after', examples('lsm selinux setfiles -r /mnt file_contexts /mnt'))
    .action(async (file: string, paths: string[], options) => {
      const { restoreconCommand } = await import('./restorecon.ts')
      done(await restoreconCommand(io, paths, { ...options, file, recursive: true }))
    })
}

const addHomedirs = (selinux: Command, io: Io, done: Done): void => {
  addLocal(selinux
    .command('homedirs')
    .description('Writes file_contexts.homedirs from templates, users and accounts, as genhomedircon(8) does.')
    .argument('<policy>', 'the policy: it has the levels and roles of SELinux users')
    .option('--file-contexts <file>', 'file_contexts with its template lines (HOME_DIR, HOME_ROOT, USER)')
    .option('--template <file>', 'homedir_template, where file_contexts has none')
    .option('--store <dir>', 'folder with file_contexts, homedir_template, seusers, users_extra and changes (.local)')
    .option('--seusers <file>', 'the SELinux user of each login')
    .option('--users-extra <file>', 'the prefix of each SELinux user')
    .option('--passwd <file>', 'accounts: homes of people who are mapped')
    .option('--group <file>', 'groups, for mappings of %group')
    .option('--shells <file>', 'shells of people (default: any)')
    .option('--home <dir>', 'where homes are (default: /home; may be repeated)', collect)
    .option('--ignore <dir>', 'a home without labels of its own (may be repeated)', collectList)
    .option('--uid-min <number>', 'least id of people (default: 1000)', userId)
    .option('--uid-max <number>', 'greatest id of people (default: 60000)', userId)
    .option('-o, --output <file>', 'where the text goes'))
    .option('--json', JSON_TEXT)
    .addHelpText('after', '\nNothing of this machine counts: accounts are those of the files you name.')
    .addHelpText('after', examples(
      'lsm selinux homedirs policy.34 --file-contexts file_contexts --seusers seusers -o file_contexts.homedirs',
      'lsm selinux homedirs policy.kern --store active --passwd passwd',
    ))
    .action(async (policy: string, options) => {
      const { homedirsCommand } = await import('./homedirs.ts')
      done(homedirsCommand(io, policy, options))
    })
}

const addSemanage = (selinux: Command, io: Io, done: Done): void => {
  selinux
    .command('semanage')
    .description('Checks local changes against a policy, lists them, and writes the policy that has them.')
    .argument('<policy>')
    .argument('<changes...>', 'text of `semanage export`, .local files of a store, or the folder of a store')
    .option('-o, --output <file>', 'where the policy goes')
    .option('--file-contexts <file>', 'where file_contexts.local goes; file_contexts.subs goes beside it')
    .option('--login <name>', 'prints the SELinux user and range of a login')
    .option('--group <name>', 'a group of that login (may be repeated)', collectList)
    .option('--json', JSON_TEXT)
    .addHelpText('after', `
Lines are arguments of semanage(8): \`port -a -t http_port_t -p tcp 8081\`. Records:
fcontext, port, boolean, login, user, interface, node, permissive.`)
    .addHelpText('after', examples(
      'lsm selinux semanage policy.34 changes.txt -o changed.34',
      'lsm selinux semanage policy.kern /var/lib/selinux/targeted/active --json',
    ))
    .action(async (policy: string, changes: string[], options) => {
      const { semanageCommand } = await import('./semanage.ts')
      done(semanageCommand(io, policy, changes, options))
    })
}
