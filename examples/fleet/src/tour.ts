/** Three hosts take releases, refuse a bad one, go back, and report what a job was refused. */
import { readFile } from 'node:fs/promises'
import { createSandbox } from '@lsmkit/sandbox'
import { Fleet } from './index.ts'

type Reports = Awaited<ReturnType<Fleet['roll']>>

const told = (reports: Reports): string => reports.map(({ host, enforced, error }) =>
  `${host} has ${enforced?.epoch ?? 'none'}${error === null ? '' : ` (${error.code})`}`).join(', ')

/** Gives its lines. Files stay in the folder. */
export async function* tour(path: string): AsyncGenerator<string> {
  const fleet = await Fleet.open(path)
  const agents = [await fleet.join('web-1'), await fleet.join('web-2'), await fleet.join('web-3')] as const

  const first = await fleet.release({ epoch: 1, read: ['/site'] })
  yield `release 1: ${told(await fleet.roll(first.digest))}`

  // a job could read the secrets: every host asks, and keeps the first
  const bad = await fleet.release({ epoch: 2, read: ['/'] })
  const reports = await fleet.roll(bad.digest)
  yield `release 2: ${told(reports)}`
  yield `  because ${reports[0]?.error?.message}`

  const third = await fleet.release({ epoch: 3, read: ['/site', '/cache'], back: first.id })
  yield `release 3: ${told(await fleet.roll(third.digest))}`
  yield `and back:  ${told(await fleet.roll(first.digest))}`

  const wider = await createSandbox({ fleet: agents[0], inline: true, allow: { read: ['/cache'] } })
    .catch((error: { code: string }) => error)
  yield `a box of your own that reads /cache: ${'code' in wider ? wider.code : 'made'}`
  const cat = await readFile(new URL('programs/cat.wasm', import.meta.resolve('@lsmkit/wasi/package.json')))
  for (const [i, one] of agents.entries()) {
    const secret = `/secrets/key-${i + 1}`
    await using box = await createSandbox({
      fleet: one, inline: true, allow: { read: ['/site/docs'] }, files: { [secret]: 'for nobody' },
    })
    await box.run(cat, { args: [secret] })
  }
  // no code of the job or of its host: boxes report by themselves
  const refusals = await fleet.decisions('verdict = deny and path like /secrets/*', 3)
  for (const { host, verdict, module, path: file } of refusals) {
    yield `${host}: ${verdict} by ${module}: ${file}`
  }
  await fleet.close()
}
