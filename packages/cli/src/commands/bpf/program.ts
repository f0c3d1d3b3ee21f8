/** `lsm bpf …` and its options. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { KernelRelease } from '@lsmkit/bpf/kernels'
import { collect, completing, examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'
import { kernelOption } from '../../kernel-option.ts'
import { kernelNames } from './release-names.ts'
import { reporterOption } from '../../reporter-choice.ts'
import { watchOption } from '../../watch-option.ts'
import { addChangeOptions, addWorldOptions } from '../../run/world-options.ts'

const KERNEL_TEXT =
  'releases to judge for, as 6.1,6.12; all: those from 5.15 on. --btf takes a folder of RELEASE.btf or an archive then'

/** `6.1.176` is 6.1: the tables are those of a series. */
const releasesOf = (text: string): KernelRelease[] => text.split(',').flatMap((word) => {
  if (word === 'all') return kernelNames.filter((name) => name !== '5.10')
  const release = kernelNames.find((name) => word === name || word.startsWith(`${name}.`))
  if (release === undefined) throw new InvalidArgumentError(`\`${word}\` is none of ${kernelNames.join(', ')}, all`)
  return [release]
})

const releasesOption = (): Option => completing('--kernel <releases>', KERNEL_TEXT, [...kernelNames, 'all'])
  .argParser<readonly KernelRelease[]>((text, before) => [...new Set([...(before ?? []), ...releasesOf(text)])])

const BTF_TEXT = 'types of the kernel that the object was made for: the .BTF section of its vmlinux; ours unless given'

const AGAINST_TEXT = 'ours, 6.12 (of a host that runs it), or a file with the .BTF section of a vmlinux'

const level = (text: string): number => {
  if (!/^[012]$/.test(text)) throw new InvalidArgumentError('it is 0, 1 or 2')
  return Number(text)
}

/** A command that reads one object file. */
const onFile = (bpf: Command, name: string, description: string, argument = '<object>'): Command =>
  bpf
    .command(name)
    .description(description)
    .argument(argument, 'an object file, as clang -target bpf writes it')
    .option('--btf <file>', BTF_TEXT)
    .option('--kconfig <file>', 'configuration of the kernel, for __kconfig variables')
    .option('--program <name>', 'this program only (may be repeated)', collect)
    .option('--json', JSON_TEXT)

/** The same, of an object that its loader would change first. */
const onChangedFile = (bpf: Command, name: string, description: string, argument?: string): Command =>
  addChangeOptions(onFile(bpf, name, description, argument))

/** A command that runs a program with an object attached. */
const onProgram = (bpf: Command, name: string, description: string): Command =>
  addWorldOptions(bpf.command(name), { object: true })
    .description(description)
    .argument('<object>', 'an object file, as clang -target bpf writes it')
    .argument('<program>', 'a .wasm file of the host')
    .argument('[args...]', 'arguments of the program, options too')
    .passThroughOptions()

const addDump = (bpf: Command, io: Io): void => {
  onFile(bpf,
    'dump', 'Shows the contents of an object: programs, maps, externs, and accesses the kernel does not have.')
    .addHelpText('after', examples('lsm bpf dump detector.o', 'lsm bpf dump --btf vmlinux.btf detector.o --json'))
    .action(async (file: string, options) => {
      const { dumpCommand } = await import('./dump.ts')
      dumpCommand(io, file, options)
    })
}

const addDisasm = (bpf: Command, io: Io): void => {
  onFile(bpf, 'disasm', 'Prints the instructions of each program, linked and relocated, with their source lines.')
    .option('--no-source', 'instructions alone')
    .addHelpText('after', examples('lsm bpf disasm detector.o --program detect_open'))
    .action(async (file: string, options) => {
      const { disasmCommand } = await import('./disasm.ts')
      disasmCommand(io, file, options)
    })
}

const addMaps = (bpf: Command, io: Io, done: (code: number) => void): void => {
  onChangedFile(bpf,
    'maps', 'Prints each map with the types of its keys and values, and variables with their first values.')
    .option('--after <program>', 'runs a WASI program under the object first, and prints what its maps hold then')
    .addHelpText('after', examples('lsm bpf maps deflector.o', 'lsm bpf maps --after hello.wasm deflector.o'))
    .action(async (file: string, options) => {
      const { mapsCommand } = await import('./maps.ts')
      done(await mapsCommand(io, file, options))
    })
}

const addVerify = (bpf: Command, io: Io, done: (code: number) => void): void => {
  onChangedFile(
    bpf, 'verify',
    'Answers whether Linux would take the programs: ends with 1 and the reason if it refuses one.', '<objects...>',
  )
    .addOption(releasesOption())
    .option(
      '--log-level <number>',
      '1: what leads to a refusal, with each instruction\'s state; 2: every path, taken or not', level, 0,
    )
    .option('--against <types>', AGAINST_TEXT)
    .option(
      '--caps <text>', 'what the loader has, as cap_from_text(3) reads it: cap_bpf=ep, = for nothing; all unless given',
    )
    .addOption(reporterOption())
    .addOption(watchOption())
    .addHelpText('after', examples(
      'lsm bpf verify detector.o', 'lsm bpf verify --log-level 2 --program detect_exec detector.o',
      'lsm bpf verify --caps = filter.o',
      'lsm bpf verify --inner-map rules=hash:4,8,16 --hook lsm/generic=file_open agent.o',
      'lsm bpf verify --against vmlinux.btf agent.o',
      'lsm bpf verify --kernel 5.15,6.1,6.6,6.12 --btf types/ agent.o',
    ))
    .action(async (files: string[], options) => {
      const { kernel } = options as { kernel?: readonly KernelRelease[] }
      if (kernel === undefined) {
        const { verifyCommand } = await import('./verify.ts')
        return done(verifyCommand(io, files, options))
      }
      const { matrixCommand } = await import('./matrix.ts')
      done(await matrixCommand(io, files, kernel, options))
    })
}

const addWhy = (bpf: Command, io: Io, done: (code: number) => void): void => {
  onChangedFile(bpf,
    'why', 'Answers which programs run on our kernel, which a real one takes alone, and what they miss here.')
    .option('--against <types>', AGAINST_TEXT)
    .addHelpText('after', examples('lsm bpf why agent.o', 'lsm bpf why --against vmlinux.btf agent.o'))
    .action(async (file: string, options) => {
      const { whyCommand } = await import('./why.ts')
      done(whyCommand(io, file, options))
    })
}

const addLoad = (bpf: Command, io: Io): void => {
  onChangedFile(bpf, 'load', 'Loads and attaches an object on a stack, and shows where each program went.')
    .option('--lsm <names>', 'modules of the stack; bpf comes last')
    .option('--cmdline <text>', 'boot arguments: lsm=…, security=…')
    .addOption(kernelOption())
    .addHelpText('after', examples(
      'lsm bpf load deflector.o', 'lsm bpf load --set rules=2 deflector.o',
      'lsm bpf load --lsm smack,yama deflector.o --json',
    ))
    .action(async (file: string, options) => {
      const { loadCommand } = await import('./load.ts')
      await loadCommand(io, file, options)
    })
}

const addRun = (bpf: Command, io: Io, done: (code: number) => void): void => {
  onProgram(bpf, 'run', 'Runs a WASI program with an object attached: `lsm run --bpf OBJECT PROGRAM`.')
    .option('--dump <map>', 'prints what is in a map of the object at the end (may be repeated)', collect)
    .addHelpText(
      'after', examples('lsm bpf run deflector.o hello.wasm', 'lsm bpf run --set rules=2 deflector.o hello.wasm'),
    )
    .action(async (file: string, path: string, args: string[], options) => {
      const { runCommand } = await import('../run.ts')
      done(await runCommand(io, path, args, { ...options, bpf: [file] }))
    })
}

const addTrace = (bpf: Command, io: Io, done: (code: number) => void): void => {
  onProgram(
    bpf, 'trace',
    'Runs a WASI program with an object attached, and prints the records of its ring buffers as they come.',
  )
    .option('--event <struct>', 'the struct that records are; `event` when it is the object\'s and fits')
    .addHelpText('after', examples('lsm bpf trace detector.o hello.wasm'))
    .action(async (file: string, path: string, args: string[], options) => {
      const { runCommand } = await import('../run.ts')
      done(await runCommand(io, path, args, { ...options, bpf: [file], records: true }))
    })
}

const addTypes = (bpf: Command, io: Io): void => {
  bpf.command('types')
    .description('Writes the types of our kernel: vmlinux.h for a compiler, or BTF for other tools.')
    .addOption(new Option('--format <format>', 'h: a C header; btf: a .BTF section').choices(['h', 'btf']).default('h'))
    .option('--output <file>', 'a file in place of stdout')
    .addHelpText('after', examples('lsm bpf types > vmlinux.h', 'lsm bpf types --format btf --output ours.btf'))
    .action(async (options) => {
      const { typesCommand } = await import('./types.ts')
      typesCommand(io, options)
    })
}

const addHeader = (bpf: Command, io: Io): void => {
  bpf.command('header')
    .description('Prints the folder of `lsmkit.h`, the header for programs in C.')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('clang -target bpfel -g -O2 -I "$(lsm bpf header)" -c detector.c'))
    .action(async (options) => {
      const { headerCommand } = await import('./header.ts')
      headerCommand(io, options)
    })
}

export const addBpf = (program: Command, io: Io, done: (code: number) => void): void => {
  const bpf = program.command('bpf').description(
    'Object files of BPF: what is in them, whether they load, what they do.',
  )
  addDump(bpf, io)
  addDisasm(bpf, io)
  addMaps(bpf, io, done)
  addVerify(bpf, io, done)
  addWhy(bpf, io, done)
  addTypes(bpf, io)
  addLoad(bpf, io)
  addRun(bpf, io, done)
  addTrace(bpf, io, done)
  addHeader(bpf, io)
}
