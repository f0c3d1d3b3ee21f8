/** The answers of a seccomp profile: its filter, run by the kernel's own interpreter. */
import { runFilter } from '@lsmkit/kernel'
import { socketAllowed } from '../decision.ts'
import type { Answers } from '../question.ts'
import { compileProfile } from './compile.ts'
import { isAllowed, seccompData } from './data.ts'
import type { Profile } from './profile.ts'
import type { Container } from './resolve.ts'

/** It knows calls and families of sockets, and lets everything else pass. */
export const profileAnswers = (profile: Profile, container: Container = {}): Answers => {
  const filter = compileProfile(profile, container)
  return (question) => {
    if (question.kind === 'socket' || question.kind === 'pair') return socketAllowed(filter, question)
    return question.kind !== 'call' || isAllowed(runFilter(filter, seccompData(question.name)))
  }
}
