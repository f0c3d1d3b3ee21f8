/** Signals: the sender is asked, and the receiver (ipc.c). */
import { checkPerms } from '../audit/check-perms.ts'
import { labelField } from '../audit/record.ts'
import { AA_CLASS_SIGNAL } from '../classes.ts'
import { next } from '../dfa/step.ts'
import { matchLabel } from '../domain/label-match.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { withModes } from '../domain/perms-math.ts'
import { forEachProfile } from '../state.ts'
import type { Apparmor } from '../state.ts'

const SEND = 2
const RECEIVE = 4

const SIGRTMIN = 32
const SIGRTMAX = 64
/** Numbers that rules have: those of Linux up to 31, 35 for none, real-time ones from 128 on. */
const MAPPED = 32
const EXISTS = 35
const REAL_TIME = 128

const names = [
  'unknown', 'hup', 'int', 'quit', 'ill', 'trap', 'abrt', 'bus', 'fpe', 'kill', 'usr1', 'segv', 'usr2', 'pipe', 'alrm',
  'term', 'stkflt', 'chld', 'cont', 'stop', 'stp', 'ttin', 'ttou', 'urg', 'xcpu', 'xfsz', 'vtalrm', 'prof', 'winch',
  'io', 'pwr', 'sys',
]

/** As `map_signal_num`; 0 for what is no signal. */
const mapped = (signal: number): number => {
  if (signal === 0) return EXISTS
  if (signal >= SIGRTMIN) return signal > SIGRTMAX ? 0 : signal - SIGRTMIN + REAL_TIME
  return signal < MAPPED ? signal : 0
}

const signalField = (number: number, signal: number): string => {
  if (number === 0) return `signal=unknown(${signal})`
  if (number === EXISTS) return ' signal=exists'
  return number < REAL_TIME ? ` signal=${names[number] ?? 'unknown'}` : ` signal=rtmin+${number - REAL_TIME}`
}

/** As `aa_may_signal`: both sides, whatever the first one says. */
export const maySignal = (aa: Apparmor, sender: Label, target: Label, signal: number): number => {
  const first = forEachProfile(sender, (profile) => permission(aa, profile, target, SEND, signal))
  const second = forEachProfile(target, (profile) => permission(aa, profile, sender, RECEIVE, signal))
  return second || first
}

const permission = (aa: Apparmor, profile: LoadedProfile, peer: Label, request: number, signal: number): number => {
  const { rules } = profile
  if (profile.isUnconfined || rules.dfa === null || rules.start[AA_CLASS_SIGNAL] === 0) return 0
  const number = mapped(signal)
  const state = next(rules.dfa, rules.start[AA_CLASS_SIGNAL]!, number)
  const question = { profile, rules, state, inside: false, request, perms: (at: number) => rules.perms(at) }
  const perms = withModes(aa.store, profile, matchLabel(question, peer))
  return checkPerms(aa, profile, perms, request, {
    operation: 'signal',
    class: 'signal',
    fields: ({ namespace }, asked, denied) => ` requested_mask="${wordOf(asked)}"` +
      `${denied === 0 ? '' : ` denied_mask="${wordOf(denied)}"`}${signalField(number, signal)}` +
      ` peer=${labelField(namespace, peer)}`,
  })
}

const wordOf = (mask: number): string => ((mask & RECEIVE) !== 0 ? 'receive' : 'send')
