import type { Command } from 'commander'
import { grouped, table } from '../output.ts'
import { withCore, type CommonOptions } from '../session.ts'

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what this machine can compute on, tested against the reference, and what will be used')
    .option('--verbose', 'every self-test, not only those that failed')
    .option('--json', 'one JSON object a line')
    .action(({ verbose, ...flags }: CommonOptions & { verbose?: boolean }) =>
      withCore(flags, 'no project', async ({ core, output }) => {
        output.progress('Testing each backend against the reference')
        const report = await core.call('system/doctor', undefined)
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
        for (const { backend, tokensPerSecond } of report.speed)
          output.line(`${backend}: ${grouped(tokensPerSecond)} tokens per second in training (small model)`)
        if (report.selfTest.some(({ passed }) => !passed)) process.exitCode = 1
      }),
    )
}
