/** The files that devices are to programs: asked about like any, answered while the program waits. */
import { EIO, O_ACCMODE, O_RDONLY, O_WRONLY, S_IFCHR } from '@lsmkit/abi'
import type { File, Task } from '@lsmkit/core'
import { copyIn, copyOut, fileOperations, WaitQueue } from '@lsmkit/kernel/boot'
import type { Kernel, Machine } from '@lsmkit/kernel'
import type { AskDevice, DeviceAnswer, DeviceRequest } from './devices.ts'
import type { NamedPlaces } from './names/named-places.ts'
import { SandboxError } from './sandbox-error.ts'
import { must } from './subject.ts'

/** The number of Linux's that is for local use, and as mknod(2) takes it. */
const MAJOR = 240
const MOST_DEVICES = 256

/** Makes the files, and asks for what programs do with them. */
export const addDevices = (
  kernel: Kernel, places: NamedPlaces, paths: readonly string[], ask: AskDevice,
): void => {
  if (paths.length > MOST_DEVICES) {
    throw new SandboxError('bad-tree', `a box has at most ${MOST_DEVICES} devices`, { place: 'devices' })
  }
  paths.forEach((path, minor) => {
    kernel.machine.registerChrdev(MAJOR * 0x100000 + minor, operations(kernel, path, ask))
    makeFile(kernel, places, path, (MAJOR << 8) | minor)
  })
}

/** Below its directory as a place: a guest may have made links on the way, in a box that goes on from a snapshot. */
const makeFile = ({ sys }: Kernel, places: NamedPlaces, path: string, device: number): void => {
  const { holder } = places
  const parent = places.openDirectory(path.replace(/\/[^/]*$/, '') || '/', 'devices')
  const name = path.slice(path.lastIndexOf('/') + 1)
  // files that came from a snapshot have it already
  sys.unlinkat(holder, parent, name, 0)
  must(sys.mknodat(holder, parent, name, S_IFCHR | 0o666, device), path)
  must(sys.fchmodat(holder, parent, name, 0o666), path)
  sys.close(holder, parent)
}

/** A question under way or answered; the call that asked comes again for the answer. */
interface Asked {
  answer: DeviceAnswer | null
  readonly done: WaitQueue
}

let lastFile = 0

/** A device of a box: what is open of it, and what is asked. */
class Device {
  readonly machine: Machine
  readonly path: string
  readonly ask: AskDevice
  readonly opening = new WeakMap<Task, Asked & { readonly file: number }>()
  readonly open = new WeakMap<File, { readonly file: number; asked: Asked | null }>()

  constructor(machine: Machine, path: string, ask: AskDevice) {
    this.machine = machine
    this.path = path
    this.ask = ask
  }
}

const question = (device: Device, request: DeviceRequest): Asked => {
  const asked: Asked = { answer: null, done: new WaitQueue() }
  const answered = (answer: DeviceAnswer): void => {
    asked.answer = answer
    asked.done.wake()
  }
  device.ask(request).then(answered, () => answered(-EIO))
  return asked
}

/** The answer to what this open file asks, or -ERESTARTSYS while it is waited for. */
const answerOf = (device: Device, file: File, request: (file: number) => DeviceRequest): DeviceAnswer => {
  const state = device.open.get(file)
  if (state === undefined) return -EIO
  state.asked ??= question(device, request(state.file))
  const { answer, done } = state.asked
  if (answer === null) return device.machine.sleep(done)
  state.asked = null
  return answer
}

/** Asks once, and answers 0 or -errno when the call comes again with the answer there. */
const openDevice = (device: Device, file: File): number => {
  const { opening, path } = device
  const { task } = device.machine.current
  let asked = opening.get(task)
  if (asked === undefined) {
    const mode = file.f_flags & O_ACCMODE
    const number = ++lastFile
    const request = { op: 'open', path, file: number, read: mode !== O_WRONLY, write: mode !== O_RDONLY } as const
    asked = Object.assign(question(device, request), { file: number })
    opening.set(task, asked)
  }
  if (asked.answer === null) return device.machine.sleep(asked.done)
  opening.delete(task)
  if (typeof asked.answer === 'number' && asked.answer < 0) return asked.answer
  device.open.set(file, { file: asked.file, asked: null })
  return 0
}

const operations = ({ machine }: Kernel, path: string, ask: AskDevice) => {
  const device = new Device(machine, path, ask)
  return fileOperations({
    open: (_inode, file) => openDevice(device, file),
    read: (file, buf, off, len) => {
      const answer = answerOf(device, file, (number) => ({ op: 'read', path, file: number, length: len }))
      if (typeof answer === 'number') return answer < 0 ? answer : -EIO
      const part = answer.subarray(0, len)
      copyOut(part, buf, off)
      return part.length
    },
    write: (file, buf, off, len) => {
      const answer = answerOf(device, file, (number) =>
        ({ op: 'write', path, file: number, bytes: copyIn(buf, off, len) }))
      return typeof answer === 'number' && Number.isInteger(answer) && answer <= len ? answer : -EIO
    },
    release: (_inode, file) => {
      const state = device.open.get(file)
      if (state !== undefined) void ask({ op: 'close', path, file: state.file })
    },
  })
}
