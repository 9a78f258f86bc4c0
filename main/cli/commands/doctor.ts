import type { Command } from 'commander'
import type { MeasuredKernel } from '../../contract/system.ts'
import { grouped, table } from '../output.ts'
import { withCore, type CommonOptions } from '../session.ts'

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what this machine can compute on, tested against the reference, and what will be used')
    .option('--verbose', 'every self-test, not only those that failed')
    .option('--remeasure', 'measure again which kernels are fastest on this GPU')
    .option('--json', 'one JSON object a line')
    .action(({ verbose, remeasure = false, ...flags }: CommonOptions & { verbose?: boolean; remeasure?: boolean }) =>
      withCore(flags, 'no project', async ({ core, output }) => {
        output.progress('Testing each backend against the reference')
        const report = await core.call('system/doctor', { remeasure })
        output.object('doctor', report)
        output.line(report.sentence)
        for (const { backend, name, detail, usable, reason, features, limits } of report.adapters) {
          output.line(`\n${backend}: ${name}${detail ? ` (${detail})` : ''}`)
          output.line(`  ${usable ? 'usable' : 'not usable'}: ${reason}`)
          if (features.length) output.line(`  features: ${features.join(', ')}`)
          for (const [limit, value] of Object.entries(limits)) output.line(`  ${limit}: ${grouped(value)}`)
        }
        for (const backend of ['cpu', 'webgpu']) {
          const cases = report.selfTest.filter((test) => test.backend === backend)
          const worst = cases.reduce((most, { error, limit }) => Math.max(most, limit > 0 ? error / limit : 0), 0)
          const passed = cases.filter((test) => test.passed).length
          if (cases.length)
            output.line(
              `\n${backend}: ${passed} of ${cases.length} self-tests passed; the closest came to ${Math.round(worst * 100)} % of its limit`,
            )
        }
        const shown = report.selfTest.filter(({ passed }) => verbose || !passed)
        const rows = shown.map(({ backend, op, case: name, error, limit, passed }) => [
          backend,
          op,
          name,
          error.toExponential(1),
          limit.toExponential(1),
          passed ? 'ok' : 'FAILED',
        ])
        if (rows.length) output.line(`\n${table(['backend', 'op', 'case', 'error', 'limit', ''], rows)}`)
        if (report.halfPrecision) output.line(`\n${report.halfPrecision}`)
        if (report.kernels.length)
          output.line(
            `\nKernels measured on this GPU:\n${table(['op', 'shape', 'variant', 'ms', 'by rule', 'measured'], report.kernels.map(kernelRow))}`,
          )
        else if (report.halfPrecision) output.line('No kernels were measured on this GPU yet; the first training run does that.')
        for (const { backend, tokensPerSecond } of report.speed)
          output.line(`${backend}: ${grouped(tokensPerSecond)} tokens per second in training (small model)`)
        if (report.selfTest.some(({ passed }) => !passed)) process.exitCode = 1
      }),
    )
}

const kernelRow = ({ op, shape, variant, ms, ruleMs, measuredAt }: MeasuredKernel): string[] => [
  op,
  shape,
  variant,
  ms === null ? 'no time' : ms.toFixed(4),
  ruleMs === null ? '' : ruleMs.toFixed(4),
  measuredAt.slice(0, 16).replace('T', ' '),
]
