/** Draws models with an ensemble of trees from a seed: whatever an exporter may write, and some that none does. */
import { type Attribute, type Node, onnxModel } from '../../../setup/onnxBuilder.js'

export interface Ensemble {
  /** Of the numbers that are drawn. */
  readonly seed: number
  readonly features: number
  readonly trees: number
  readonly depth: number
  /** 1: a regression, or two classes with one sum. */
  readonly sums: number
  readonly classifier: boolean
  readonly modes: readonly string[]
  readonly transform: string
  readonly aggregate: string
  readonly bases: boolean
  /** NaN has a way of its own at some branches. */
  readonly tracks: boolean
  readonly negative: boolean
  /** Nodes stand in another order than their numbers. */
  readonly shuffled: boolean
  /** Some leaves add nothing. */
  readonly sparse?: boolean
  /** Takes so many records at a time. @default any number */
  readonly batch?: number
  /** What comes before the trees in the file. @default nothing */
  readonly head?: keyof typeof HEADS
}

/** What exporters put before trees; the trees look at `seen`. */
const HEADS = {
  scaler: (features: number): readonly Node[] => [
    {
      operator: 'Scaler',
      domain: 'ai.onnx.ml',
      inputs: ['input'],
      outputs: ['seen'],
      attributes: {
        offset: { floats: Array.from({ length: features }, (_, index) => index / 3) },
        scale: { floats: Array.from({ length: features }, (_, index) => 1 / (index + 0.7)) },
      },
    },
  ],
  normalizer: (): readonly Node[] => [
    { operator: 'Identity', inputs: ['input'], outputs: ['same'] },
    { operator: 'Normalizer', domain: 'ai.onnx.ml', inputs: ['same'], outputs: ['seen'], attributes: { norm: 'L2' } },
  ],
  encoder: (): readonly Node[] => [
    {
      operator: 'OneHotEncoder',
      domain: 'ai.onnx.ml',
      inputs: ['kind'],
      outputs: ['kinds'],
      attributes: { cats_strings: ['1', '2', '3'], zeros: 1 },
    },
    { operator: 'Concat', inputs: ['input', 'kinds'], outputs: ['seen'], attributes: { axis: 1 } },
  ],
  /** The runtime melts arithmetic into its neighbours, and then other bits come out: it is not cut. */
  arithmetic: (): readonly Node[] => [{ operator: 'Add', inputs: ['input', 'input'], outputs: ['seen'] }],
  /** The model's other output needs what the trees' values are made of. */
  shared: (): readonly Node[] => [
    { operator: 'Identity', inputs: ['input'], outputs: ['same'] },
    { operator: 'Normalizer', domain: 'ai.onnx.ml', inputs: ['same'], outputs: ['seen'], attributes: { norm: 'MAX' } },
    { operator: 'ReduceMax', inputs: ['same'], outputs: ['most'] },
  ],
  double: (): readonly Node[] => [{ operator: 'Cast', inputs: ['input'], outputs: ['seen'], attributes: { to: 11 } }],
} as const

export const plain: Ensemble = {
  seed: 1,
  features: 3,
  trees: 5,
  depth: 4,
  sums: 1,
  classifier: true,
  modes: ['BRANCH_LEQ'],
  transform: 'NONE',
  aggregate: 'SUM',
  bases: false,
  tracks: false,
  negative: true,
  shuffled: false,
}

/** Draws numbers from 0 to 1, the same ones for a seed. */
export function draw(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 4) / 2 ** 28
  }
}

interface DrawnNode {
  readonly tree: number
  readonly id: number
  readonly feature: number
  readonly mode: string
  readonly value: number
  readonly next: readonly [yes: number, no: number]
  readonly tracks: number
}

/** The bytes of a model, and the thresholds that it has. */
export function modelOf(ensemble: Ensemble): { readonly bytes: Uint8Array; readonly thresholds: readonly number[] } {
  const {
    features,
    trees,
    depth,
    sums,
    classifier,
    modes,
    transform,
    aggregate,
    bases,
    tracks,
    negative,
    shuffled,
    sparse,
    batch = 'n',
    head,
  } = ensemble
  const encoded = head === 'encoder'
  const next = draw(ensemble.seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
  const nodes: DrawnNode[] = []
  const weights: { tree: number; node: number; id: number; value: number }[] = []
  for (let tree = 0; tree < trees; tree += 1) {
    const own: DrawnNode[] = []
    let count = 1
    const grow = (id: number, level: number): void => {
      const branch = level < depth && (level === 0 || next() < 0.8)
      const children: readonly [number, number] = branch ? [count++, count++] : [0, 0]
      own.push({
        tree,
        id,
        feature: branch ? Math.floor(next() * (features + (encoded ? 3 : 0))) : 0,
        mode: branch ? pick(modes) : 'LEAF',
        value: branch ? pick([0, -0, 0.5, 1, -1, 1e-40, 3e38, next() * 10 - 5, next()]) : 7,
        next: children,
        tracks: branch && tracks && next() < 0.5 ? 1 : 0,
      })
      if (branch) for (const child of children) grow(child, level + 1)
      else {
        const some = Array.from({ length: sums }, (_, index) => index).filter((index) => sums < 3 || index === id % sums || next() < 0.5)
        const ids = sparse && next() < 0.5 ? [] : some
        for (const one of ids) weights.push({ tree, node: id, id: one, value: next() * (negative ? 2 : 0.2) - (negative ? 1 : 0) })
      }
    }
    grow(0, 0)
    // The first one is the root.
    const [root, ...others] = own
    nodes.push(root!, ...(shuffled ? others.reverse() : others))
  }
  const [what, labels] = [classifier ? 'class' : 'target', sums === 1 ? 2 : sums]
  const attributes: Record<string, Attribute> = {
    nodes_treeids: nodes.map(({ tree }) => tree),
    nodes_nodeids: nodes.map(({ id }) => id),
    nodes_featureids: nodes.map(({ feature }) => feature),
    nodes_modes: nodes.map(({ mode }) => mode),
    nodes_values: { floats: nodes.map(({ value }) => value) },
    nodes_truenodeids: nodes.map(({ next: [yes] }) => yes),
    nodes_falsenodeids: nodes.map(({ next: [, no] }) => no),
    [`${what}_treeids`]: weights.map(({ tree }) => tree),
    [`${what}_nodeids`]: weights.map(({ node }) => node),
    [`${what}_ids`]: weights.map(({ id }) => id),
    [`${what}_weights`]: { floats: weights.map(({ value }) => value) },
    post_transform: transform,
    ...(tracks ? { nodes_missing_value_tracks_true: nodes.map((node) => node.tracks) } : {}),
    ...(bases ? { base_values: { floats: Array.from({ length: sums }, () => next() * 2 - 1) } } : {}),
    ...(classifier ? { classlabels_int64s: Array.from({ length: labels }, (_, label) => label) } : { n_targets: 1 }),
    ...(classifier || aggregate === 'SUM' ? {} : { aggregate_function: aggregate }),
  }
  const node = classifier
    ? { operator: 'TreeEnsembleClassifier', outputs: ['label', 'scores'] }
    : { operator: 'TreeEnsembleRegressor', outputs: ['scores'] }
  const bytes = onnxModel({
    nodes: [...(head ? HEADS[head](features) : []), { ...node, domain: 'ai.onnx.ml', inputs: [head ? 'seen' : 'input'], attributes }],
    inputs: [
      { name: 'input', type: 'float32', shape: [batch, features] },
      ...(encoded ? [{ name: 'kind', type: 'string', shape: [batch] } as const] : []),
    ],
    outputs: [
      { name: 'scores', type: 'float32', shape: [batch, classifier ? labels : 1] },
      ...(classifier ? [{ name: 'label', type: 'int64', shape: [batch] } as const] : []),
      ...(head === 'shared' ? [{ name: 'most', type: 'float32', shape: [1, 1] } as const] : []),
    ],
  })
  return { bytes, thresholds: nodes.filter(({ mode }) => mode !== 'LEAF').map(({ value }) => value) }
}
