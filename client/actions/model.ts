/** An ONNX file is described: what it takes and gives, and whether and how a definition can use it. */
import { tryApart } from '../../engine/batch/trial.js'
import type { ModelDescription } from '../../engine/model/onnx/describe.js'
import type { TensorInfo } from '../../engine/model/onnx/tensorInfo.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, visible } from '../terminal/output.js'

export async function model(file: string, options: CommonOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const description = await tryApart(file, { file })
  output.answer(description, modelText(description))
  return description.usable ? EXIT.done : EXIT.usage
}

function modelText(description: ModelDescription): string {
  const { bytes, sha256, files = [], producer, opset, inputs, outputs, classes, repairs, usable, notes } = description
  const lines = [
    `file      ${description.file} (${bytes} bytes)`,
    `sha256    ${files[0]?.sha256 ?? sha256}`,
    ...files.slice(1).map((one) => `with      ${one.file}, sha256 ${one.sha256}`),
    ...(files.length > 0 ? [`together  ${sha256} (the sha256 of a run's manifest)`] : []),
    `producer  ${producer ?? 'not said'}${opset ? `, opset ${opset}` : ''}`,
    ...inputs.map((input, index) => `${index === 0 ? 'inputs    ' : '          '}${tensorLine(input)}`),
    ...outputs.map((output, index) => `${index === 0 ? 'outputs   ' : '          '}${tensorLine(output)}`),
    ...(classes ? [`classes   ${classes.join(', ')}`] : []),
    ...repairs.map((repair) => `repair    ${repair}`),
    `usable    ${usable ? 'yes' : 'no'}`,
    ...notes.map((note) => `          ${note}`),
  ]
  return lines.map(visible).join('\n')
}

function tensorLine({ name, type, shape }: TensorInfo): string {
  return `${name}  ${type}[${shape.map((size) => (size < 0 ? '?' : size)).join(', ')}]`
}
