/** `lsm apparmor …` and its options. */
import type { Command } from 'commander'
import { collect, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { kernelOption } from '../../kernel-option.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { watchOption } from '../../watch-option.ts'
import type { AccessFlags, ExplainFlags } from './access.ts'
import type { DiffFlags, GraphFlags, WithinFlags } from './compare.ts'
import type { CheckFlags, CompileFlags } from './compile.ts'
import type { CoverageFlags, LearnFlags } from './logs.ts'
import type { SimulateFlags } from './simulate.ts'

const FILES_TEXT = 'files of profiles, or folders of them as /etc/apparmor.d'

const FORMS = `
Classes and what is asked of them:
  file PATH [rwaxmkl]             capability NAME
  network FAMILY [TYPE [ACCESS]]  signal send|receive SIGNAL PEER
  ptrace ACCESS PEER              mount SOURCE POINT TYPE [OPTIONS]
  umount POINT                    pivot_root NEW OLD
  userns                          io_uring sqpoll|override_creds [PEER]
  change_profile PROFILE          mqueue ACCESS NAME [LABEL]
  unix [TYPE [ACCESS]]            dbus send BUS NAME PATH INTERFACE MEMBER`

/** Where profiles find what they include, and which kernel they are for. */
const sourced = (command: Command): Command => command
  .option(
    '-I, --include <folder>', 'where <name> is looked for (may be repeated; /etc/apparmor.d unless given)', collect,
  )
  .option('--features <file>', 'features of the kernel, as apparmor_parser takes them; those of --kernel unless given')
  .addOption(kernelOption('the release whose features hold (default: 6.12)'))
  .option('--json', JSON_TEXT)

const addCompile = (apparmor: Command, io: Io, done: (code: number) => void): void => {
  sourced(apparmor.command('compile').argument('<files...>', FILES_TEXT))
    .description('Compiles profiles to binaries that a kernel takes; without an output it only checks the text.')
    .option('-o, --output <folder>', 'writes each file as NAME.bin into it')
    .addOption(reporterOption())
    .addOption(watchOption())
    .addHelpText('after', '\nReports rules that the kernel does not enforce. Ends with 3 when a text is refused.')
    .addHelpText('after', examples('lsm apparmor compile -o out /etc/apparmor.d', 'lsm apparmor compile usr.bin.man'))
    .action(async (files: string[], flags: CompileFlags) => {
      const { compileCommand } = await import('./compile.ts')
      done(compileCommand(io, files, flags))
    })
  sourced(apparmor.command('check').argument('<files...>', FILES_TEXT))
    .description('Finds rules without effect or against their comment, and attachments that conflict or lack.')
    .option('--programs <file>', 'paths of programs, a line each: lists those that no profile attaches to')
    .addOption(reporterOption())
    .addOption(watchOption())
    .addHelpText('after', '\nEnds with 1 when something is found, with 3 when a text is refused.')
    .addHelpText('after', examples('lsm apparmor check --reporter sarif=out.sarif profiles/'))
    .action(async (files: string[], flags: CheckFlags) => {
      const { checkCommand } = await import('./compile.ts')
      done(checkCommand(io, files, flags))
    })
}

const addQuestions = (apparmor: Command, io: Io, done: (code: number) => void): void => {
  sourced(apparmor.command('access'))
    .description('Answers whether a profile may do something, with the rule that decides: ends with 0 or 1.')
    .argument('<file>', 'profiles or a binary').argument('<class>', 'what is asked about').argument('[words...]')
    .option('--profile <name>', 'which profile of the file')
    .option('--other', 'the task does not own the file')
    .addHelpText('after', FORMS)
    .addHelpText('after', examples(
      'lsm apparmor access usr.bin.man file /etc/passwd r', 'lsm apparmor access web --other file /srv/x rw',
    ))
    .action(async (file: string, kind: string, words: string[], flags: AccessFlags) => {
      const { accessCommand } = await import('./access.ts')
      done(accessCommand(io, file, kind, words, flags))
    })
  sourced(apparmor.command('explain').argument('<path>', 'a path').argument('<files...>', FILES_TEXT))
    .description('Shows which profile attaches to a program, and what each profile allows of the path by which rules.')
    .addHelpText('after', examples('lsm apparmor explain /usr/bin/man /etc/apparmor.d'))
    .action(async (path: string, files: string[], flags: ExplainFlags) => {
      const { explainCommand } = await import('./access.ts')
      done(explainCommand(io, path, files, flags))
    })
}

const addComparisons = (apparmor: Command, io: Io, done: (code: number) => void): void => {
  sourced(apparmor.command('diff').argument('<before>', 'profiles or a binary').argument('<after>', 'the same'))
    .description('Lists accesses that only one of two policies allows, with example paths: ends with 0 or 1.')
    .addHelpText('after', examples('lsm apparmor diff old/usr.bin.man new/usr.bin.man'))
    .action(async (before: string, after: string, flags: DiffFlags) => {
      const { diffCommand } = await import('./compare.ts')
      done(diffCommand(io, before, after, flags))
    })
  sourced(apparmor.command('within').argument('<policy>', 'profiles or a binary'))
    .description('Proves that a policy allows nothing that another does not, or lists the surplus: ends with 0 or 1.')
    .requiredOption('--max <policy>', 'the most that may be allowed: profiles or a binary')
    .addHelpText('after', examples('lsm apparmor within local/web --max managed/web'))
    .action(async (policy: string, flags: WithinFlags) => {
      const { withinCommand } = await import('./compare.ts')
      done(withinCommand(io, policy, flags))
    })
  sourced(apparmor.command('exec-graph').argument('<files...>', FILES_TEXT))
    .description(
      'Lists which profile may become which by executing or asking, and which profiles lead out of confinement.')
    .option('--forbid-unconfined', 'end with 1 when a profile leads to unconfined')
    .addHelpText('after', examples('lsm apparmor exec-graph --forbid-unconfined profiles/'))
    .action(async (files: string[], flags: GraphFlags) => {
      const { execGraphCommand } = await import('./compare.ts')
      done(execGraphCommand(io, files, flags))
    })
}

const addLogs = (apparmor: Command, io: Io, done: (code: number) => void): void => {
  sourced(apparmor.command('learn').argument('[log]', 'an audit log; stdin unless given'))
    .description('Proposes rules that would allow what a log says was denied. Nothing is changed.')
    .option('--profile <name>', 'for one profile alone')
    .option('--into <file>', 'prints a patch that adds the rules to the profiles of this file')
    .addHelpText('after', '\nAbstractions that answer several records are proposed beside the rules.')
    .addHelpText('after', examples(
      'journalctl -k | lsm apparmor learn', 'lsm apparmor learn --profile web audit.log',
      'lsm apparmor learn audit.log --into web | patch web',
    ))
    .action(async (log: string | undefined, flags: LearnFlags) => {
      const { learnCommand } = await import('./logs.ts')
      done(learnCommand(io, log, flags))
    })
  sourced(apparmor.command('coverage').argument('<files...>', FILES_TEXT))
    .description('Lists file rules that no record of a log meets.')
    .requiredOption('--log <file>', 'an audit log; - for stdin')
    .addHelpText('after', '\nA kernel records what it denies, and what `audit` and complaining profiles ask for.')
    .addHelpText('after', examples('lsm apparmor coverage --log audit.log usr.bin.man'))
    .action(async (files: string[], flags: CoverageFlags) => {
      const { coverageCommand } = await import('./logs.ts')
      done(coverageCommand(io, files, flags))
    })
}

const addSimulate = (apparmor: Command, io: Io, done: (code: number) => void): void => {
  sourced(apparmor.command('simulate').argument('<policy...>', `a binary, or ${FILES_TEXT}`))
    .description('Lists accesses in a log that these profiles would newly deny or allow: ends with 0 or 1.')
    .requiredOption('--log <file>', 'an audit log; - for stdin')
    .addOption(reporterOption())
    .addOption(watchOption())
    .addHelpText('after', '\nProfiles of text name the rule that decides; a binary has no rules to name.')
    .addHelpText('after', examples('lsm apparmor simulate --log audit.log new/usr.bin.man'))
    .action(async (files: string[], flags: SimulateFlags) => {
      const { simulateCommand } = await import('./simulate.ts')
      done(simulateCommand(io, files, flags))
    })
}

export const addApparmor = (program: Command, io: Io, done: (code: number) => void): void => {
  const apparmor = program.command('apparmor')
    .description('Profiles of AppArmor: compiles, checks, asks, explains and compares them.')
  for (const add of [addCompile, addQuestions, addComparisons, addLogs, addSimulate]) add(apparmor, io, done)
}
