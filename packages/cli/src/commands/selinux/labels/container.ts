/** `lsm selinux container INSPECT`: the policy of containers, tried on a policy of yours or on a small one of ours. */
import { basename, join } from 'node:path'
import { compileCil } from '@lsmkit/selinux/cil'
import type { CilSource } from '@lsmkit/selinux/cil'
import { ContainerError, containerPolicy, containerScenario, readInspect,
  standInPolicy } from '@lsmkit/selinux/container'
import type { ContainerCheck, ContainerFacts, ContainerOptions, ContainerPolicy } from '@lsmkit/selinux/container'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { PolicyView, TeRules } from '@lsmkit/selinux/query'
import { CommandError } from '../../../command-error.ts'
import { readHostJson } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { EXIT, printJson, printLines } from '../../../output.ts'
import { makeFolder, writeFiles } from '../../../output-files.ts'
import { withCommandErrors } from '../errors.ts'
import { cilSources, fileContextsOf, isCil, policyOf, serverOf, textOf } from '../inputs.ts'

export interface ContainerFlags {
  readonly name?: string
  readonly policy?: string
  readonly local?: readonly string[]
  readonly fileContexts?: string
  readonly output?: string
  readonly json?: boolean
}

const typeOfContext = (context: string | null): string | null => context?.split(':')[2] ?? null

/** Types of the directory, and of every pattern that begins with it. */
const typesBelow = (io: Io, file: string): ((path: string) => string[]) => {
  const contexts = fileContextsOf(io, file)
  const lines = textOf(io, file).split('\n').map((line) => line.trim().split(/\s+/))
  return (path) => {
    const inside = lines.filter(([pattern = '']) => pattern.startsWith(`${path}/`) || pattern.startsWith(`${path}(`))
    const types = [typeOfContext(contexts.lookup(path)), ...inside.map((fields) =>
      typeOfContext(fields.at(-1) ?? null))]
    return [...new Set(types.filter((type) => type !== null))]
  }
}

const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const

const optionsOf = (io: Io, flags: ContainerFlags): ContainerOptions => {
  const contexts = flags.fileContexts === undefined ? null : fileContextsOf(io, flags.fileContexts)
  const server = flags.policy === undefined ? null : serverOf(policyOf(io, flags.policy, flags.local))
  return {
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(contexts === null ? {} : {
      typesBelow: typesBelow(io, flags.fileContexts!), typeOf: (path, mode) => typeOfContext(contexts.lookup(path,
        mode)),
    }),
    ...(server === null ? {} : {
      portType: ({ port, protocol }) => typeOfContext(String(server.sidToContext(server.portSid(PROTOCOLS[protocol],
        port)))),
    }),
  }
}

/** The policy that the container's is tried on: yours where it is CIL. */
const trialPolicy = (io: Io, container: ContainerPolicy, flags: ContainerFlags): CilSource[] =>
  flags.policy !== undefined && isCil(io, flags.policy)
    ? cilSources(io, [flags.policy]) : [{ name: 'stand-in.cil', text: standInPolicy(container) }]

/** Checks that the policy answers otherwise. */
const wrong = (policy: Policydb, { domain, checks }: ContainerPolicy): ContainerCheck[] => {
  const rules = new TeRules(new PolicyView(policy))
  return checks.filter(({ target, tclass, permission, isAllowed }) => {
    const found = [...rules.search({ kinds: ['allow'], source: domain, target, classes: [tclass],
      permissions: [permission] })]
    return found.some(({ conditional }) => conditional === null) !== isAllowed
  })
}

interface Made {
  readonly facts: ContainerFacts
  readonly container: ContainerPolicy
  readonly failed: readonly ContainerCheck[]
}

const make = (io: Io, facts: ContainerFacts, flags: ContainerFlags): Made => {
  const container = containerPolicy(facts, optionsOf(io, flags))
  const sources = [...trialPolicy(io, container, flags), { name: `${container.name}.cil`, text: container.cil }]
  const { policy } = compileCil(sources, { multipleDeclarations: true, version: 33 })
  return { facts, container, failed: wrong(policy, container) }
}

const write = (io: Io, folder: string, { facts, container }: Made): void => {
  const trial = `${container.name}-trial`
  makeFolder(io, join(folder, trial))
  writeFiles(io, [
    { name: join(folder, `${container.name}.cil`), contents: container.cil },
    { name: join(folder, trial, '1-stand-in.cil'), contents: standInPolicy(container) },
    { name: join(folder, trial, '2-container.cil'), contents: container.cil },
    { name: join(folder, `${container.name}.yaml`), contents: containerScenario(facts, container, trial) },
  ])
  const [cil, scenario] = ['cil', 'yaml'].map((ending) => join(folder, `${container.name}.${ending}`))
  io.print(`${cil}: try it with lsm scenario ${scenario}`)
}

const containerErrors = <T>(file: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error
    const place = error.place === null ? basename(file) : `${file}${error.place}`
    throw new CommandError('badInput', `${place}: ${error.summary}`, error.hint ?? undefined)
  }
}

/** Ends with 1 where the policy that it is tried on answers otherwise than the container needs. */
export const containerCommand = (io: Io, file: string, flags: ContainerFlags): number =>
  withCommandErrors(() => containerErrors(file, () => {
    const all = readInspect(readHostJson(io, file))
    if (flags.name !== undefined && all.length > 1) {
      throw new CommandError('usage', `\`${file}\` has ${all.length} containers, and \`--name\` is for one`)
    }
    const made = all.map((facts) => make(io, facts, flags))
    for (const { container, failed } of made) {
      for (const note of container.notes) io.note(`lsm: ${container.name}: ${note}`)
      for (const { about, target, tclass, permission, isAllowed } of failed) {
        const verdict = isAllowed ? 'does not allow' : 'allows'
        io.note(`lsm: ${container.name}: the policy ${verdict} ${permission} of ${target} ${tclass} (${about})`)
      }
    }
    if (flags.output !== undefined) for (const each of made) write(io, flags.output, each)
    if (flags.json === true) printJson(io, { containers: made.map(({ facts, container, failed }) => ({ facts,
      ...container, failed })) })
    else if (flags.output === undefined) for (const { container } of made) printLines(io, container.cil.trimEnd())
    return made.every(({ failed }) => failed.length === 0) ? EXIT.ok : EXIT.denied
  }))
