/** Profile texts, damaged: compiled to a policy that a kernel takes, or refused with a typed error. */
import { compileProfiles, kernelFeatures, parseFeatures, ProfileError } from '@lsmkit/apparmor/profile'
import { readPolicy, writePolicy } from '@lsmkit/apparmor/policydb'
import { damagedText } from '../frame/damage.ts'
import type { Session } from '../frame/fuzzer.ts'
import { inputFuzzer } from '../frame/input-fuzzer.ts'
import type { Random } from '../frame/random.ts'

/** Rules of every class, from which a text is put together. */
const RULES = [
  '/usr/{bin,lib}/** mr,', 'owner @{HOME}/.config/[a-z]*/ rwk,', 'deny /etc/shadow* rw,', '/bin/* px -> other,',
  'audit /sbin/? Cx -> kid,', 'link subset /a/** -> /b/*,', 'change_profile /bin/x -> :ns:t*,', 'capability kill bpf,',
  'network (send, receive) inet stream,', 'mount fstype=(tmpfs, ext*) options in (ro, nosuid) /d -> /m/**,',
  'umount /m/*,', 'pivot_root oldroot=/old /new,', 'ptrace (read, trace) peer=a//&b,', 'signal set=(term, rtmin+3),',
  'unix (connect) type=stream peer=(label=x, addr=@a*),', 'dbus send bus=system path=/a/** peer=(name=org.x),',
  'mqueue (open read) type=posix /q*,', 'io_uring sqpoll,', 'userns create,', 'set rlimit as <= 10MB,', 'all,',
  'priority=3 prompt /p/* r,', 'if defined @{HOME} { /h r, } else { /i r, }', 'audit { /j r, }', 'include <part>',
  '^hat { /k r, }', 'profile kid /kid/* flags=(complain) { file, }',
]
const PIECES = [
  '{', '}', '(', ')', '[', ']', '"', '\\', ',', '*', '**', '?', '{a,b}', '[^/]', '@{HOME}', '$on', '->', '=', '+=',
  ' in ', '#', 'include ', 'if ', 'not ', 'else ', '\n', '\0', '\u00ff', '\\000', '\\xff', 'x', 'ix', 'priority=',
  '&', ':ns:', '//', '<part>',
]
const PREAMBLE = '@{HOME}=/home/* /root\n$on = true\nalias /a -> /mnt/a,\n'

const targets = [
  kernelFeatures('6.12'),
  parseFeatures(`dbus {mask {send}} network {af_unix {yes}} network_v8 {af_inet {yes}} ipc {posix_mqueue {open}}
    mount {mask {mount}} signal {mask {hup}} ptrace {mask {read}} io_uring {mask {sqpoll}} domain {stack {yes}}
    policy {permstable32 {allow} permstable32_version {0x000002} versions {v7 {yes}}}`),
]

const make = (random: Random): string => {
  const rules = Array.from({ length: 1 + random.below(6) }, () => random.pick(RULES))
  return damagedText(`${PREAMBLE}profile p /p/* {\n${rules.join('\n')}\n}\n`, random, PIECES)
}

const PART = new TextEncoder().encode('/part r,\ninclude if exists <part>\n')

const attempt = (input: Uint8Array, session: Session): void => {
  const files = {
    read: (path: string): Uint8Array | null => path === 'text' ? input : path === 'd/part' ? PART : null,
    list: (): null => null,
  }
  for (const features of targets) {
    try {
      const { binary } = compileProfiles('text', { files, include: ['d'], features })
      const bytes = writePolicy(binary)
      if (readPolicy(bytes).profiles.length !== binary.profiles.length) {
        session.found('wrong-answer', input, 'the binary has other profiles than the text')
      }
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error
    }
  }
}

export const apparmorText = inputFuzzer({ make, attempt })
