/** Brings the sample day into another form: a compressed set of JSON Lines, a model of four inputs of four types, predictions in shards. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Installation } from './installation.js'
import { mixedInputsModel } from './onnxBuilder.js'

/** Overrides of the definition. @param age the feature of that name */
export const mixedForm = (age = '(row) => row.age') => `notify: {}, deadline: '3m',
  input: { ...base.input, format: 'jsonl', path: 'data/daily/customers_{date}-*.jsonl*' },
  features: {
    age: ${age},
    days: (row, { date }) => date - row.last_purchase_date,
    frequency: (row) => row.purchase_history / 30,
    kind: (row) => (row.purchase_history > 10 ? 'often' : 'seldom'),
  },
  model: { ...churn.model, golden: undefined, file: 'model/mixed.onnx', inputs: 'by-name' },
  output: { format: 'jsonl', shards: 3 }`

/** Puts the model into its place, and the rows of the delivered table into three files, the second one compressed. */
export async function deliverMixed(here: Installation): Promise<void> {
  const [header, ...rows] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
  await writeFile(join(here.project.pipelines, 'churn', 'model', 'mixed.onnx'), mixedInputsModel())
  const lines = rows.map((row) => jsonOf(header!.split(','), row.split(',')))
  const part = Math.ceil(lines.length / 3)
  for (let index = 0; index < 3; index += 1) {
    const text = lines.slice(index * part, (index + 1) * part).join('\n')
    const name = here.inputPath().replace('.csv', `-0000${index}-of-00003.jsonl`)
    if (index === 1) await writeFile(`${name}.gz`, gzipSync(text))
    else await writeFile(name, text)
  }
}

/** A row as an object: what looks like a number is one, a blank is null. */
function jsonOf(names: readonly string[], cells: readonly string[]): string {
  const value = (cell: string) => (cell === '' ? null : /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell)
  return JSON.stringify(Object.fromEntries(names.map((name, index) => [name, value(cells[index] ?? '')])))
}
