/**
 * A process that writes to a folder until it is ended: raises a counter by `swap`, and appends records. It prints each
 * step after it is done, so that a test knows what has to be there whenever the process was killed.
 */
import { FleetError } from '../fleet-error.ts'
import { folder } from '../store/folder/index.ts'

const [path = '', name = ''] = process.argv.slice(2)
const store = folder(path)
const text = new TextEncoder()

const raise = async (): Promise<void> => {
  for (;;) {
    const entry = await store.get('rollout', 'count')
    const count = entry === null ? 0 : Number(new TextDecoder().decode(entry.value))
    try {
      await store.swap('rollout', 'count', text.encode(String(count + 1)), entry?.revision ?? 0)
      return
    } catch (error) {
      if (!(error instanceof FleetError) || error.code !== 'conflict') throw error
    }
  }
}

for (let n = 0; ; n += 1) {
  await raise()
  process.stdout.write(`raised ${name}-${n}\n`)
  const id = `${name}-${n}`
  await store.append('dec', name, [{ id, value: text.encode(id) }])
  process.stdout.write(`appended ${id}\n`)
}
