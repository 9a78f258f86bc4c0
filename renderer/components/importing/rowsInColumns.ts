/** Lines of a table split at the separator that gives as many cells as there are columns; null when none does. */
export function rowsInColumns(columns: readonly string[], lines: readonly string[]): string[][] | null {
  if (columns.length < 2 || lines.length === 0) return null
  for (const separator of [',', ';', '\t', '|']) {
    const rows = lines.map((line) => line.split(separator).map((cell) => cell.trim()))
    if (rows[0].length === columns.length) return rows
  }
  return null
}
