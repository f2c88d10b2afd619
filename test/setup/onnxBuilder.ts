/** Writes tiny ONNX models: what exporters write, nothing more. Every function returns the bytes of a model file. */
import protobuf from 'protobufjs/minimal.js'

export type ElementName = 'float32' | 'int32' | 'int64' | 'string' | 'bool' | 'float16' | 'float64' | 'bfloat16'

const ELEMENT_NUMBERS: Readonly<Record<ElementName, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
}

type Part = (writer: protobuf.Writer) => protobuf.Writer

const encode = (parts: readonly Part[]): Uint8Array => parts.reduce((writer, part) => part(writer), protobuf.Writer.create()).finish()
const text =
  (field: number, value: string): Part =>
  (writer) =>
    writer.uint32((field << 3) | 2).string(value)
const int =
  (field: number, value: number): Part =>
  (writer) =>
    writer.uint32(field << 3).int64(value)
const float =
  (field: number, value: number): Part =>
  (writer) =>
    writer.uint32((field << 3) | 5).float(value)
const nested =
  (field: number, parts: readonly Part[]): Part =>
  (writer) =>
    writer.uint32((field << 3) | 2).bytes(encode(parts))

export type Attribute =
  | string
  | number
  | readonly number[]
  | readonly string[]
  | { readonly floats: readonly number[] }
  | { readonly graph: ModelGraph }

function attribute(name: string, value: Attribute): Part {
  const parts: Part[] = [text(1, name)]
  if (typeof value === 'string') parts.push(text(4, value), int(20, 3))
  else if (typeof value === 'number') parts.push(int(3, value), int(20, 2))
  else if ('graph' in value) parts.push(nested(6, graphOf(value.graph)), int(20, 5))
  else if ('floats' in value) parts.push(...value.floats.map((item) => float(7, item)), int(20, 6))
  else if (typeof value[0] === 'string') parts.push(...value.map((item) => text(9, String(item))), int(20, 8))
  else parts.push(...value.map((item) => int(8, Number(item))), int(20, 7))
  return nested(5, parts)
}

export interface Node {
  readonly operator: string
  readonly domain?: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, Attribute>>
}

export interface Value {
  readonly name: string
  readonly type: ElementName
  /** A name: a free dimension. */
  readonly shape: readonly (number | string)[]
}

/** A list of maps from label to probability, as ZipMap gives it. */
export interface MapValue {
  readonly name: string
  readonly mapOf: 'int64' | 'string'
}

export interface ModelParts {
  readonly nodes: readonly Node[]
  /** Initial values of int64, such as the places that a Gather takes. */
  readonly places?: readonly { readonly name: string; readonly values: readonly number[] }[]
  readonly inputs: readonly Value[]
  readonly outputs: readonly (Value | MapValue)[]
  readonly metadata?: Readonly<Record<string, string>>
  /** An initial value whose numbers are in another file. */
  readonly externalWeights?: { readonly name: string; readonly shape: readonly number[]; readonly location: string }
  /** Initial values of float32. */
  readonly weights?: readonly { readonly name: string; readonly shape: readonly number[]; readonly values: readonly number[] }[]
  /** Initial values of text. */
  readonly labels?: readonly { readonly name: string; readonly texts: readonly string[] }[]
  readonly producer?: string
}

function node({ operator, domain, inputs, outputs, attributes = {} }: Node): Part {
  const names = [...inputs.map((name) => text(1, name)), ...outputs.map((name) => text(2, name))]
  const values = Object.entries(attributes).map(([name, value]) => attribute(name, value))
  return nested(1, [...names, text(4, operator), ...values, ...(domain ? [text(7, domain)] : [])])
}

const tensorType = (type: ElementName, shape: readonly (number | string)[]): Part => {
  const dimensions = shape.map((size) => nested(1, [typeof size === 'number' ? int(1, size) : text(2, size)]))
  return nested(1, [int(1, ELEMENT_NUMBERS[type]), nested(2, dimensions)])
}

function value(field: number, item: Value | MapValue): Part {
  if ('type' in item) return nested(field, [text(1, item.name), nested(2, [tensorType(item.type, item.shape)])])
  const map = nested(5, [int(1, ELEMENT_NUMBERS[item.mapOf]), nested(2, [nested(1, [int(1, ELEMENT_NUMBERS.float32)])])])
  return nested(field, [text(1, item.name), nested(2, [nested(4, [nested(1, [map])])])])
}

/** A graph inside of a node, such as what a loop does. */
export interface ModelGraph {
  readonly nodes: readonly Node[]
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
}

function graphOf({ nodes, inputs, outputs }: ModelGraph): readonly Part[] {
  return [...nodes.map(node), text(2, 'body'), ...inputs.map((item) => value(11, item)), ...outputs.map((item) => value(12, item))]
}

/** Any model, from its nodes, inputs and outputs. */
export function onnxModel({
  nodes,
  places = [],
  inputs,
  outputs,
  metadata = {},
  externalWeights,
  weights = [],
  labels = [],
  producer = 'builder',
}: ModelParts): Uint8Array {
  const external = externalWeights
    ? [
        nested(5, [
          ...externalWeights.shape.map((size) => int(1, size)),
          int(2, ELEMENT_NUMBERS.float32),
          text(8, externalWeights.name),
          nested(13, [text(1, 'location'), text(2, externalWeights.location)]),
          int(14, 1),
        ]),
      ]
    : []
  const initial = weights.map(({ name, shape, values }) =>
    nested(5, [
      ...shape.map((size) => int(1, size)),
      int(2, ELEMENT_NUMBERS.float32),
      ...values.map((item) => float(4, item)),
      text(8, name),
    ]),
  )
  const graph = [
    ...nodes.map(node),
    text(2, 'graph'),
    ...places.map(({ name, values }) =>
      nested(5, [int(1, values.length), int(2, ELEMENT_NUMBERS.int64), ...values.map((item) => int(7, item)), text(8, name)]),
    ),
    ...external,
    ...initial,
    ...labels.map(({ name, texts }) =>
      nested(5, [int(1, texts.length), int(2, ELEMENT_NUMBERS.string), ...texts.map((item) => text(6, item)), text(8, name)]),
    ),
    ...inputs.map((item) => value(11, item)),
    ...outputs.map((item) => value(12, item)),
  ]
  return encode([
    int(1, 8),
    text(2, producer),
    text(3, '1.0'),
    nested(7, graph),
    nested(8, [text(1, ''), int(2, 15)]),
    nested(8, [text(1, 'ai.onnx.ml'), int(2, 1)]),
    ...Object.entries(metadata).map(([key, item]) => nested(14, [text(1, key), text(2, item)])),
  ])
}

export interface LinearClassifierOptions {
  /** How many features; with names, each is an input of its own, [n, 1]. */
  readonly features: number | readonly string[]
  /** One row of coefficients for each class; one row alone: binary, about the second class. */
  readonly coefficients: readonly (readonly number[])[]
  /** One for each row of coefficients. */
  readonly intercept: readonly number[]
  readonly labels: readonly number[] | readonly string[]
  /** End in a ZipMap, as most exporters do. 'alone': its list of maps is the only output. @default false */
  readonly zipMap?: boolean | 'alone'
  /** What makes probabilities. @default the logistic function, or softmax of several rows */
  readonly transform?: 'NONE'
  /** Records at a time. @default any number */
  readonly batch?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * A logistic classifier with outputs `label` and `probabilities`. One row of coefficients: the logistic function, so that P(second class)
 * = 1 / (1 + e^-(x·c + i)). Several: softmax.
 */
export function linearClassifierModel(options: LinearClassifierOptions): Uint8Array {
  const { features, coefficients, intercept, labels, zipMap = false, batch, metadata = {} } = options
  const binary = coefficients.length === 1
  const { transform = binary ? 'LOGISTIC' : 'SOFTMAX' } = options
  const rows = binary ? [coefficients[0]!.map((value) => -value), coefficients[0]!] : coefficients
  const named = typeof features === 'number' ? undefined : features
  const width = typeof features === 'number' ? features : features.length
  const texts = typeof labels[0] === 'string'
  const count = batch ?? 'n'
  const nodes: Node[] = [
    ...(named ? [{ operator: 'Concat', inputs: named, outputs: ['input'], attributes: { axis: 1 } }] : []),
    {
      operator: 'LinearClassifier',
      domain: 'ai.onnx.ml',
      inputs: ['input'],
      outputs: ['label', 'probabilities'],
      attributes: {
        coefficients: { floats: rows.flat() },
        intercepts: { floats: binary ? [-intercept[0]!, intercept[0]!] : intercept },
        post_transform: transform,
        multi_class: 0,
        [texts ? 'classlabels_strings' : 'classlabels_ints']: labels,
      },
    },
  ]
  const label: Value = { name: 'label', type: texts ? 'string' : 'int64', shape: [count] }
  const outputs: (Value | MapValue)[] = zipMap === 'alone' ? [] : [label]
  if (zipMap) {
    const attributes = { [texts ? 'classlabels_strings' : 'classlabels_int64s']: labels }
    nodes.push({ operator: 'ZipMap', domain: 'ai.onnx.ml', inputs: ['probabilities'], outputs: ['output_probability'], attributes })
    outputs.push({ name: 'output_probability', mapOf: texts ? 'string' : 'int64' })
  } else outputs.push({ name: 'probabilities', type: 'float32', shape: [count, labels.length] })
  const inputs: Value[] = named
    ? named.map((name) => ({ name, type: 'float32', shape: [count, 1] }))
    : [{ name: 'input', type: 'float32', shape: [count, width] }]
  return onnxModel({ nodes, inputs, outputs, metadata })
}

/**
 * A binary classifier as skl2onnx writes an SVC: `label` says the second class where x·c + i is above 0, and the columns of `scores`, two
 * margins, are the other way round.
 */
export function invertedModel(
  coefficients: readonly number[],
  intercept: number,
  labels: readonly number[] | readonly string[] = [0, 1],
): Uint8Array {
  const texts = typeof labels[0] === 'string'
  const attributes = {
    coefficients: { floats: [...coefficients.map((value) => -value), ...coefficients] },
    intercepts: { floats: [-intercept, intercept] },
    post_transform: 'NONE',
    multi_class: 0,
    [texts ? 'classlabels_strings' : 'classlabels_ints']: labels,
  }
  return onnxModel({
    nodes: [
      { operator: 'LinearClassifier', domain: 'ai.onnx.ml', inputs: ['input'], outputs: ['label', 'margins'], attributes },
      { operator: 'Neg', inputs: ['margins'], outputs: ['scores'] },
    ],
    inputs: [{ name: 'input', type: 'float32', shape: ['n', coefficients.length] }],
    outputs: [
      { name: 'label', type: texts ? 'string' : 'int64', shape: ['n'] },
      { name: 'scores', type: 'float32', shape: ['n', 2] },
    ],
  })
}

export interface LinearRegressorOptions {
  readonly coefficients: readonly number[]
  readonly intercept: number
}

/** y = x·c + i: input `input` [n, features], output `variable` [n, 1]. */
export function linearRegressorModel({ coefficients, intercept }: LinearRegressorOptions): Uint8Array {
  const attributes = { coefficients: { floats: coefficients }, intercepts: { floats: [intercept] }, targets: 1 }
  return onnxModel({
    nodes: [{ operator: 'LinearRegressor', domain: 'ai.onnx.ml', inputs: ['input'], outputs: ['variable'], attributes }],
    inputs: [{ name: 'input', type: 'float32', shape: ['n', coefficients.length] }],
    outputs: [{ name: 'variable', type: 'float32', shape: ['n', 1] }],
  })
}

export interface TreeOptions {
  /** Of the feature that it looks at. */
  readonly place: number
  /** Of the input `input`. @default open */
  readonly width?: number | string
  /** The input is of float64, and cast before the tree. */
  readonly cast?: boolean
  /** Inputs of open width instead, which stand beside each other before the tree. */
  readonly open?: readonly string[]
}

/** A tree with one split, at 0.5 of a feature; output `variable`. */
export function treeModel({ place, width = 'm', cast = false, open = [] }: TreeOptions): Uint8Array {
  const attributes = {
    nodes_treeids: [0, 0, 0],
    nodes_nodeids: [0, 1, 2],
    nodes_featureids: [place, 0, 0],
    nodes_modes: ['BRANCH_LEQ', 'LEAF', 'LEAF'],
    nodes_values: { floats: [0.5, 0, 0] },
    nodes_truenodeids: [1, 0, 0],
    nodes_falsenodeids: [2, 0, 0],
    target_treeids: [0, 0],
    target_nodeids: [1, 2],
    target_ids: [0, 0],
    target_weights: { floats: [-1, 1] },
    n_targets: 1,
  }
  const before: Node[] = cast
    ? [{ operator: 'Cast', inputs: ['input'], outputs: ['cast'], attributes: { to: ELEMENT_NUMBERS.float32 } }]
    : open.length > 0
      ? [{ operator: 'Concat', inputs: open, outputs: ['all'], attributes: { axis: 1 } }]
      : []
  const [seen = 'input'] = before.flatMap(({ outputs }) => outputs)
  const inputs = open.length > 0 ? open.map((name) => [name, `width of ${name}`] as const) : [['input', width] as const]
  return onnxModel({
    nodes: [...before, { operator: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml', inputs: [seen], outputs: ['variable'], attributes }],
    inputs: inputs.map(([name, wide]) => ({ name, type: cast ? 'float64' : 'float32', shape: ['n', wide] })),
    outputs: [{ name: 'variable', type: 'float32', shape: ['n', 1] }],
  })
}

/** A binary classifier of four named inputs: `age` float32 [n, 1], `days` int64 [n, 1], `frequency` float64 [n], `kind` string [n]. */
export function mixedInputsModel(): Uint8Array {
  const attributes = {
    coefficients: { floats: [0.02, -0.03, 0.5, 0.7, -0.7, -0.02, 0.03, -0.5, -0.7, 0.7].map((value) => -value) },
    intercepts: { floats: [0.1, -0.1] },
    post_transform: 'LOGISTIC',
    multi_class: 0,
    classlabels_ints: [0, 1],
  }
  return onnxModel({
    nodes: [
      { operator: 'Cast', inputs: ['days'], outputs: ['days_float'], attributes: { to: 1 } },
      { operator: 'Cast', inputs: ['frequency'], outputs: ['frequency_float'], attributes: { to: 1 } },
      // Of a vector: [n, 1].
      { operator: 'Flatten', inputs: ['frequency_float'], outputs: ['frequency_column'], attributes: { axis: 1 } },
      {
        operator: 'OneHotEncoder',
        domain: 'ai.onnx.ml',
        inputs: ['kind'],
        outputs: ['kinds'],
        attributes: { cats_strings: ['often', 'seldom'], zeros: 1 },
      },
      {
        operator: 'Concat',
        inputs: ['age', 'days_float', 'frequency_column', 'kinds'],
        outputs: ['all'],
        attributes: { axis: 1 },
      },
      { operator: 'LinearClassifier', domain: 'ai.onnx.ml', inputs: ['all'], outputs: ['label', 'probabilities'], attributes },
    ],
    inputs: [
      { name: 'age', type: 'float32', shape: ['n', 1] },
      { name: 'days', type: 'int64', shape: ['n', 1] },
      { name: 'frequency', type: 'float64', shape: ['n'] },
      { name: 'kind', type: 'string', shape: ['n'] },
    ],
    outputs: [
      { name: 'label', type: 'int64', shape: ['n'] },
      { name: 'probabilities', type: 'float32', shape: ['n', 2] },
    ],
  })
}

export interface ForestOptions {
  readonly features: number
  readonly trees: number
  /** Both classes have weights, as in a forest of several; else one sum stands for two, and the other is 1 less it. */
  readonly both?: boolean
  /** What a leaf says of class 1. @default 0 up to 0.5 of the first feature, and 1 above */
  readonly leaves?: readonly [number, number]
}

/** A random forest of stumps that are all of one opinion, as skl2onnx writes it: each adds its share, 1 of so many. */
export function forestModel({ features, trees, both = false, leaves = [0, 1] }: ForestOptions): Uint8Array {
  const each = <T>(of: (tree: number) => readonly T[]) => Array.from({ length: trees }, (_, tree) => of(tree)).flat()
  const ids = both ? [0, 1] : [0]
  const weights = leaves.flatMap((share) => (both ? [1 - share, share] : [share])).map((share) => share / trees)
  const attributes = {
    nodes_treeids: each((tree) => [tree, tree, tree]),
    nodes_nodeids: each(() => [0, 1, 2]),
    nodes_featureids: each(() => [0, 0, 0]),
    nodes_modes: each(() => ['BRANCH_LEQ', 'LEAF', 'LEAF']),
    nodes_values: { floats: each(() => [0.5, 0, 0]) },
    nodes_truenodeids: each(() => [1, 0, 0]),
    nodes_falsenodeids: each(() => [2, 0, 0]),
    class_treeids: each((tree) => [1, 2].flatMap(() => ids.map(() => tree))),
    class_nodeids: each(() => [1, 2].flatMap((node) => ids.map(() => node))),
    class_ids: each(() => [1, 2].flatMap(() => ids)),
    class_weights: { floats: each(() => weights) },
    classlabels_int64s: [0, 1],
    post_transform: 'NONE',
  }
  const outputs = ['label', 'probabilities']
  return onnxModel({
    nodes: [{ operator: 'TreeEnsembleClassifier', domain: 'ai.onnx.ml', inputs: ['input'], outputs, attributes }],
    inputs: [{ name: 'input', type: 'float32', shape: ['n', features] }],
    outputs: [
      { name: 'label', type: 'int64', shape: ['n'] },
      { name: 'probabilities', type: 'float32', shape: ['n', 2] },
    ],
  })
}
