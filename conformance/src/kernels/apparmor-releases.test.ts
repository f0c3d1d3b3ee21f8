/** What AppArmor records and allows by the kernel release that the stack follows. */
import { AT_FDCWD, EPERM, O_CREAT, O_WRONLY } from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor/text'
import { profiles } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { hostFormat } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'
import { bootOn, stackWith } from '../kernel.ts'

const text = `
profile one /t/* { /** rwmix, }
profile two /t/* { /** rwmix, }
profile base { /** rwm, /t/* pix, }
profile loose flags=(unconfined) { ^hat { /** rwm, } }
profile bare flags=(unconfined) { }
`

const PROGRAM = new TextEncoder().encode('a program')

const HAT = 'changehat 0000000000000001^hat'

/** A booted kernel whose process 1 says what it wants of AppArmor; `records` are AppArmor's, without what differs. */
const booted = (profile: Profile, cmdline = '') => {
  const records: string[] = []
  let time = 0
  const stack = stackWith([apparmor({ profiles: text })], {
    profile, cmdline, audit: {},
    onAudit: (record) => void (record.kind === 'text' && records.push(record.text)),
  })
  const { sys, init, machine } = bootOn(stack, { clock: () => time })
  machine.exec.registerBinfmt(hostFormat(machine, 'program', (start) => PROGRAM.every((byte, i) => start[i] === byte),
    () => 0))
  const write = (path: string, data: Uint8Array): number => {
    const fd = sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o755)
    const rc = sys.write(init, fd, data)
    sys.close(init, fd)
    return rc
  }
  sys.mkdir(init, '/t', 0o755)
  write('/t/prog', PROGRAM)
  return {
    stack, records, sys, init,
    wait: (ms: number): void => void (time += ms),
    attribute: (words: string) => write('/proc/self/attr/current', new TextEncoder().encode(words)),
    capabilities: () => records.filter((one) => one.includes('operation="capable"')).length,
  }
}

const since = (profile: Profile, value: string[]): string[] => (profile === '6.12' ? [] : value)

describe.each(profiles)('%s', (profile) => {
  test('several profiles fit what an unconfined task executes', () => {
    const { sys, init, records } = booted(profile)
    expect(sys.execve(init, '/t/prog', ['x'], [])).toBe(0)
    expect(records.map((one) => one.replace(/ pid=.*? /, ' '))).toEqual(since(profile, [
      expect.stringMatching(/^apparmor="AUDIT" operation="exec" .*="conflicting profile attachments" .*name="\/t\/p/),
    ]))
  })

  test('and what a confined one does', () => {
    const { sys, init, records, attribute } = booted(profile)
    expect(attribute('changeprofile base')).toBeGreaterThan(0)
    records.length = 0
    expect(sys.execve(init, '/t/prog', ['x'], [])).toBe(0)
    expect(records).toEqual(since(profile, [
      expect.stringMatching(/^apparmor="AUDIT" operation="exec" .*="conflicting profile attachments - ix fallback" /),
    ]))
  })

  test('a capability that is refused again and again', () => {
    const { sys, init, attribute, capabilities, wait } = booted(profile)
    attribute('changeprofile base')
    const refused = (): number => {
      expect(sys.sethostname(init, 'a', 1)).toBe(-EPERM)
      return capabilities()
    }
    expect([refused(), refused()]).toEqual([1, 1])
    wait(999)
    expect(refused()).toBe(1)
    wait(2)
    expect([refused(), refused()]).toEqual(profile === '6.12' ? [1, 1] : [2, 2])
  })

  test('hats of a profile that confines nothing', () => {
    const rc = (name: string): number => {
      const { attribute } = booted(profile)
      attribute(`changeprofile ${name}`)
      return attribute(HAT)
    }
    expect([rc('loose'), rc('bare'), booted(profile).attribute(HAT)])
      .toEqual([profile === '6.12' ? -EPERM : HAT.length, -EPERM, -EPERM])
  })

  test('apparmor=0', () => {
    expect(booted(profile, 'apparmor=0').stack.names).not.toContain('apparmor')
  })
})
