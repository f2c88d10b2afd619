/**
 * Compiles the lines of the predictions file: as a list of pieces, by which the kernel writes most lines, and as a function that writes the
 * line of one record by hand. Both give the same text. Nothing goes to disk here.
 */
import type { Scores } from '../model/scores.js'
import type { OpenScoring } from '../scoring/openScoring.js'
import { type OutputColumn, outputColumn } from '../scoring/outputColumns.js'
import type { CellValue } from '../table/decode.js'
import type { OneLine, Piece } from '../table/fast/fastLines.js'
import { float32Text } from '../table/numberText.js'
import type { Block } from '../table/readBlocks.js'
import { csvCell } from '../table/writeCsv.js'
import type { PartitionJob } from './parts.js'

export interface OutputLines {
  /** Pieces of every line; `undefined` when a column cannot be a piece, and so every line is written by hand. */
  readonly pieces: readonly Piece[] | undefined
  /** Writes the line of the record at place `record` of a block, whose scores are in slot `slot`. */
  readonly byHand: (block: Block, record: number, slot: number, scores: Scores) => OneLine
}

/** Compiles the lines once for all partitions of a run. */
export function outputLines(opened: OpenScoring, job: Omit<PartitionJob, 'partition' | 'range'>): OutputLines {
  const { date, timestamp, input, outputFormat, spec } = job
  const { positions, set } = input
  const context = { date, positions, timestamp, modelVersion: spec.modelVersion, ...(set ? { set } : {}) }
  const json = outputFormat === 'jsonl'
  const columns = job.columns.map((name) => writtenColumn(outputColumn(opened, context, name), job))
  const steady = columns.map(({ name }) => name !== 'timestamp')
  const line = (cells: readonly string[], which: readonly WrittenColumn[]) =>
    json ? `{${which.map(({ name }, index) => `${JSON.stringify(name)}:${cells[index]}`).join(',')}}\n` : csvText(cells)
  return {
    pieces: linePieces(columns, json),
    byHand: (block, record, slot, scores) => {
      const cells = columns.map(({ cell }) => cell(block, record, slot, scores))
      const kept = cells.filter((_, index) => steady[index])
      return {
        full: line(cells, columns),
        steady: line(
          kept,
          columns.filter((_, index) => steady[index]),
        ),
      }
    },
  }
}

/** Makes a line of cells that have their quotes already. A single blank cell gets quotes, because an empty line is no record. */
const csvText = (cells: readonly string[]) => (cells.length === 1 && cells[0] === '' ? '""\n' : `${cells.join(',')}\n`)

/** A column as text of the output format: as a piece of every line, if the kernel can write it, and by hand for one record. */
interface WrittenColumn {
  readonly name: string
  readonly piece: Piece | undefined
  readonly cell: (block: Block, record: number, slot: number, scores: Scores) => string
}

function writtenColumn(column: OutputColumn, { input, outputFormat, columns }: Omit<PartitionJob, 'partition' | 'range'>): WrittenColumn {
  const { name, value } = column
  const json = outputFormat === 'jsonl'
  const text = (found: CellValue): string => (json ? JSON.stringify(found) : csvCell(String(found)))
  switch (column.from) {
    case 'label': {
      const texts = column.labels.map((label) => text(label))
      return { name, piece: { kind: 'label', texts }, cell: (_block, _record, slot, { label }) => texts[label[slot]!]! }
    }
    case 'score':
    case 'confidence': {
      const [of, number] = [column.from, column.float32 ? float32Text : String]
      return { name, piece: column.float32 ? { kind: of } : undefined, cell: (_block, _record, slot, scores) => number(scores[of][slot]!) }
    }
    case 'class': {
      const [{ index }, number] = [column, column.float32 ? float32Text : String]
      const piece = column.float32 ? ({ kind: 'class', index } as const) : undefined
      return { name, piece, cell: (_block, _record, slot, { byClass }) => number(byClass![index]![slot]!) }
    }
    case 'constant': {
      const words = text(column.text)
      return { name, piece: { kind: 'literal', text: words }, cell: () => words }
    }
    case 'line':
      return { name, piece: input.set ? undefined : { kind: 'line' }, cell: (...of) => text(value(...of)) }
    case 'input': {
      if (json) return { name, piece: undefined, cell: (...of) => text(value(...of)) }
      // Without `timestamp` the cell is alone in its line. By hand a blank one gets quotes, because an empty line is no record.
      const alone = columns.filter((one) => one !== 'timestamp').length === 1
      return {
        name,
        piece: alone ? undefined : { kind: 'field', field: column.field },
        cell: (block, record) => csvCell(column.cell(block, record)),
      }
    }
  }
}

/** Lists the pieces of a line: the columns, and what stands between them. `undefined` when some column has no piece. */
function linePieces(columns: readonly WrittenColumn[], json: boolean): readonly Piece[] | undefined {
  const only = columns.length === 1
  const pieces = columns.flatMap(({ name, piece }, index): (Piece | undefined)[] => {
    const fleeting = name === 'timestamp' ? ({ fleeting: true } as const) : {}
    const before = `${index === 0 ? '' : ','}${json ? `${JSON.stringify(name)}:` : ''}`
    // A first column that differs from run to run takes the comma behind it along, any other one the comma before it.
    const after = fleeting.fleeting && index === 0 && !only
    const comma = index === 1 && columns[0]?.name === 'timestamp' ? before.slice(1) : before
    return [
      ...(comma === '' ? [] : [{ kind: 'literal', text: comma, ...fleeting } as const]),
      piece && { ...piece, ...fleeting },
      ...(after ? [{ kind: 'literal', text: ',', ...fleeting } as const] : []),
    ]
  })
  const all = [
    ...(json ? [{ kind: 'literal', text: '{' } as const] : []),
    ...pieces,
    { kind: 'literal', text: json ? '}\n' : '\n' } as const,
  ]
  return all.every((piece) => piece !== undefined) ? merged(all) : undefined
}

/** Joins literals that follow each other, because the kernel takes time for each piece. */
function merged(pieces: readonly Piece[]): readonly Piece[] {
  const all: Piece[] = []
  for (const piece of pieces) {
    const before = all.at(-1)
    if (piece.kind === 'literal' && before?.kind === 'literal' && before.fleeting === piece.fleeting) {
      all[all.length - 1] = { ...before, text: before.text + piece.text }
    } else all.push(piece)
  }
  return all
}
