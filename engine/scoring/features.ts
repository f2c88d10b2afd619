/** Features as their author wrote them, expanded (one-hot) and in the model's order. */
import type { AnyPipeline, FeatureContext } from '../../definition/pipeline.js'
import type { CellValue } from '../table/decode.js'

export type Row = Readonly<Record<string, CellValue>>

export interface ComputedFeature {
  readonly name: string
  readonly compute: (row: Row, context: FeatureContext) => CellValue
}

/** The features of a definition in the order of the model's input. */
export function expandFeatures(definition: Pick<AnyPipeline, 'features' | 'input'>): readonly ComputedFeature[] {
  return Object.entries(definition.features).flatMap(([name, feature]): ComputedFeature[] => {
    if (typeof feature === 'function') return [{ name, compute: feature as ComputedFeature['compute'] }]
    const { oneHot } = feature
    const values = feature.values ?? definition.input.columns[oneHot]?.values ?? []
    return values.map((value) => ({ name: `${name}_${value}`, compute: (row) => (row[oneHot] === value ? 1 : 0) }))
  })
}

export function featureNames(definition: Pick<AnyPipeline, 'features' | 'input'>): readonly string[] {
  return expandFeatures(definition).map(({ name }) => name)
}
