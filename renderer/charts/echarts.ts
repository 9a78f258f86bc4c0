import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, MarkAreaComponent, MarkLineComponent, MarkPointComponent } from 'echarts/components'
import { getInstanceByDom, init, registerTheme, use } from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'
import themes from './theme.json'

use([
  BarChart,
  LineChart,
  ScatterChart,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  CanvasRenderer,
  SVGRenderer,
])
registerTheme('light', themes.light)
registerTheme('dark', themes.dark)

export { getInstanceByDom, init }
export const dashes = themes.light.strand.dash as (string | number[])[]
