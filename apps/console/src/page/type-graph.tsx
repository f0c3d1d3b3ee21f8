/** A type and its neighbours as a graph; the same as a list for who cannot see it. Loaded when it is first shown. */
import { useEffect, useRef } from 'preact/hooks'
import type { Core } from 'cytoscape'
import type { PolicyAnswer } from '../kernel/protocol.ts'
import { theme } from './theme.ts'

export interface TypeGraphProps {
  readonly edges: PolicyAnswer['edges']
  readonly centre: string
  readonly onType: (name: string) => void
}

/** Pixels around the graph. */
const MARGIN = 24

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

export const TypeGraph = ({ edges, centre, onType }: TypeGraphProps) => {
  const box = useRef<HTMLDivElement>(null)
  const isDark = theme.value
  useEffect(() => {
    let graph: Core | null = null
    let isGone = false
    const watcher = new ResizeObserver(() => void graph?.resize().fit(undefined, MARGIN))
    const draw = async (): Promise<void> => {
      const { default: cytoscape } = await import('cytoscape')
      const container = box.current
      if (isGone || container === null) return
      const names = [...new Set([centre, ...edges.flatMap(({ source, target }) => [source, target])])]
      graph = cytoscape({
        container,
        elements: [
          ...names.map((id) => ({ data: { id } })),
          ...edges.map(({ source, target, label }) => ({ data: { source, target, label } })),
        ],
        style: [
          {
            selector: 'node',
            style: {
              label: 'data(id)',
              color: colour('--text'),
              'font-size': 11,
              width: 12,
              height: 12,
              'background-color': colour('--muted'),
              'text-valign': 'bottom',
              'text-margin-y': 3,
            },
          },
          {
            selector: `node[id = "${centre}"]`,
            style: { 'background-color': colour('--accent'), width: 20, height: 20 },
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
        ],
        layout: {
          name: 'concentric',
          minNodeSpacing: 36,
          concentric: (node) => (node.id() === centre ? 2 : 1),
          levelWidth: () => 1,
          padding: MARGIN,
        },
        minZoom: 0.3,
        maxZoom: 2,
      })
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
      <div class="graph" ref={box} role="img" aria-label={`${centre} and ${edges.length} pairs around it`} />
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
