/** `lsm bpf verify --kernel`: programs × kernel releases, each accepted or refused, and what to do. */
import { errnoName } from '@lsmkit/abi'
import { unprovenReleases, verifyOn } from '@lsmkit/bpf/kernels'
import type { KernelRelease, KernelVerdict, ProgramVerdicts } from '@lsmkit/bpf/kernels'
import { changedObject } from '@lsmkit/bpf/object'
import type { Btf } from '@lsmkit/bpf/btf'
import type { Check, Finding } from '@lsmkit/report'
import { CommandError } from '../../command-error.ts'
import { readHostFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, wrap } from '../../output.ts'
import type { Output } from '../../output.ts'
import { Progress } from '../../progress.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { changesOf, withFileErrors } from './open.ts'
import { readTypes } from './kernel-types.ts'
import type { VerifyOptions } from './verify.ts'
import { rightsOf } from './verify.ts'

interface Judged extends ProgramVerdicts {
  /** The file, as it was named. */
  readonly object: string
}

/** 1 when a release refuses a program; 3 when none does, and some could not be judged for want of types. */
export const matrixCommand = async (
  io: Io, files: readonly string[], kernels: readonly KernelRelease[], options: VerifyOptions,
): Promise<number> => {
  const types = await settled(() => typesFor(io, kernels, options))
  return reported(io, 'bpf verify', options, () => outcomeOf(judgeAll(io, files, kernels, types(), options), kernels))
}

/** The answer, or the error where it is asked for: a report is written of both. */
const settled = async <T>(act: () => Promise<T>): Promise<() => T> => {
  try {
    const value = await act()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

const typesFor = async (
  io: Io, kernels: readonly KernelRelease[], { btf }: VerifyOptions,
): Promise<ReadonlyMap<KernelRelease, Btf>> => (btf === undefined ? new Map() : await readTypes(io, btf, kernels))

const judgeAll = (
  io: Io, files: readonly string[], kernels: readonly KernelRelease[], types: ReadonlyMap<KernelRelease, Btf>,
  options: VerifyOptions,
): Judged[] => {
  const progress = new Progress(io, files.length === 1 ? 'verdicts' : 'objects')
  const changes = changesOf(options)
  const judged = files.flatMap((file, index) => {
    const bytes = readHostFile(io, file)
    const answers = withFileErrors(file, () => verifyOn(bytes, {
      kernels, types: (kernel) => types.get(kernel) ?? null, name: file.replace(/^.*\//, ''),
      rights: rightsOf(options.caps),
      prepare: (object, btf) => changedObject(object, changes, btf),
      ...(options.program === undefined ? {} : { programs: options.program }),
      onVerdict: (done, total) => {
        if (files.length === 1) progress.show(done, total)
      },
    }))
    if (files.length > 1) progress.show(index + 1, files.length)
    return answers.map((answer): Judged => ({ object: file, ...answer }))
  })
  progress.end()
  const missing = options.program?.find((name) => !judged.some((one) => one.name === name))
  if (missing !== undefined) throw new CommandError('usage', `no object has a program \`${missing}\``)
  if (judged.length === 0) throw new CommandError('badInput', `${files.join(', ')}: no program to judge`)
  return judged
}

const outcomeOf = (judged: readonly Judged[], kernels: readonly KernelRelease[]): Outcome => {
  const has = (verdict: KernelVerdict['verdict']): boolean =>
    judged.some((one) => one.kernels.some((each) => each.verdict === verdict))
  return {
    code: has('refused') ? EXIT.denied : has('unknown') ? EXIT.badInput : EXIT.ok,
    checks: judged.flatMap((one) => one.kernels.map((each) => checkOf(one, each))),
    rules: {
      'bpf/refused': 'A kernel release does not load the program.',
      'bpf/no-types': 'The program needs the types of a kernel release, and none were given.',
    },
    json: (out) => printJson(out, { programs: judged.map(document) }),
    pretty: (out) => print(out, judged, kernels),
  }
}

const document = ({ object, name, kernels }: Judged) => ({
  object, name,
  kernels: kernels.map(({ kernel, verdict, processed, reason }) => ({ kernel, verdict, processed, reason })),
})

/** The last source line that the log names. */
const placeIn = (log: string): { file: string, line: number } | null => {
  const found = [...log.matchAll(/^; .*@ (\S+):(\d+)$/gm)].at(-1)
  return found === undefined ? null : { file: found[1]!, line: Number(found[2]) }
}

const checkOf = ({ object, name, section }: Judged, verdict: KernelVerdict): Check => {
  const { kernel, errno, processed, reason, advice, log } = verdict
  const finding = (): Finding => ({
    rule: verdict.verdict === 'refused' ? 'bpf/refused' : 'bpf/no-types', level: 'error',
    message: `Linux ${kernel} ${verdict.verdict === 'refused' ? 'refuses' : 'cannot be asked about'} ` +
      `${name} (${section}): ${reason}`,
    ...placeIn(log), fix: advice,
    properties: { kernel, program: name, section, processed, ...(errno === 0 ? {} : { errno: errnoName(errno) }) },
  })
  const findings = verdict.verdict === 'accepted' ? [] : [finding()]
  return { name: `${name} (${section}) on ${kernel}`, file: object, findings }
}

const CELL = 8
const WIDTH = 80

/** Instructions walked, or the verdict. */
const cellOf = (out: Output, { verdict, processed }: KernelVerdict): string => {
  const text = (verdict === 'accepted' ? `${processed}` : verdict === 'refused' ? 'refused' : '?').padStart(CELL)
  return verdict === 'accepted' ? text : verdict === 'refused' ? out.colors.red(text) : out.colors.yellow(text)
}

const cut = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}~` : text).padEnd(width)

const print = (out: Output, judged: readonly Judged[], kernels: readonly KernelRelease[]): void => {
  const width = Math.max(12, WIDTH - CELL * kernels.length)
  for (const object of new Set(judged.map((one) => one.object))) {
    out.print(cut(object, width) + kernels.map((kernel) => kernel.padStart(CELL)).join(''))
    for (const one of judged.filter((each) => each.object === object))
      out.print(cut(`  ${one.name}`, width) + one.kernels.map((each) => cellOf(out, each)).join(''))
  }
  for (const line of [...refusalsOf(judged), ...unjudgedOf(judged)]) out.print(line)
  const count = (verdict: KernelVerdict['verdict']): number =>
    judged.reduce((sum, one) => sum + one.kernels.filter((each) => each.verdict === verdict).length, 0)
  const unjudged = count('unknown')
  out.print('')
  out.print(`${counted(judged.length, 'program')} on ${counted(kernels.length, 'kernel')}: ${count('accepted')} ` +
    `accepted, ${count('refused')} refused${unjudged === 0 ? '' : `, ${unjudged} not judged`}`)
  const unproven = kernels.filter((kernel) => unprovenReleases.has(kernel))
  if (unproven.length > 0) out.print(`${unproven.join(', ')}: unproven, no kernel of the release was asked`)
}

/** Lines of 80 columns: a head, then its reason and advice below it. */
const paragraph = (head: string, { reason, advice }: KernelVerdict): string[] => [
  '', ...wrap(`${head}:`, '', WIDTH), ...wrap(reason ?? '', '  ', WIDTH),
  ...(advice === null ? [] : wrap(advice, '  ', WIDTH)),
]

interface Place {
  readonly one: Judged
  readonly each: KernelVerdict
}

/** Verdicts of a kind, those of the same key together. */
const grouped = (
  judged: readonly Judged[], kind: KernelVerdict['verdict'], key: (place: Place) => string,
): Place[][] => {
  const groups = new Map<string, Place[]>()
  const places = judged.flatMap((one) => one.kernels.map((each): Place => ({ one, each })))
  for (const place of places.filter(({ each }) => each.verdict === kind))
    groups.set(key(place), [...groups.get(key(place)) ?? [], place])
  return [...groups.values()]
}

const kernelsOf = (places: readonly Place[]): string => [...new Set(places.map(({ each }) => each.kernel))].join(', ')

/** Each reason of a program once, with the releases that give it. */
const refusalsOf = (judged: readonly Judged[]): string[] =>
  grouped(judged, 'refused', ({ one, each }) => `${one.object}\n${one.name}\n${each.reason}\n${each.advice}`)
    .flatMap((places) => {
      const { one, each } = places[0]!
      return paragraph(`${one.object}: ${one.name} on ${kernelsOf(places)}`, each)
    })

/** Each reason once, with how many programs it is about. */
const unjudgedOf = (judged: readonly Judged[]): string[] =>
  grouped(judged, 'unknown', ({ each }) => each.reason ?? '').flatMap((places) => {
    const programs = new Set(places.map(({ one }) => one))
    return paragraph(`${counted(programs.size, 'program')} not judged on ${kernelsOf(places)}`, places[0]!.each)
  })
