/** Verifies a program as Linux does, for a loader with the given rights. */
import { E2BIG, EEXIST, EFAULT, EINVAL, EPERM, EPROTO } from '@lsmkit/abi'
import {
  aBoolean, aFunction, anObject, checkOptions, instanceOf, nameOf, optionsOf, orNull, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { Btf } from '../btf/btf.ts'
import { isAttachTypeAsked, knowsAttachType, knowsProgramType } from '../kernels/attach-types.ts'
import { kernelProfile } from '../kernels/profile.ts'
import type { KernelRelease } from '../kernels/releases.ts'
import { kernelReleases } from '../kernels/releases.ts'
import type { BpfObject, ProgramSpec } from '../object/bpf-object.ts'
import type { Aux } from './aux.ts'
import { auxOf } from './aux.ts'
import { checkRecursion } from './call-graph.ts'
import { EXT, PERFMON_TYPES, UNPRIVILEGED_TYPES } from './context/program-kind.ts'
import { resolveTarget } from './context/target.ts'
import { checkFlowGraph } from './flow-graph.ts'
import { checkKfuncPrototype } from './kfunc-proto.ts'
import { followRules } from './number-rules.ts'
import { dropFastcallStack, markFastcalls } from './fastcall.ts'
import { Log, STATS } from './log.ts'
import { checkInstructions, describeMaps } from './prepare.ts'
import { Refusal } from './refusal.ts'
import type { LoaderRights } from './session.ts'
import { Session } from './session.ts'
import { isKfuncCall } from './shape.ts'
import { addRewriteStack, checkStackDepth } from './stack-depth.ts'
import { checkSubprogramShapes, findSubprograms } from './subprograms.ts'
import { entryState, walk } from './walk.ts'

export interface VerifyOptions {
  readonly object: BpfObject
  readonly kernelBtf: Btf | null
  /**
   * Bits 0 and 1: instructions with state, then every state and precision; bit 2: statistics. 0 keeps the last lines
   * only.
   */
  readonly logLevel?: number
  /** `BPF_F_*` of the load: strict alignment 1, a state at every prune point 8, invariants 128. */
  readonly flags?: number
  /**
   * CONFIG_FUNCTION_ERROR_INJECTION: programs may replace what system calls return, and sleep there. False unless
   * given, as Debian's kernel is built.
   */
  readonly errorInjection?: boolean
  /** Of the loader: all unless given. Without CAP_BPF, `kernel.unprivileged_bpf_disabled` is taken to be 0. */
  readonly rights?: LoaderRights
  /** The release whose verifier is asked; `6.12` unless given. Its types are `kernelBtf`, whatever they are. */
  readonly kernel?: KernelRelease
}

export const rightsRules: OptionRules<LoaderRights> = {
  bpf: required(aBoolean), perfmon: required(aBoolean), bypass_spec: required(aBoolean), locked_down: aFunction,
}

const rules: OptionRules<VerifyOptions> = {
  object: required(anObject),
  kernelBtf: required(orNull(instanceOf(Btf))),
  logLevel: wholeNumber(0),
  flags: wholeNumber(0),
  errorInjection: aBoolean,
  rights: optionsOf(rightsRules),
  kernel: nameOf(kernelReleases, 'kernel release'),
}

export interface Verdict {
  readonly ok: boolean
  /** 0, or minus the errno of the load. */
  readonly errno: number
  readonly log: string
  /** The instruction at which it was refused; -1 before any was walked, and when it was accepted. */
  readonly at: number
  /** Instructions walked. */
  readonly processed: number
  readonly states: number
  /** Facts for a translator; null if the program was refused. */
  readonly aux: Aux | null
}

/** BPF_TRACE_FENTRY_MULTI, FEXIT_MULTI, FSESSION_MULTI. */
const MANY_FUNCTIONS: ReadonlySet<number> = new Set([59, 60, 61])

const TAIL_CALL = 12

const EVERY: LoaderRights = { bpf: true, perfmon: true, bypass_spec: true }

const EXCEPTION_TAG = 'exception_callback:'

const findExceptionCallback = (session: Session): void => {
  const tags = session.program.tags.filter((tag) => tag.startsWith(EXCEPTION_TAG))
  if (tags.length === 0) return
  if (tags.length > 1) session.refuse('multiple exception callback tags for main subprog', -EEXIST)
  const name = tags[0]!.slice(EXCEPTION_TAG.length)
  const index = session.subprograms.findIndex((sub) => sub.name === name)
  if (index <= 0) session.refuse(`exception callback '${name}' could not be found in BTF`, -EINVAL)
  if (!session.subprograms[index]!.isGlobal)
    session.refuse(`exception callback '${name}' must have global linkage`, -EINVAL)
  session.subprograms[index]!.isExceptionCallback = true
  session.subprograms[index]!.isCallback = true
  session.subprograms[index]!.called = true
  session.exceptionCallback = index
}

const checkFunctions = (session: Session): void => {
  for (const [index, sub] of session.subprograms.entries()) {
    if (index === 0 || (!sub.hasLdAbs && !sub.hasTailCall)) continue
    const what = sub.hasLdAbs ? 'LD_ABS' : 'tail_call'
    const { btf } = session
    const proto = btf === null || sub.typeId === 0 ? null : btf.proto(sub.typeId)
    if (btf === null || proto === null) session.refuse(`${what} is not allowed in subprogs without BTF`, -EINVAL)
    const { kind } = btf.resolved(proto.type)
    if (kind !== 'int' && kind !== 'enum' && kind !== 'enum64')
      session.refuse(`${what} is only allowed in functions that return 'int'.`, -EINVAL)
  }
}

const walkFunction = (session: Session, subprog: number): void => {
  session.forgetPaths()
  const sub = session.subprograms[subprog]!
  session.state = entryState(session, subprog)
  session.insn = sub.start
  session.entry = subprog
  session.scratchAll()
  sub.verified = true
  walk(session)
  if (!session.log.verbose) session.log.cut(0)
}

/** The program, then each global function that a walked path called, until no new one is. */
const walkAll = (session: Session): void => {
  if (!session.kernel.features.globalsLast) {
    for (const [index, sub] of session.subprograms.entries()) if (sub.isGlobal) walkFunction(session, index)
    walkFunction(session, 0)
    return
  }
  walkFunction(session, 0)
  for (let again = true; again;) {
    again = false
    for (const [index, sub] of session.subprograms.entries()) {
      if (index === 0 || !sub.called || sub.verified) continue
      if (session.log.enabled) session.say(`Validating ${sub.name}() func#${index}...`)
      walkFunction(session, index)
      if (session.log.enabled)
        session.say(`Func#${index} ('${sub.name}') is safe for any args that match its prototype`)
      again = true
    }
  }
}

/** A weak kernel function that does not exist may be called only where no path leads. */
const checkMissingKfuncs = (session: Session): void => {
  const { code } = session
  for (let slot = 0; slot < code.length; slot++) {
    if (isKfuncCall(code, slot) && code.imm[slot] === 0 && session.seen[slot] === 1)
      session.refuse('invalid kernel function call not eliminated in verifier pass', -EINVAL)
  }
}

/** What is called as a kernel function is one. */
const checkKfuncs = (session: Session): void => {
  const { code, kernelBtf } = session
  for (let slot = 0; slot < code.length; slot++) {
    if (!isKfuncCall(code, slot)) continue
    if (!session.isGpl) session.refuse('cannot call kernel function from non-GPL compatible program', -EINVAL)
    const id = code.imm[slot]!
    if (code.off[slot]! < 0) session.refuse('negative offset disallowed for kernel module function call', -EINVAL)
    if (code.off[slot] !== 0) session.refuse('kfunc offset > 0 without fd_array is invalid', -EPROTO)
    if (id === 0) continue
    if (kernelBtf === null || id < 0 || id >= kernelBtf.count || kernelBtf.kind(id) !== 'func')
      session.refuse(`kernel btf_id ${id >>> 0} is not a function`, -EINVAL)
    // what devices tell of a packet: programs that are bound to one, which no loader here does
    if (kernelBtf.name(id).startsWith('bpf_xdp_metadata_rx_'))
      session.refuse('metadata kfuncs require device-bound program', -EINVAL)
    if (session.kernel.features.kfuncPrototypeFirst) checkKfuncPrototype(session, kernelBtf, id)
  }
}

/** As `bpf_prog_load`: types and sizes that need CAP_BPF, and types that see the kernel's memory. */
const checkCapabilities = (session: Session): void => {
  const { hasBpf, hasPerfmon, code } = session
  const { type } = session.program
  const { unprivilegedInsns } = session.kernel.limits
  if (!hasBpf && code.length > unprivilegedInsns)
    session.refuse(`more than ${unprivilegedInsns} instructions are for loaders with CAP_BPF`, -E2BIG)
  const missing = !hasBpf && !UNPRIVILEGED_TYPES.has(type) ? 'CAP_BPF'
    : !hasPerfmon && PERFMON_TYPES.has(type) ? 'CAP_PERFMON' : null
  if (missing !== null) session.refuse(`programs of this type are for loaders with ${missing}`, -EPERM)
}

/** Types that came after the release. */
const checkTypes = (session: Session): void => {
  const { kernel: { release }, program: { type, expectedAttachType: attach } } = session
  if (!knowsProgramType(release, type)) session.end(-EINVAL)
  // without a list of functions a tracing program for many of them has no target
  if (session.kernel.features.manyFunctions && MANY_FUNCTIONS.has(attach)) session.end(-EINVAL)
  if (isAttachTypeAsked(release, type) && !knowsAttachType(release, attach)) session.end(-EINVAL)
}

/** One tail call into several arrays cannot mask its index, which it must where somebody unprivileged made one. */
const checkTailCalls = (session: Session): void => {
  const { code, callMaps } = session
  for (const slot of session.maskedCalls) {
    if (callMaps.get(slot) === null && code.imm[slot] === TAIL_CALL) {
      session.refuse('tail_call abusing map_ptr', -EINVAL)
    }
  }
}

const run = (session: Session): void => {
  const { code } = session
  const fits = code.length > 0 && code.length <= session.insnLimit
  if (!fits) session.refuse('program has no instructions, or too many', -E2BIG)
  if (session.letter === '' && session.program.type !== EXT)
    session.refuse(`program type ${session.program.type} is not known`, -EINVAL)
  checkCapabilities(session)
  checkTypes(session)
  session.subprograms = findSubprograms(session)
  if (session.kernel.features.exceptions) findExceptionCallback(session)
  const { kfuncPrototypeFirst, kfuncs } = session.kernel.features
  if (kfuncs && !kfuncPrototypeFirst) checkKfuncs(session)
  checkSubprogramShapes(session)
  checkFunctions(session)
  const { targetAfterInstructions } = session.kernel.features
  if (!targetAfterInstructions) session.target = resolveTarget(session)
  checkInstructions(session)
  if (kfuncPrototypeFirst) checkKfuncs(session)
  checkFlowGraph(session)
  if (targetAfterInstructions) session.target = resolveTarget(session)
  if (session.kernel.features.recursionFirst) checkRecursion(session)
  markFastcalls(session)
  walkAll(session)
  dropFastcallStack(session)
  checkStackDepth(session)
  checkMissingKfuncs(session)
  checkTailCalls(session)
  addRewriteStack(session)
}

const statistics = (session: Session): void => {
  if ((session.log.level & STATS) !== 0) {
    session.say('verification time 0 usec')
    session.say(`stack depth ${session.subprograms.map((sub) => sub.stackDepth).join('+')}`)
  }
  session.say(
    `processed ${session.processed} insns (limit ${session.insnLimit}) ` +
    `max_states_per_insn ${session.maxStatesPerInsn} ` +
    `total_states ${session.totalStates} peak_states ${session.peakStates} mark_read ${session.longestMarkRead}`)
}

/** Throws OptionError, but never for what a program does: a bug met on the way refuses it with EFAULT. */
export const verify = (program: ProgramSpec, options: VerifyOptions): Verdict => {
  checkOptions(options, rules, 'verify')
  const { object, kernelBtf, logLevel = 0, flags = 0, errorInjection = false, rights = EVERY, kernel } = options
  const profile = kernelProfile(kernel)
  followRules(profile.features)
  const maps = describeMaps(object, kernelBtf)
  const session = new Session(object, program, kernelBtf, maps, new Log(logLevel), flags, errorInjection, rights,
    profile)
  let errno = 0
  let at = -1
  try {
    run(session)
  } catch (error) {
    if (!(error instanceof Refusal))
      session.say(`verifier bug: ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
    errno = error instanceof Refusal ? error.errno : -EFAULT
    at = session.processed > 0 ? session.insn : -1
  } finally {
    followRules(kernelProfile().features)
  }
  statistics(session)
  return {
    ok: errno === 0, errno, at, log: session.log.toString(), processed: session.processed, states: session.totalStates,
    aux: errno === 0 ? auxOf(session) : null,
  }
}
