import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CapsError } from './errors.ts'
import { execState } from './exec-state.ts'
import type { ExecInput } from './exec-state.ts'

const names = ({ branches }: ReturnType<typeof execState>) => branches.map(({ name }) => name)

test('a process and a program in, a process out', () => {
  const answer = execState({
    process: { uid: 1000, gid: [1000, 1000, 1000], groups: [30, 4], bounding: ['cap_net_raw', 'cap_chown'] },
    program: { caps: 'cap_net_raw=ep' },
  })
  expect(answer).toEqual({
    errno: null,
    process: {
      uid: [1000, 1000, 1000, 1000],
      gid: [1000, 1000, 1000, 1000],
      groups: [4, 30],
      permitted: '0000000000002000',
      effective: '0000000000002000',
      inheritable: '0000000000000000',
      ambient: '0000000000000000',
      bounding: '0000000000002001',
      securebits: 0,
      noNewPrivs: false,
    },
    atSecure: true,
    branches: expect.arrayContaining([{ name: 'gained', means: expect.stringContaining('permitted grew') }]),
  })
})

const user = { uid: 1000, gid: 1000 }
const nosuid = true
test.each<Partial<ExecInput> & { branch: string; errno?: string; euid?: number }>([
  { program: { mode: '4755' }, euid: 0, branch: 'setuid' },
  { program: { mode: '4755' }, nosuid, branch: 'set-id-ignored-nosuid' },
  { program: { mode: 0o4755 }, process: { ...user, noNewPrivs: true }, branch: 'set-id-ignored-no-new-privs' },
  { program: { mode: '2745' }, branch: 'setgid-without-group-execute' },
  { branch: 'file-caps-none' },
  { program: { caps: '=p' }, nosuid, branch: 'file-caps-ignored-nosuid' },
  { program: { caps: '=p', rootid: 7 }, branch: 'file-caps-ignored-rootid' },
  { program: { caps: '0x010203' }, errno: 'EINVAL', branch: 'file-caps-malformed' },
  { program: { caps: '=ep' }, process: { ...user, bounding: '0' }, errno: 'EPERM', branch: 'file-caps-refused' },
  { program: { caps: 'cap_kill=ep' }, sharedFs: true, branch: 'limited' },
  { program: { caps: 'cap_kill=ep' }, tracer: 'unprivileged', branch: 'ids-dropped' },
  { program: { caps: 'cap_kill=ep' }, tracer: 'privileged', branch: 'tracer-capable' },
  { profile: '6.18', process: { uid: [1, 2, 2] }, euid: 2, branch: 'secure-ids-differ' },
])('$branch', ({ branch, errno = null, euid = 1000, ...input }) => {
  const answer = execState({ process: user, ...input })
  expect(names(answer)).toContain(branch)
  expect(answer.errno).toBe(errno)
  expect(answer.process.uid[1]).toBe(euid)
})

test.each([
  [undefined, 'bad-state', 'input'],
  [{}, 'bad-state', 'process'],
  [{ process: user, programme: {} }, 'bad-state', 'input'],
  [{ process: { uid: [1, 2] } }, 'bad-state', 'process.uid'],
  [{ process: { uid: [1, 2, -1] } }, 'bad-state', 'process.uid[2]'],
  [{ process: { groups: 5 } }, 'bad-state', 'process.groups'],
  [{ process: { permitted: ['cap_foo'] } }, 'bad-state', 'process.permitted[0]'],
  [{ process: { permitted: '20x' } }, 'bad-mask', 'process.permitted'],
  [{ process: { noNewPrivs: 1 } }, 'bad-state', 'process.noNewPrivs'],
  [{ process: user, program: { mode: '9' } }, 'bad-state', 'program.mode'],
  [{ process: user, program: { caps: 5 } }, 'bad-state', 'program.caps'],
  [{ process: user, program: { caps: '0x123' } }, 'bad-attribute', 'program.caps'],
  [{ process: user, program: { caps: 'cap_kill' } }, 'no-operator', 'at 8'],
  [{ process: user, tracer: 'me' }, 'bad-state', 'tracer'],
  [{ process: user, profile: '7.0' }, 'bad-state', 'profile'],
])('%j: %s at %s', (input, code, place) => {
  expect(() => execState(input)).toThrow(expect.objectContaining({ code, place }))
})

test('any value is answered or refused with a code', () => {
  const json = fc.jsonValue()
  fc.assert(fc.property(fc.oneof(json, fc.record({ process: json, program: json })), (input) => {
    let thrown: unknown = null
    try {
      execState(input)
    } catch (error) {
      thrown = error
    }
    expect(thrown === null || thrown instanceof CapsError).toBe(true)
  }))
})
