/**
 * /dev/loop-control: adds and removes block devices that a file could be put behind (drivers/block/loop.c). Nothing can
 * be put behind them here: LOOP_SET_FD has no driver.
 */
import { EBUSY, EEXIST, EINVAL, ENODEV, ENOMEM, ENOSYS } from '@lsmkit/abi'
import type { BlockDevice } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { COST } from '../../state/memory-costs.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import { MKDEV } from './chrdev.ts'

/** The number of /dev/loop-control below MISC_MAJOR; no node is made for it. */
export const LOOP_CONTROL_MINOR = 237

const [LOOP_CTL_ADD, LOOP_CTL_REMOVE, LOOP_CTL_GET_FREE] = [0x4c80, 0x4c81, 0x4c82]
const LOOP_MAJOR = 7
/** Devices that are there from the start (CONFIG_BLK_DEV_LOOP_MIN_COUNT). */
const FIRST = 8
const MOST = 1 << 20

class Loops {
  readonly #machine: Machine
  readonly #devices = new Map<number, BlockDevice | null>(Array.from({ length: FIRST }, (_, i) => [i, null]))

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** A device of the number, or of the first that is free for -1: its number, or -errno. */
  add(wanted: number): number {
    const { lsm, memory } = this.#machine
    const number = wanted < 0 ? this.#free() : wanted
    if (number >= MOST) return -EINVAL
    if (this.#devices.has(number)) return -EEXIST
    if (!memory.charge(COST.blockDevice)) return -ENOMEM
    const device: BlockDevice = {
      bd_dev: MKDEV(LOOP_MAJOR, number), bd_disk: `loop${number}`, bd_read_only: false, security: null,
    }
    const rc = lsm.bdev_alloc_security.ask(device)
    if (rc === 0) {
      this.#devices.set(number, device)
      return number
    }
    memory.uncharge(COST.blockDevice)
    return -ENOMEM
  }

  remove(number: number): number {
    if (number < 0) return -EINVAL
    const device = this.#devices.get(number)
    if (device === undefined) return -ENODEV
    // those from the start belong to the module
    if (device === null) return -EBUSY
    this.#devices.delete(number)
    this.#machine.memory.uncharge(COST.blockDevice)
    // its inode goes after everybody who looked at it
    this.#machine.callRcu(() => this.#machine.lsm.bdev_free_security.tell(device))
    return number
  }

  #free(): number {
    let number = 0
    while (this.#devices.has(number)) number++
    return number
  }

  /** A device without a file; all are. */
  firstFree(): number {
    return [...this.#devices.keys()].sort((a, b) => a - b)[0] ?? this.add(-1)
  }
}

export const loopControl = (machine: Machine): FileOperations => {
  const loops = new Loops(machine)
  return fileOperations({
    ioctl(_file, cmd, arg) {
      const number = typeof arg === 'number' ? arg | 0 : -1
      switch (cmd) {
        case LOOP_CTL_ADD: return loops.add(number)
        case LOOP_CTL_REMOVE: return loops.remove(number)
        case LOOP_CTL_GET_FREE: return loops.firstFree()
        default: return -ENOSYS
      }
    },
  })
}
