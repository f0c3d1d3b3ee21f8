/**
 * The steps of a probe: a process that stands behind the same walls as a program, and repeats questions for the watch.
 * A question is two system calls, the second one with the result of the first as its first argument. The answer is both
 * results. Nothing that a question opens stays open.
 */
import {
  LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON, LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF, PR_SET_PDEATHSIG, SIGKILL,
} from '@lsmkit/abi'
import { Program } from './program.ts'
import { musts } from './steps.ts'
import type { LaunchPlan } from './steps.ts'

/** The descriptor over which messages come and go: a socket that keeps their bounds. */
export const QUESTION_FD = 0
/** Words of a call: its number and six arguments. */
export const CALL_WORDS = 7
/** Bytes of a question with the data that its calls point to. */
export const QUESTION = 8192
/** Bytes of an answer. The first one, before any question, has the address of the question in the probe's memory. */
export const ANSWER = 16

const WORD = 8
const LAST_FD = 0xffff_ffff

/** Where the kernel has a log of refusals, those of the probe are not in it. */
const withoutLog = (flags: number | null): number | null =>
  (flags === null || (flags & LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON) === 0 ? flags
    : (flags & ~LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON) | LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF)

export const probeImage = (plan: LaunchPlan): Uint8Array => {
  const program = new Program(plan.arch)
  const answer = program.words(0, 0)
  const ignored = program.words(0)
  const landlock = withoutLog(plan.landlock)
  const list = musts({ ...plan, landlock, listener: false, hasCgroup: false }, program)
  const question = program.room(QUESTION)
  program.step(
    { call: 'prctl', args: [PR_SET_PDEATHSIG, SIGKILL] },
    { call: 'getppid', expect: plan.supervisor, above: 'exit', below: 'exit' },
    ...list.map(({ call, args }) => ({ call, args, store: ignored, below: 'exit' })),
    { call: 'multiply-add', args: [question, 1, 0], store: answer },
    {
      label: 'tell', call: 'write', args: [QUESTION_FD, answer, ANSWER], expect: ANSWER, below: 'exit', above: 'exit',
    },
    { call: 'close_range', args: [QUESTION_FD + 1, LAST_FD] },
    { call: 'read', args: [QUESTION_FD, question, QUESTION], equal: 'exit', below: 'exit' },
  )
  const load = (step: string, first: number, from: number): void => {
    for (let at = from; at < CALL_WORDS; at++) {
      program.step({ call: 'load-word', args: [question.at(WORD * (first + at))], store: { step, field: at } })
    }
  }
  load('first', 0, 0)
  program.step({ label: 'first', call: 'getpid', store: answer })
  load('second', CALL_WORDS, 0)
  program.step(
    { call: 'load-word', args: [answer], store: { step: 'second', field: 1 } },
    { label: 'second', call: 'getpid', store: answer.at(WORD), equal: 'tell', above: 'tell', below: 'tell' },
    { label: 'exit', call: 'exit_group', args: [0] },
  )
  return program.image()
}
