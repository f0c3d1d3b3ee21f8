/** Decisions of a stack, sent by OpenTelemetry's own SDK to a receiver on 127.0.0.1, and what is told without one. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EACCES } from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import type { AuditRecord } from '@lsmkit/core'
import type { LoggerProvider as OldLoggerProvider } from '@opentelemetry/api-logs'
import type { LogRecord } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { logOf, ocsfOf, Telemetry } from './index.ts'

interface AnyValue {
  readonly stringValue?: string
  readonly intValue?: number | string
}
interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}
const plain = (attributes: readonly KeyValue[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]))

const received: { readonly path: string; readonly body: never }[] = []
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    received.push({ path: request.url!, body: JSON.parse(Buffer.concat(parts).toString()) as never })
    response.setHeader('content-type', 'application/json').end('{}')
  })
})
let url = ''
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const own = () => defineLsm({ name: 'own', abi: '1.0', id: 1000, hooks: { task_getsid: () => -EACCES } })
const stackWith = (sink: (record: AuditRecord) => void) =>
  createStack({ lsms: [own()], capability: 'none', audit: { sinks: [sink], now: () => 1_700_000_000_123 } })
const refuse = (stack: ReturnType<typeof stackWith>, times = 1): void => {
  for (let i = 0; i < times; i++) stack.lsm.task_getsid.ask(stack.current.task)
}

test('a receiver of OTLP gets them as logs and counters', async () => {
  const exporter = new OTLPLogExporter({ url: `${url}/v1/logs` })
  const loggerProvider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] })
  const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }) })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const telemetry = new Telemetry({ loggerProvider, meterProvider, capacity: 3 })
  const stack = stackWith(telemetry.sink)
  Object.assign(stack.current.task, { pid: 12, tgid: 11, comm: 'cat' })
  refuse(stack, 5)
  telemetry.flush()
  await loggerProvider.forceFlush()
  await meterProvider.forceFlush()

  type Logs = { resourceLogs: { scopeLogs: { scope: { name: string }; logRecords: Record<string, never>[] }[] }[] }
  const logs = received.filter(({ path }) => path === '/v1/logs').flatMap(({ body }) => (body as Logs).resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs)
  expect(logs.map(({ scope }) => scope.name)).toEqual(['@lsmkit/otel'])
  const records = logs[0]!.logRecords
  expect(records).toHaveLength(3)
  expect(records[0]).toMatchObject({
    severityNumber: 13, severityText: 'WARN', eventName: 'lsmkit.decision', timeUnixNano: '1700000000123000000',
    body: { stringValue: expect.stringContaining('own') as string },
  })
  expect(plain(records[0]!['attributes']! as KeyValue[])).toMatchObject({
    'lsmkit.decision': 'denied', 'lsmkit.module': 'own', 'lsmkit.hook': 'task_getsid', 'error.type': 'EACCES',
    'process.pid': 11, 'thread.id': 12, 'process.executable.name': 'cat', 'process.user.id': 0, 'lsmkit.serial': 1,
  })

  type Metric = { name: string; sum: { dataPoints: { asDouble?: number; asInt?: string; attributes: KeyValue[] }[] } }
  type Metrics = { resourceMetrics: { scopeMetrics: { metrics: Metric[] }[] }[] }
  const points = received.filter(({ path }) => path === '/v1/metrics')
    .flatMap(({ body }) => (body as Metrics).resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics)
    .flatMap(({ name, sum }) => sum.dataPoints.map((point) =>
      [name, Number(point.asInt ?? point.asDouble), plain(point.attributes)]))
  expect(points).toContainEqual(['lsmkit.decisions', 3, {
    'lsmkit.decision': 'denied', 'lsmkit.module': 'own', 'lsmkit.hook': 'task_getsid', 'error.type': 'EACCES',
  }])
  expect(points).toContainEqual(['lsmkit.audit.dropped', 2, { 'lsmkit.drop.reason': 'no-room' }])
  expect(telemetry.stats).toEqual({ taken: 5, emitted: 3, dropped: 2 })
  await loggerProvider.shutdown()
  await meterProvider.shutdown()
})

test.each([500, 429, null])('a receiver that answers %s, or is away, stops nobody', async (status) => {
  const failing = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status ?? 200).end())
  })
  failing.listen(0, '127.0.0.1')
  await once(failing, 'listening')
  const { port } = failing.address() as AddressInfo
  if (status === null) failing.close()
  const exporter = new OTLPLogExporter({ url: `http://127.0.0.1:${port}/v1/logs`, timeoutMillis: 300 })
  const loggerProvider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] })
  const telemetry = new Telemetry({ loggerProvider })
  const stack = stackWith(telemetry.sink)
  refuse(stack, 3)
  telemetry.flush()
  await loggerProvider.forceFlush().catch(() => null)
  refuse(stack)
  telemetry.flush()
  await loggerProvider.shutdown().catch(() => null)
  expect(telemetry.stats).toEqual({ taken: 4, emitted: 4, dropped: 0 })
  failing.close()
})

describe('batches', () => {
  const collecting = (emit?: (record: LogRecord) => void) => {
    const emitted: LogRecord[] = []
    const logger = { emit: emit ?? ((one: LogRecord) => void emitted.push(one)) }
    return { emitted, loggerProvider: { getLogger: () => logger } }
  }

  test('nothing is handed on inside a hook; later, or soon when there are many', () => {
    vi.useFakeTimers()
    try {
      const { emitted, loggerProvider } = collecting()
      const stack = stackWith(new Telemetry({ loggerProvider, batch: 4, delay: 500 }).sink)
      refuse(stack, 3)
      vi.advanceTimersByTime(499)
      expect(emitted).toHaveLength(0)
      vi.advanceTimersByTime(1)
      expect(emitted).toHaveLength(3)
      refuse(stack, 6)
      expect(emitted).toHaveLength(3)
      vi.advanceTimersByTime(0)
      expect(emitted).toHaveLength(7)
      vi.advanceTimersByTime(500)
      expect(emitted).toHaveLength(9)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a logger that throws loses records, which are counted, and nothing else', () => {
    const { loggerProvider } = collecting(() => {
      throw new Error('full disk')
    })
    const telemetry = new Telemetry({ loggerProvider })
    refuse(stackWith(telemetry.sink), 2)
    telemetry.flush()
    expect(telemetry.stats).toEqual({ taken: 2, emitted: 0, dropped: 2 })
  })

  test('a provider of the older api-logs does as well', () => {
    const emitted: unknown[] = []
    const old: OldLoggerProvider = { getLogger: () => ({ emit: (one) => void emitted.push(one), enabled: () => true }) }
    const telemetry = new Telemetry({ loggerProvider: old })
    refuse(stackWith(telemetry.sink))
    telemetry.flush()
    expect(emitted).toHaveLength(1)
  })

  test('without any provider they go nowhere', () => {
    const telemetry = new Telemetry()
    refuse(stackWith(telemetry.sink))
    telemetry.flush()
    expect(telemetry.stats).toEqual({ taken: 1, emitted: 1, dropped: 0 })
  })

  test('an option that is none', () => {
    expect(() => new Telemetry({ capcity: 1 } as never)).toThrow('there is no option `capcity`')
    expect(() => new Telemetry({ capacity: 0 })).toThrow('a whole number of at least 1')
  })
})

const subject = {
  pid: 11, tid: 12, comm: 'cat', uid: 1000, gid: 1000, euid: 1001, egid: 1000, fsuid: 1001, fsgid: 1000,
  auid: 4294967295, ses: 4294967295, label: 'Reader',
}
const denial = {
  kind: 'denial', serial: 3, time: 5, hook: 'file_open', lsm: 'landlock', rc: -13, subject, args: {}, details: null,
  reason: 'not beneath /data', object: { kind: 'file', path: '/etc/shadow', dev: 'tmpfs', ino: 7 },
} as const satisfies AuditRecord
const call = { kind: 'call', by: 'mount', call: 'chmod', rc: -30, path: '/data/a', time: 5 } as const
const { reason: _reason, details: _details, lsm: _lsm, ...asked } = denial

describe('a record', () => {
  test('of a file', () => {
    expect(logOf(denial).attributes).toMatchObject({
      'file.path': '/etc/shadow', 'file.inode': '7', 'lsmkit.object.kind': 'file', 'lsmkit.subject.label': 'Reader',
      'process.user.id': 1001, 'process.real_user.id': 1000, 'lsmkit.reason': 'not beneath /data',
    })
  })

  test('of a call that no module was asked about', () => {
    expect(logOf(call)).toMatchObject({
      body: 'chmod refused by mount: EROFS /data/a', severityText: 'WARN',
      attributes: { 'lsmkit.module': 'mount', 'lsmkit.call': 'chmod', 'error.type': 'EROFS', 'file.path': '/data/a' },
    })
  })

  test.each<[AuditRecord | typeof call, number, number, number]>([
    [denial, 1001, 2, 2],
    [{ ...denial, kind: 'would-deny' }, 1001, 1, 17],
    [{ ...asked, kind: 'allow', rc: 0 }, 1001, 1, 1],
    [{ ...denial, object: { kind: 'task', pid: 3, comm: 'sh' } }, 1007, 2, 2],
    [{ ...denial, object: null }, 1003, 2, 2],
    [{ ...denial, object: { kind: 'kmod', name: 'x' } }, 1005, 2, 2],
    [{ kind: 'text', serial: 1, time: 5, lsm: 'selinux', type: 1400, text: 'avc', details: null }, 1003, 99, 99],
    [call, 1001, 2, 2],
  ])('as OCSF %#', (record, class_uid, action_id, disposition_id) => {
    expect(ocsfOf(record)).toMatchObject({
      class_uid, action_id, disposition_id, type_uid: class_uid * 100 + 99, time: 5, metadata: { version: '1.4.0' },
    })
  })

  test('of a file as OCSF, whole', () => {
    expect(ocsfOf(denial)).toMatchObject({
      category_uid: 1, activity_name: 'file_open', status_id: 2, status_code: 'EACCES', policy: { name: 'landlock' },
      actor: { process: { pid: 11, name: 'cat', user: { uid: '1001' } } },
      file: { path: '/etc/shadow', name: 'shadow' },
    })
  })
})
