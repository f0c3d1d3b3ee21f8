/** Sockets of all families, network namespaces, and /dev/net/tun. */
import { TUN_DEVICE } from '../../fs/dev/chrdev.ts'
import { createNet } from '../../net/net.ts'
import { tunDevice } from '../../net/tun.ts'
import { socketMessageSyscalls } from '../../syscalls/socket-messages.ts'
import { getProgramOption, setProgramOption, socketOptionSyscalls } from '../../syscalls/socket-options.ts'
import { socketSyscalls } from '../../syscalls/sockets.ts'
import type { Subsystem } from '../subsystem.ts'

export const net: Subsystem = {
  name: 'net',
  calls: [
    { calls: socketSyscalls, subsystem: 'net' },
    { calls: socketMessageSyscalls, subsystem: 'net' },
    { calls: socketOptionSyscalls, subsystem: 'net' },
  ],
  setUp(machine) {
    machine.net = {
      ...createNet(machine),
      programOptions: {
        set: (sk, name, value) => setProgramOption(machine, sk, name, value),
        get: getProgramOption,
      },
    }
  },
  mount(machine) {
    if (!machine.without.has('tun')) machine.registerChrdev(TUN_DEVICE.rdev, tunDevice(machine))
    machine.net.setUp()
  },
}
