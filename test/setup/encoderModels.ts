/** Writes tiny models with encoders, as scikit-learn's pipelines have them. */
import { type ElementName, type Node, onnxModel } from './onnxBuilder.js'

/** TensorProto.DataType of int64. */
const INT64 = 7

/** An encoder of what an input holds at some places that refuses all that it does not know, as scikit-learn's does unless it is told otherwise. */
export interface StrictEncoder {
  readonly place: number
  readonly known: readonly string[] | readonly number[]
}

/** A binary classifier of one tensor whose encoders refuse unknown categories: P(1) is the logistic function of the sum of the weights, in order. */
export function strictEncoderModel(type: ElementName, encoders: readonly StrictEncoder[], weights: readonly number[]): Uint8Array {
  const texts = type === 'string'
  const encoded = encoders.flatMap(({ known }, index): Node[] => [
    { operator: 'Gather', inputs: ['input', `place ${index}`], outputs: [`gathered ${index}`], attributes: { axis: 1 } },
    ...(texts ? [] : [{ operator: 'Cast', inputs: [`gathered ${index}`], outputs: [`column ${index}`], attributes: { to: INT64 } }]),
    {
      operator: 'OneHotEncoder',
      domain: 'ai.onnx.ml',
      inputs: [texts ? `gathered ${index}` : `column ${index}`],
      outputs: [`encoded ${index}`],
      attributes: { [texts ? 'cats_strings' : 'cats_int64s']: known, zeros: 0 },
    },
    { operator: 'Flatten', inputs: [`encoded ${index}`], outputs: [`flat ${index}`], attributes: { axis: 1 } },
  ])
  const attributes = {
    coefficients: { floats: [...weights.map((weight) => -weight), ...weights] },
    intercepts: { floats: [0, 0] },
    post_transform: 'LOGISTIC',
    multi_class: 0,
    classlabels_ints: [0, 1],
  }
  return onnxModel({
    nodes: [
      ...encoded,
      { operator: 'Concat', inputs: encoders.map((_, index) => `flat ${index}`), outputs: ['all'], attributes: { axis: 1 } },
      { operator: 'LinearClassifier', domain: 'ai.onnx.ml', inputs: ['all'], outputs: ['label', 'probabilities'], attributes },
    ],
    inputs: [{ name: 'input', type, shape: ['n', 1 + Math.max(...encoders.map(({ place }) => place))] }],
    outputs: [
      { name: 'label', type: 'int64', shape: ['n'] },
      { name: 'probabilities', type: 'float32', shape: ['n', 2] },
    ],
    places: encoders.map(({ place }, index) => ({ name: `place ${index}`, values: [place] })),
  })
}
