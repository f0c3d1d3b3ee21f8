/** The maps of an attached object while it runs: keys and values by their types, programs, owners, timers. */
import type { MapContents } from '@lsmkit/bpf'
import { useEffect, useState } from 'preact/hooks'
import { contents } from './session.ts'

/** Milliseconds between two looks. */
const PACE = 500

/** Heads of the columns, where they are not `key` and `value`. */
const keyNames: Readonly<Record<string, string>> = {
  prog_array: 'slot', ringbuf: 'record', queue: 'place', stack: 'place', task_storage: 'owner', inode_storage: 'owner',
  sk_storage: 'owner', cgrp_storage: 'owner',
}
const valueNames: Readonly<Record<string, string>> = {
  prog_array: 'program', array_of_maps: 'map', hash_of_maps: 'map', ringbuf: 'content',
}

export const ObjectMaps = ({ id, name }: { readonly id: number; readonly name: string }) => {
  const [isOpen, setOpen] = useState(false)
  const [maps, setMaps] = useState<readonly MapContents[]>([])
  useEffect(() => {
    if (!isOpen) return undefined
    let isGone = false
    let timer: ReturnType<typeof setTimeout>
    const look = async (): Promise<void> => {
      // a kernel that is gone has no maps; the page says so elsewhere
      const found = await contents(id).catch(() => [])
      if (isGone) return
      setMaps(found)
      timer = setTimeout(() => void look(), PACE)
    }
    void look()
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [id, isOpen])
  return (
    <details class="maps" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Maps of {name}</summary>
      {maps.map((map) => (
        <ContentsTable key={map.name} map={map} />
      ))}
    </details>
  )
}

const ContentsTable = ({ map: { name, type, count, maxEntries, entries, timers, note } }: {
  readonly map: MapContents
}) => (
  <section data-map={name} aria-label={`Map ${name}`}>
    <h3>
      {name} <span class="muted">{`${type}, ${countText(type, count, maxEntries)}`}</span>
    </h3>
    {entries.length === 0 ? <p class="muted">empty</p> : (
      <div class="map-scroll" tabIndex={0} role="group" aria-label={`Contents of ${name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{keyNames[type] ?? 'key'}</th>
              <th scope="col">{valueNames[type] ?? 'value'}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(([key, value], at) => (
              <tr key={at}>
                <td><code>{key}</code></td>
                <td><code>{value}</code></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
    {timers.map(({ key, callback, due }, at) => (
      <p key={at} class="timer">
        timer of {key}: <code>{callback ?? 'no function yet'}</code>, {due === null ? 'not armed' : dueText(due)}
      </p>
    ))}
    {count > entries.length && entries.length > 0 ? <p class="muted">{count - entries.length} more</p> : null}
    {note === null ? null : <p class="muted">{note}</p>}
  </section>
)

/** The size of a ring is in bytes, and storages have no size. */
const countText = (type: string, count: number, maxEntries: number): string =>
  type === 'ringbuf' ? `${count} records` : `${count}${maxEntries > 0 ? ` of ${maxEntries}` : ''}`

const dueText = (due: number): string => `due in ${(Math.max(0, due) / 1e9).toFixed(1)} s`
