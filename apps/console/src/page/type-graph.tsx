/** A type and its neighbours as a graph; the same as a list for who cannot see it. Loaded when it is first shown. */
import { useEffect, useRef } from 'preact/hooks'
import type cytoscape from 'cytoscape'
import type { Core } from 'cytoscape'
import type { PolicyAnswer } from '../kernel/protocol.ts'
import { placesOf } from './graph-places.ts'
import { theme } from './theme.ts'

export interface TypeGraphProps {
  readonly edges: PolicyAnswer['edges']
  readonly centre: string
  readonly onType: (name: string) => void
}

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

const FONT = 11
const CENTRE = 20

const styleOf = (centre: string): cytoscape.StylesheetJson => [
  {
    selector: 'node',
    style: {
      label: 'data(id)',
      color: colour('--text'),
      'font-size': FONT,
      width: 10,
      height: 10,
      'background-color': colour('--muted'),
      'text-valign': 'center',
      'text-halign': 'data(side)' as 'left',
      'text-wrap': 'ellipsis',
      'text-max-width': 'data(room)' as '0px',
      'text-margin-x': 'data(margin)' as unknown as number,
    },
  },
  {
    selector: `node[id = "${centre}"]`,
    style: {
      'background-color': colour('--accent'),
      width: CENTRE,
      height: CENTRE,
      'text-valign': 'top',
      'text-halign': 'center',
      'text-margin-x': 0,
      'font-weight': 'bold',
      'text-background-color': colour('--panel'),
      'text-background-opacity': 1,
      'text-background-padding': '2px',
    },
  },
  {
    selector: 'edge',
    style: {
      width: 1,
      'line-color': colour('--line'),
      'target-arrow-color': colour('--muted'),
      'target-arrow-shape': 'triangle',
      'arrow-scale': 0.7,
      'curve-style': 'bezier',
    },
  },
]

/** Puts every node where it belongs in this width, one pixel a pixel. */
const place = (graph: Core, edges: TypeGraphProps['edges'], centre: string, width: number): number => {
  const { height, of } = placesOf(edges, centre, width)
  graph.batch(() => {
    for (const [name, { x, y, side, room }] of of) {
      graph.getElementById(name).data({ side, room: `${room}px`, margin: side === 'left' ? -4 : 4 }).position({ x, y })
    }
  })
  graph.viewport({ zoom: 1, pan: { x: 0, y: 0 } })
  return height
}

export const TypeGraph = ({ edges, centre, onType }: TypeGraphProps) => {
  const box = useRef<HTMLDivElement>(null)
  const isDark = theme.value
  useEffect(() => {
    let graph: Core | null = null
    let isGone = false
    const fit = (): void => {
      const { current } = box
      if (graph === null || current === null) return
      current.style.height = `${place(graph, edges, centre, current.clientWidth)}px`
      graph.resize()
    }
    const watcher = new ResizeObserver(fit)
    const draw = async (): Promise<void> => {
      const { default: make } = await import('cytoscape')
      const container = box.current
      if (isGone || container === null) return
      const names = [...new Set([centre, ...edges.flatMap(({ source, target }) => [source, target])])]
      graph = make({
        container,
        elements: [
          ...names.map((id) => ({ data: { id, side: 'right', room: '100px', margin: 4 } })),
          ...edges.map(({ source, target, label }) => ({ data: { source, target, label } })),
        ],
        style: styleOf(centre),
        layout: { name: 'preset' },
        userZoomingEnabled: false,
        userPanningEnabled: false,
        autoungrabify: true,
      })
      fit()
      watcher.observe(container)
      graph.on('tap', 'node', ({ target }) => onType((target as { id: () => string }).id()))
    }
    void draw()
    return () => {
      isGone = true
      watcher.disconnect()
      graph?.destroy()
    }
  }, [edges, centre, isDark])
  return (
    <>
      <div class="graph-scroll" tabIndex={0} role="region" aria-label={`Graph around ${centre}`}>
        <div class="graph" ref={box} role="img" aria-label={`${centre} and ${edges.length} pairs around it`} />
      </div>
      <details>
        <summary>As a list</summary>
        <ul class="lines">
          {edges.map(({ source, target, label }, i) => (
            <li key={i}>
              <button type="button" class="link hook" onClick={() => onType(source === centre ? target : source)}>
                {source} → {target}
              </button>{' '}
              <span class="muted">{label}</span>
            </li>
          ))}
        </ul>
      </details>
    </>
  )
}
