import type { Bar, Report, Row } from './report.ts';

/** Columns as wide as their widest cell, numbers to the right. */
export function table(cells: readonly (readonly (string | number)[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => String(row[column] ?? '').length)),
  );
  const padded = (cell: string | number | undefined, width: number): string =>
    typeof cell === 'number' ? String(cell).padStart(width) : (cell ?? '').padEnd(width);
  const line = (row: readonly (string | number)[]): string =>
    widths
      .map((width, column) => padded(row[column], width))
      .join('  ')
      .trimEnd();
  return `${cells.map(line).join('\n')}\n`;
}

const figuresOf = ({ case: _, subject: __, ...figures }: Row): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

const cellsOf = ({ name, value, sense, limit, pass }: Bar) =>
  [name, value, `${sense} ${String(limit)}`, pass ? 'met' : 'MISSED'] as const;

export function textOf({ bench, machine, quick, rows, bars }: Report): string {
  const measured = rows.map((row) => [row.case, row.subject, figuresOf(row)] as const);
  return [
    `Isthmus, ${quick ? 'quick ' : ''}${bench} benchmark on ${machine}\n`,
    table([['case', 'subject', 'figures'], ...measured]),
    table([['bar', 'value', 'limit', ''], ...bars.map(cellsOf)]),
  ].join('\n');
}
