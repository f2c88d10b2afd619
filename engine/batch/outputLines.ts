/** The columns of the predictions file: as pieces of every line, which the kernel writes, and by hand for one record. */
import type { ResultColumn } from '../../definition/pipeline.js'
import type { Scores } from '../model/scores.js'
import type { OpenScoring } from '../scoring/openScoring.js'
import type { OneLine, Piece } from '../table/fast/fastLines.js'
import { linePlace } from '../table/format.js'
import { jsonCell } from '../table/jsonCell.js'
import { float32Text } from '../table/numberText.js'
import type { Block } from '../table/readBlocks.js'
import { csvCell } from '../table/writeCsv.js'
import type { PartitionJob } from './parts.js'

export interface OutputLines {
  /** `undefined`: every line is written by hand. */
  readonly pieces: readonly Piece[] | undefined
  /** The line of a record whose scores are in a slot. */
  readonly byHand: (block: Block, record: number, slot: number, scores: Scores) => OneLine
}

/** Compiled once for a run. */
export function outputLines(opened: OpenScoring, job: Omit<PartitionJob, 'partition' | 'range'>): OutputLines {
  const json = job.outputFormat === 'jsonl'
  const columns = job.columns.map((name) => outputColumn(opened, job, name))
  const steady = columns.map(({ name }) => name !== 'timestamp')
  const line = (cells: readonly string[], which: readonly OutputColumn[]) =>
    json ? `{${which.map(({ name }, index) => `${JSON.stringify(name)}:${cells[index]}`).join(',')}}\n` : csvText(cells)
  return {
    pieces: linePieces(columns, json),
    byHand: (block, record, slot, scores) => {
      const cells = columns.map(({ cell }) => cell(block, record, slot, scores))
      const kept = cells.filter((_, index) => steady[index])
      return {
        whole: line(cells, columns),
        steady: line(
          kept,
          columns.filter((_, index) => steady[index]),
        ),
      }
    },
  }
}

/** A line of cells that are quoted already. A single blank cell is quoted: an empty line is no record. */
const csvText = (cells: readonly string[]) => (cells.length === 1 && cells[0] === '' ? '""\n' : `${cells.join(',')}\n`)

/** One column of the predictions file: as a piece of every line where there is one, and by hand for one record. */
interface OutputColumn {
  readonly name: string
  readonly piece: Piece | undefined
  readonly cell: (block: Block, record: number, slot: number, scores: Scores) => string
}

/** A result column by its name, any other as it stands in the input. */
function outputColumn(
  { model, definition, date }: OpenScoring,
  job: Omit<PartitionJob, 'partition' | 'range'>,
  name: string,
): OutputColumn {
  const { spec, input, timestamp, outputFormat } = job
  const json = outputFormat === 'jsonl'
  const text = json ? JSON.stringify : csvCell
  const float32 = model.plan.scores.type === 'float32'
  const number = float32 ? float32Text : String
  const numbers = (kind: 'score' | 'confidence') => (float32 ? ({ kind } as const) : undefined)
  const labels = model.classes.map((label) => (json ? JSON.stringify(label) : csvCell(String(label))))
  const fixed = (words: string) => ({ piece: { kind: 'literal', text: words } as const, cell: () => words })
  const results: Readonly<Record<ResultColumn, Omit<OutputColumn, 'name'>>> = {
    line: {
      piece: input.set ? undefined : { kind: 'line' },
      cell: ({ fields }, record) => {
        const place = linePlace(input.set, fields.lines[record]!)
        return typeof place === 'number' ? String(place) : text(place)
      },
    },
    prediction:
      definition.model.task.kind === 'regression'
        ? { piece: numbers('score'), cell: (_block, _record, slot, { score }) => number(score[slot]!) }
        : { piece: { kind: 'label', texts: labels }, cell: (_block, _record, slot, { label }) => labels[label[slot]!]! },
    probability: { piece: numbers('confidence'), cell: (_block, _record, slot, { confidence }) => number(confidence[slot]!) },
    score: { piece: numbers('score'), cell: (_block, _record, slot, { score }) => number(score[slot]!) },
    timestamp: fixed(text(timestamp)),
    model_version: fixed(text(spec.modelVersion)),
  }
  if (Object.hasOwn(results, name)) return { name, ...results[name as ResultColumn] }
  const field = Object.keys(definition.input.columns).indexOf(name)
  const write = json ? jsonCell(definition.input.columns[name]!, date) : csvCell
  // A blank in a line of its own would make it an empty one.
  const alone = job.columns.filter((column) => column !== 'timestamp').length === 1
  const piece = json || alone ? undefined : ({ kind: 'field', field } as const)
  return { name, piece, cell: (block, record) => write(cellOf(block, record, field, input.positions[name]!)) }
}

/** A cell as it stands in the input; blank where the record has no cells. */
export function cellOf({ rows, fields }: Block, record: number, field: number, position: number): string {
  if (fields.careful[record] === 1) return rows.get(record)?.cells?.[position] ?? ''
  const at = 2 * (record * fields.wanted + field)
  return fields.bytes.toString('utf8', fields.bounds[at], fields.bounds[at + 1])
}

/** The pieces of a line: the columns with what stands between them. `undefined`: some column has none. */
function linePieces(columns: readonly OutputColumn[], json: boolean): readonly Piece[] | undefined {
  const only = columns.length === 1
  const pieces = columns.flatMap(({ name, piece }, index): (Piece | undefined)[] => {
    const fleeting = name === 'timestamp' ? ({ fleeting: true } as const) : {}
    const before = `${index === 0 ? '' : ','}${json ? `${JSON.stringify(name)}:` : ''}`
    // What comes and goes with the first column is the comma behind it.
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

/** Literals beside each other as one. */
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
