import { EACCES } from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import { Telemetry } from '@lsmkit/otel'
import { equal } from '../equal.mjs'

export default () => {
  const records = []
  const no = defineLsm({ name: 'no', abi: '1.0', hooks: { task_getsid: () => -EACCES } })
  const telemetry = new Telemetry({ loggerProvider: { getLogger: () => ({ emit: (record) => records.push(record) }) } })
  const stack = createStack({ lsms: [no], capability: 'none', audit: { sinks: [telemetry.sink] } })
  stack.lsm.task_getsid.ask(stack.current.task)
  telemetry.flush()
  equal(records[0]?.attributes['lsmkit.module'], 'no')
}
