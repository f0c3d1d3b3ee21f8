/** A stack with the module of a third party; prints what came of it as JSON. */
import { createStack } from '@lsmkit/core'
import { thirdLsm } from 'third-lsm'

const told = () => {
  try {
    const stack = createStack({ lsms: [thirdLsm()], capability: 'none' })
    return { names: stack.names, warnings: stack.explain().toJSON().warnings.filter((text) => text.includes('third')) }
  } catch ({ code, message, hint }) {
    return { code, message, hint }
  }
}
console.log(JSON.stringify(told()))
