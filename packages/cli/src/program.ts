/**
 * The command line of `lsm`: every command with its options and examples, and how an error becomes an exit code. A
 * command is loaded when it is asked for: help, completion and usage errors need none of the packages.
 */
import { Command, CommanderError, Option } from 'commander'
import { collect, collectList, completing, examples, JSON_TEXT } from './command-help.ts'
import { addApparmor } from './commands/apparmor/program.ts'
import { addBpf } from './commands/bpf/program.ts'
import { addDeno } from './commands/deno/program.ts'
import { addDoctor } from './commands/doctor/program.ts'
import { addEmit, addImport } from './commands/emit/program.ts'
import { addFleet } from './commands/fleet/program.ts'
import { addFlow } from './commands/flow/program.ts'
import { addLearn } from './commands/learn/program.ts'
import { addPolicy } from './commands/policy/program.ts'
import { addReplay, addScenario } from './commands/scenario/program.ts'
import { addKernels } from './commands/kernels/program.ts'
import { addSeccomp } from './commands/seccomp/program.ts'
import { addSelinux } from './commands/selinux/program.ts'
import { selinuxOptionPairs } from './commands/selinux/option-pairs.ts'
import { addSmack } from './commands/smack/program.ts'
import { complain } from './complain.ts'
import { addCompletion } from './completion.ts'
import { helpLines, helpStyle } from './help-text.ts'
import { hookIdleOptions } from './idle-options.ts'
import type { Io } from './io.ts'
import { kernelOption } from './kernel-option.ts'
import { moduleNames } from './module-names.ts'
import { EXIT, noteLines, printLines } from './output.ts'
import { addBoxOptions, addRunOptions, addWorldOptions } from './run/world-options.ts'
import { CMDLINE_TEXT, LSM_TEXT, MODULE_TEXT, OPTION_TEXT, PERMISSIVE_TEXT } from './run/world-rows.ts'
import { version } from './version.ts'
import { hookWatch, watchOption, WatchRequest } from './watch-option.ts'

/** Runs one command line (without `node lsm`) and answers the exit code. `io` is safe to print on. */
export const runProgram = async (io: Io, args: readonly string[]): Promise<number> => {
  let code: number = EXIT.ok
  const program = createProgram(io, (answer) => (code = answer), args)
  try {
    await hookIdleOptions(hookWatch(program), selinuxOptionPairs).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof WatchRequest) return watched(io, args, error)
    // commander has printed what there is to say
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return complain(io, error)
  }
}

const watched = async (io: Io, args: readonly string[], { command }: WatchRequest): Promise<number> => {
  try {
    if (command.name() === 'shell') return await (await import('./watch-shell.ts')).watchShell(io, args, command)
    return await (await import('./watch.ts')).watchCommand(io, args, command)
  } catch (error) {
    return complain(io, error)
  }
}

/** A usage error is a line, whatever was typed; what commander guesses is another. */
const usageError = (io: Io, text: string): void => {
  const [, message, guess] = /^(.*?)(?:\n(\(Did you mean [^\n]*\)))?$/s.exec(text)!
  io.note(message!)
  if (guess !== undefined) io.note(guess)
}

const EXIT_TEXT = `
Exit codes: 0 done; 1 denied, or something was found; 2 wrong usage; 3 a policy, state or object that cannot be used.
lsm run ends as its program does: 126 not executable, 127 not found, 128+N ended by signal N.`

const addRun = (program: Command, io: Io, done: (code: number) => void): void => {
  const run = program
    .command('run')
    .description('Runs a WASI program on a kernel of its own, confined by a stack.')
    .argument('<program>', 'a .wasm file of the host; it lies in /usr/bin of the tree')
    .argument('[args...]', 'arguments of the program, options too')
  addRunOptions(run)
    .passThroughOptions()
    .addHelpText('after', examples(
      'lsm run hello.wasm --name world',
      'lsm run --time 10s --memory 64MiB program.wasm',
      'lsm run --mount ./data:/data:ro --audit audit.jsonl ruby.wasm -e "puts Dir.children(\'/data\')"',
      'lsm run --selinux policy.cil --file-contexts file_contexts --audit - program.wasm',
      'lsm run --read /data --write /tmp --connect 443 program.wasm',
      'lsm run --smack-rules rules --label Tainted --stdin page.html program.wasm',
      'lsm run --module ./my-module.js --user nobody program.wasm',
      'lsm run --lsm yama,lockdown --cmdline lockdown=integrity --option yama.ptraceScope=2 program.wasm',
      'lsm run --lsm safesetid --option safesetid.uidPolicy=@uids.txt program.wasm',
      'lsm run --bpf deflector.o --dir / program.wasm',
      "lsm run --dir / --caps 'cap_dac_read_search=p' --strace program.wasm",
    ))
    .action(async (path: string, args: string[], options) => {
      const { runCommand } = await import('./commands/run.ts')
      done(await runCommand(io, path, args, options))
    })
}

const GATEWAY_TEXT = 'lets TCP connections out to it, or to another place: ADDRESS:PORT=HOST:PORT (may be repeated)'

const addShell = (program: Command, io: Io, done: (code: number) => void): void => {
  const shell = program
    .command('shell')
    .description('A prompt on a kernel of its own, confined by a stack: a small sh, and tools in /bin.')
    .argument('[args...]', 'a script of the tree, and its arguments')
    .option('-c, --command <text>', 'what the shell does, instead of reading it; arguments are $0, $1, …')
    .option('--gateway <address:port>', GATEWAY_TEXT, collect)
    .option('--shell <file>', 'another WASI program of the host as /bin/sh')
    .option('--no-history', 'neither reads nor keeps the lines that are typed')
    .addOption(watchOption('starts anew, with the same tree, when a module or a policy changes'))
    .addOption(new Option('--tree <file>', 'where a shell that is watched keeps its tree').hideHelp())
  addWorldOptions(shell)
    .option('-q, --quiet', 'nothing on stderr but what programs write')
    .passThroughOptions()
    .addHelpText('after', examples(
      'lsm shell', "lsm shell --uid 0 -c 'ls -lZ /bin | cat'", 'lsm shell < script.sh',
      'lsm shell --lsm smack --audit -', 'lsm shell --module ./my-module.js --watch',
      'lsm shell --gateway 10.0.0.1:80=127.0.0.1:8080',
      'lsm shell --selinux policy.cil --file-contexts file_contexts',
    ))
    .action(async (args: string[], options) => {
      const { shellCommand } = await import('./commands/shell.ts')
      done(await shellCommand(io, args, options))
    })
}

const addSandbox = (program: Command, io: Io, done: (code: number) => void): void => {
  const sandbox = program
    .command('sandbox')
    .description('Runs a WASI program in a box: a policy that is one file of JSON, and a sentence for each refusal.')
    .argument('[program]', 'a .wasm file of the host, or a path of the box')
    .argument('[args...]', 'arguments of the program, options too')
    .option('--policy <file>', 'allow, mounts, limits, modules, user; folders are named from where it lies')
    .option('--within <file>', 'a managed maximum: a policy that this one has to stay within')
  addBoxOptions(sandbox)
    .option('--cwd <path>', 'directory of the box that the program begins in')
    .option('--explain', 'prints what the policy became; the program may then be left out')
    .option('--cow', 'folders of the host are copied on write: changes are shown at the end, and applied if you say so')
    .option('-y, --yes', 'applies all changes of such folders')
    .option('-n, --no', 'applies none of them')
    .option('--apply <pattern>', 'applies those whose names match: src/**, *.md (may be repeated)', collect)
    .option('-q, --quiet', 'nothing on stderr but what the program writes')
    .option('--json', `${JSON_TEXT}: status, output and denials`)
    .passThroughOptions()
    .addHelpText('after', `\n${STANDS_TEXT}\n${examples(
      'lsm sandbox --policy policy.json -- tool.wasm --verbose', 'lsm sandbox --policy policy.json --explain',
      'lsm sandbox --policy policy.json --time 2s --mount ./data:/data --read /data/in tool.wasm',
      "lsm sandbox --policy policy.json --cow --apply 'src/**' -- tool.wasm",
    )}`)
    .action(async (path: string | undefined, args: string[], options) => {
      const { sandboxCommand } = await import('./commands/sandbox.ts')
      done(await sandboxCommand(io, path, args, options))
    })
  addSandboxInit(sandbox, io, done)
}

const addExec = (program: Command, io: Io, done: (code: number) => void): void => {
  program
    .command('exec')
    .description('Runs a native program under a policy, held by Landlock, seccomp and limits of this kernel.')
    .argument('[program]', 'a program of the host')
    .argument('[args...]', 'arguments of the program, options too')
    .option('--policy <file>', 'allow, mounts, limits, env; folders are named from where it lies')
    .addOption(completing('--preset <name>', 'a ready policy for git, python or npm in the current folder', PRESETS))
    .option('--role <name>', 'a role of the policy')
    .option('--check', 'shows which wall holds each line of the policy here, and runs nothing')
    .option('--watch', 'names each refusal on stderr, with what it was about and why')
    .option('--mediate', 'asks the modules of the policy at each open, execution, connection and change of a name')
    .option('--audit <source>', "Landlock's own records: `kernel` (needs CAP_AUDIT_READ), or a file of auditd")
    .option('--accept <ids>', 'does without what this kernel cannot hold, or opens it: a,b (may be repeated)',
      collectList)
    .option('--env <name=value>', 'a variable of the program (may be repeated)', collect)
    .option('--cwd <path>', 'folder that the program starts in, by its path in the policy')
    .option('--json', `${JSON_TEXT}: status, output and usage`)
    .passThroughOptions()
    .addHelpText('after', examples(
      'lsm exec --policy policy.json -- git status', 'lsm exec --policy policy.json --check',
      'lsm exec --preset npm --watch -- npm run build', 'lsm exec --policy p.json --accept attributes -- make',
    ))
    .action(async (name: string | undefined, args: string[], options) => {
      const { execCommand } = await import('./commands/exec.ts')
      done(await execCommand(io, name, args, options))
    })
}

const PRESETS = ['git', 'python', 'npm']

const addServe = (program: Command, io: Io, done: (code: number) => void): void => {
  const serve = program
    .command('serve')
    .description('Serves HTTP by a component (wasi:http/incoming-handler) in a box; each request is a run of its own.')
    .argument('<component>', 'a .wasm file of the host, or a path of the box')
    .option('--policy <file>', 'allow, mounts, limits, modules, user; folders are named from where it lies')
    .option('--within <file>', 'a managed maximum: a policy that this one has to stay within')
    .option('--listen <address:port>', 'where it answers (default: 127.0.0.1:8080; port 0 is a free one)')
  addBoxOptions(serve)
    .option('--cwd <path>', 'directory of the box that the component begins in')
    .option('-q, --quiet', 'no refusals on stderr')
    .addHelpText('after', examples(
      'lsm serve --policy policy.json server.wasm',
      'lsm serve --policy policy.json --allow-host api.example:443 --listen 127.0.0.1:0 server.wasm',
    ))
    .action(async (path: string, options) => {
      const { serveCommand } = await import('./commands/serve.ts')
      done(await serveCommand(io, path, options))
    })
}

const addSandboxInit = (sandbox: Command, io: Io, done: (code: number) => void): void => {
  sandbox
    .command('init')
    .description('Writes the policy of a box. At a terminal it asks, unless options or --yes say everything.')
    .argument('[file]', 'the file to write (default: policy.json)')
    .option('--folder <dir:place>', 'a folder of the host, as /work or as PLACE of the box (may be repeated)', collect)
    .option('--use <how>', 'read; copy: changes are yours to review (default); write: at once')
    .option('--read <path>', 'a path of the box that may be read (may be repeated)', collect)
    .option('--write <path>', 'a path of the box that may be written (may be repeated)', collect)
    .option('--exec <path>', 'a path of the box that may be executed (may be repeated)', collect)
    .option('--connect <port>', 'a TCP port that may be connected to (may be repeated)', collect)
    .option('--host <host:port>', 'a host of the network, as *.example.org:443 (may be repeated)', collect)
    .option('--time <limit>', 'how long a program may run (default: 1 min)')
    .option('--memory <limit>', 'how much memory it may have')
    .option('--files <limit>', 'how much it may add to files in memory')
    .option('-y, --yes', 'asks nothing: the folder that you are in, as a copy')
    .option('--force', 'writes over a file that is there')
    .addHelpText('after', examples(
      'lsm sandbox init', 'lsm sandbox init --yes', 'lsm sandbox init box.json --folder ./repo:/repo --use write',
    ))
    .action(async (file: string | undefined, options) => {
      const { sandboxInit } = await import('./commands/sandbox-init.ts')
      done(await sandboxInit(io, file, options))
    })
}

const STANDS_TEXT = `The policy's own settings stand. An option says what it leaves open, or allows less;
one that would allow more, or something else, is an error.`

const addExplain = (program: Command, io: Io): void => {
  program
    .command('explain')
    .description('Explains a stack: order, hooks, state on objects, dispatch, warnings.')
    .addOption(completing('--lsm <names>', LSM_TEXT, moduleNames))
    .option('--cmdline <text>', CMDLINE_TEXT)
    .addOption(kernelOption())
    .addOption(completing('--permissive-lsm <names>', PERMISSIVE_TEXT, [...moduleNames, 'bpf']))
    .option('--option <module.name=value>', OPTION_TEXT, collect)
    .option('--module <file>', MODULE_TEXT, collect)
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm explain --lsm capability', 'lsm explain --cmdline lsm=capability --json'))
    .action(async (options) => {
      const { explainCommand } = await import('./commands/explain.ts')
      await explainCommand(io, options)
    })
}

const addOrder = (program: Command, io: Io): void => {
  program
    .command('order')
    .description('Shows which LSMs a Linux kernel brings up, and in which order.')
    .argument('[arguments...]', 'boot arguments: lsm=…, security=…, selinux=0')
    .option('--config <list>', 'CONFIG_LSM of the kernel')
    .option('--without <names>', 'LSMs that are not built in')
    .option('--debug', 'prints the steps, as lsm.debug logs them')
    .addOption(kernelOption())
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(
      'lsm order', 'lsm order lsm=landlock,lockdown,smack,bpf', 'lsm order --debug security=smack',
    ))
    .action(async (args: string[], options) => {
      const { orderCommand } = await import('./commands/order.ts')
      orderCommand(io, args, options)
    })
}

const addHooks = (program: Command, io: Io): void => {
  program
    .command('hooks')
    .description('Prints the hook table of Linux 6.12, or all details of one hook.')
    .argument('[name]', 'a hook')
    .option('--coverage', 'lists the system calls of our kernel that reach each hook, from recorded operations')
    .addOption(kernelOption('the table of another release'))
    .option('--json', JSON_TEXT)
    .addHelpText(
      'after', examples(
        'lsm hooks', 'lsm hooks inode_permission', 'lsm hooks --coverage', 'lsm hooks --kernel 7.3', 'lsm hooks --json',
      ),
    )
    .action(async (name: string | undefined, options) => {
      const { hooksCommand } = await import('./commands/hooks.ts')
      hooksCommand(io, name, options)
    })
}

const execInput = '{"process":{"uid":1000},"program":{"mode":"4755"}}'

const addCaps = (program: Command, io: Io, done: (code: number) => void): void => {
  const caps = program.command('caps').description('Capability texts and masks, and what an execve makes of them.')
  caps
    .command('text')
    .description('Reads a text as cap_from_text(3) does and prints it as cap_to_text(3) does, with its masks.')
    .argument('<text>')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples("lsm caps text 'cap_net_raw=ep cap_chown+i'", 'lsm caps text all=p --json'))
    .action(async (text: string, options) => {
      const { capsTextCommand } = await import('./commands/caps.ts')
      capsTextCommand(io, text, options)
    })
  caps
    .command('decode')
    .description('Names the capabilities of a mask.')
    .argument('<hex>')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm caps decode 0000000000003000'))
    .action(async (hex: string, options) => {
      const { capsDecodeCommand } = await import('./commands/caps.ts')
      capsDecodeCommand(io, hex, options)
    })
  caps
    .command('exec')
    .description(
      'Takes a process and a program as JSON and shows the credentials of the process after execve, and why.')
    .argument('[file]', 'the state; stdin unless given')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples(`echo '${execInput}' | lsm caps exec --json`))
    .action(async (file: string | undefined, options) => {
      const { capsExecCommand } = await import('./commands/caps.ts')
      done(capsExecCommand(io, file, options))
    })
}

/** Every command by its name, in the order of the help. */
const adders: Readonly<Record<string, (
  program: Command, io: Io, done: (code: number) => void, args: readonly string[],
) => void>> = {
  run: addRun,
  shell: addShell,
  sandbox: addSandbox,
  serve: addServe,
  exec: addExec,
  deno: addDeno,
  explain: addExplain,
  order: addOrder,
  hooks: addHooks,
  kernels: addKernels,
  caps: addCaps,
  selinux: addSelinux,
  smack: addSmack,
  apparmor: addApparmor,
  bpf: addBpf,
  flow: addFlow,
  fleet: addFleet,
  seccomp: addSeccomp,
  policy: addPolicy,
  emit: addEmit,
  import: addImport,
  scenario: addScenario,
  replay: addReplay,
  learn: addLearn,
  doctor: addDoctor,
}

/**
 * `done` is called with the exit code of a command that has one. `args` is the command line: if its command is known,
 * the others are not there.
 */
export const createProgram = (io: Io, done: (code: number) => void, args: readonly string[] = []): Command => {
  const only = args[0] ?? ''
  const program = new Command('lsm')
    .description('Composes, explains and runs stacks of Linux Security Modules.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printLines(io, helpLines(text.replace(/\n$/, ''))),
      // an error is a line, the help behind it is not
      writeErr: (text) => text.startsWith('Usage:')
        ? noteLines(io, helpLines(text).replace(/\n$/, ''))
        : usageError(io, text.replace(/\n$/, '')),
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
      getOutHasColors: () => io.colors.isColorSupported,
      getErrHasColors: () => false,
    })
    .configureHelp(helpStyle)
    .enablePositionalOptions()
    .showHelpAfterError('(--help shows more)')
    .addHelpText('after', EXIT_TEXT)
    .addHelpText('after', examples(
      'lsm run --dir / --strace program.wasm', 'lsm order lsm=landlock,smack', 'lsm caps text cap_net_raw=ep',
    ))
  if (Object.hasOwn(adders, only)) adders[only]!(program, io, done, args)
  else {
    // to read it from a file takes time, and a command has no such option
    program.version(version())
    for (const add of Object.values(adders)) add(program, io, done, args)
    addCompletion(program, io)
  }
  return program
}
