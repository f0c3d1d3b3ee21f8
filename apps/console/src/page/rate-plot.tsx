/** Decisions a second as lines; dragging over it sets the time range. Loaded when it is first shown. */
import { useEffect, useRef } from 'preact/hooks'
import type UPlot from 'uplot'
import type { RateSeries } from '../decisions/rate.ts'
import { theme } from './theme.ts'

const HEIGHT = 128

export interface RatePlotProps {
  readonly series: RateSeries
  readonly onRange: (from: number, to: number) => void
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const clockText = (second: number): string => clock.format(second * 1000)

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

export const RatePlot = ({ series, onRange }: RatePlotProps) => {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<{ readonly it: UPlot; readonly names: string } | null>(null)
  const names = series.lines.map(({ name }) => name).join(',')
  const isDark = theme.value
  const data = [series.seconds, ...series.lines.map(({ perSecond }) => perSecond)] as unknown as UPlot.AlignedData
  useEffect(() => {
    let isGone = false
    const open = async (): Promise<void> => {
      const [{ default: Plot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')])
      const element = box.current
      if (isGone || element === null) return
      const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } }
      const it = new Plot(
        {
          width: element.clientWidth,
          height: HEIGHT,
          cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 5 } },
          legend: { show: true, live: false },
          scales: { y: { range: (_plot, _low, high) => [0, Math.max(10, high * 1.1)] } },
          axes: [
            { ...axis, size: 26, space: 80, values: (_plot, seconds) => seconds.map(clockText) },
            { ...axis, size: 52, space: 28 },
          ],
          series: [
            { label: 'time' },
            ...series.lines.map(({ name }, i) => ({
              label: name,
              stroke: colour(`--series-${i + 1}`),
              width: 1.5,
              points: { show: false },
            })),
          ],
          hooks: {
            setSelect: [
              (self) => {
                const { left, width } = self.select
                if (width < 4) return
                onRange(self.posToVal(left, 'x') * 1000, self.posToVal(left + width, 'x') * 1000)
                self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
              },
            ],
          },
        },
        data,
        element,
      )
      plot.current = { it, names }
    }
    void open()
    const watcher = new ResizeObserver(([entry]) => {
      plot.current?.it.setSize({ width: entry!.contentRect.width, height: HEIGHT })
    })
    watcher.observe(box.current!)
    return () => {
      isGone = true
      watcher.disconnect()
      plot.current?.it.destroy()
      plot.current = null
    }
  }, [names, isDark])
  useEffect(() => {
    if (plot.current?.names === names) plot.current.it.setData(data)
  }, [series])
  return <div class="plot" ref={box} role="img" aria-label={`Decisions a second: ${names || 'none yet'}`} />
}
