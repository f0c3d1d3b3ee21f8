/** What rulesets and domains hold of the host's heap: counted, bounded, and given back. */
import {
  AT_FDCWD, ENOMEM, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_NET_BIND_TCP, LANDLOCK_RULE_NET_PORT,
  LANDLOCK_RULE_PATH_BENEATH, MNT_DETACH, O_PATH, packLandlockNetPort, packLandlockPathBeneath, packLandlockRuleset,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import { expect, test } from 'vitest'

const aKernel = (hostMemory = 2 ** 27) => {
  const module = landlock()
  const stack = createStack({ lsms: [capability(), module] })
  const kernel = bootKernel({ stack, landlock: module.engine, hostMemory })
  const { sys, init, machine } = kernel
  const create = () => {
    const attr = packLandlockRuleset({
      handled_access_fs: LANDLOCK_ACCESS_FS_READ_FILE, handled_access_net: LANDLOCK_ACCESS_NET_BIND_TCP,
    })
    return sys.landlock_create_ruleset(init, attr, attr.length, 0)
  }
  const port = (fd: number, number: number) =>
    sys.landlock_add_rule(init, fd, LANDLOCK_RULE_NET_PORT, packLandlockNetPort(1, number), 0)
  const path = (fd: number, name: string) => {
    const at = sys.openat(init, AT_FDCWD, name, O_PATH, 0)
    const rule = packLandlockPathBeneath(LANDLOCK_ACCESS_FS_READ_FILE, at)
    const rc = sys.landlock_add_rule(init, fd, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
    sys.close(init, at)
    return rc
  }
  // so that the table of descriptors has grown as far as it will
  for (const fd of [create(), create(), create()]) sys.close(init, fd)
  return { kernel, sys, init, machine, create, port, path }
}

test('a flood of rules ends with ENOMEM, and closing the ruleset gives all of it back', () => {
  const { sys, init, machine, create, port } = aKernel(8 * 2 ** 20)
  const before = machine.memory.used
  const fd = create()
  let rc = 0
  let rules = 0
  for (; rc === 0 && rules < 65536; rules++) rc = port(fd, rules)
  expect(rc).toBe(-ENOMEM)
  expect(rules).toBeGreaterThan(1000)
  sys.close(init, fd)
  sys.getpid(init)
  expect(machine.memory.used).toBe(before)
})

test('domains hold the rules until the last task ends', () => {
  const { sys, init, machine, create, port, path } = aKernel()
  sys.mkdir(init, '/d', 0o755)
  const before = machine.memory.used
  const fd = create()
  for (let number = 0; number < 100; number++) port(fd, number)
  path(fd, '/d')
  const child = machine.tasks.find(sys.fork(init))!
  expect(sys.landlock_restrict_self(child, fd, 0)).toBe(0)
  // the ruleset goes on with a copy of its own
  port(fd, 1000)
  sys.close(init, fd)
  expect(machine.memory.used).toBeGreaterThan(before + 100 * 100)
  sys.exit_group(child, 0)
  sys.wait4(init, -1, null, 0, null)
  sys.getpid(init)
  expect(machine.memory.used).toBe(before)
})

test('a file that a rule names stays in memory after its name is gone, and no longer than its file system', () => {
  const { sys, init, machine, create, path } = aKernel()
  sys.mkdir(init, '/m', 0o755)
  const before = machine.memory.used
  sys.mount(init, 'none', '/m', 'tmpfs', 0, null)
  sys.mkdir(init, '/m/d', 0o755)
  const fd = create()
  expect(path(fd, '/m/d')).toBe(0)
  const named = machine.memory.used
  sys.rmdir(init, '/m/d')
  sys.getpid(init)
  expect(machine.memory.used).toBeGreaterThan(named - 500)
  expect(sys.umount2(init, '/m', MNT_DETACH)).toBe(0)
  sys.close(init, fd)
  sys.getpid(init)
  expect(machine.memory.used).toBe(before)
})
