import type { ImportReport } from '../../main/contract/importing.ts'

/** An import's report as CSV (RFC 4180): a row for each problem kept, the complete counts in a comment above. */
export function reportCsv({ accepted, repaired, skipped, refused, problems }: ImportReport): string {
  const cell = (value: string | number | undefined): string => {
    const text = value === undefined ? '' : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const rows = problems.map(({ severity, file, line, byte, message }) => [severity, file, line, byte, message].map(cell).join(','))
  return [
    `# accepted ${accepted}, repaired ${repaired}, skipped ${skipped}, refused ${refused}`,
    'severity,file,line,byte,reason',
    ...rows,
    '',
  ].join('\n')
}
