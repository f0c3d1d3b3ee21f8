/** A stack in an order of one's own, by CONFIG_LSM and by the command line. */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'

const orders = [
  [{}, 'capability,yama,smack'],
  [{ config: 'smack,yama' }, 'capability,smack,yama'],
  [{ cmdline: 'lsm=smack,yama' }, 'capability,smack,yama'],
  [{ config: 'smack,yama', cmdline: 'lsm=yama' }, 'capability,yama'],
]
for (const [options, wanted] of orders) {
  const { names } = createStack({ lsms: [smack(), capability(), yama()], ...options })
  if (names.join() !== wanted) throw new Error(`${JSON.stringify(options)}: ${names}, not ${wanted}`)
}
