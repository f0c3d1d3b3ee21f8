/** The inputs from others: policies, their source and their parts, contexts, file contexts, lines of logs. */
import { selinuxfsAttempt, targets } from '@lsmkit/selinux/fuzz'
import type { Fuzzer } from '../frame/fuzzer.ts'
import { inputFuzzer, seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'

const fuzzerOf = ({ make, attempt }: (typeof targets)[keyof typeof targets]): Fuzzer =>
  inputFuzzer({ make, attempt: (input) => void attempt(input) })

export const auditLines = fuzzerOf(targets['audit-lines'])
export const cil = fuzzerOf(targets.cil)
export const contexts = fuzzerOf(targets.contexts)
export const fileContexts = fuzzerOf(targets['file-contexts'])
export const selinuxTools = fuzzerOf(targets.tools)
export const selinuxLabels = fuzzerOf(targets.labels)
export const selinuxSource = fuzzerOf(targets.source)
export const selinuxInterfaces = fuzzerOf(targets['source-if'])
export const selinuxFileContexts = fuzzerOf(targets['source-fc'])
export const policydb = fuzzerOf(targets.policydb)

const writeSomething = selinuxfsAttempt()
export const selinuxfs = seedFuzzer((seed) => void writeSomething(new Random(seed)))
