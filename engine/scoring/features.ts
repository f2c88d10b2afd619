/**
 * Gives the features of a definition as functions of a row, in the order of the model's input. Nothing is computed here: fillSlots.ts calls
 * the functions, record by record.
 */
import type { AnyPipeline, FeatureContext } from '../../definition/pipeline.js'
import type { CellValue } from '../table/decode.js'

/** A record as features see it: its values by column. */
export type Row = Readonly<Record<string, CellValue>>

export interface ComputedFeature {
  /** Rejects, profiles and model inputs call the feature by this name. */
  readonly name: string
  readonly compute: (row: Row, context: FeatureContext) => CellValue
}

type Declared = Pick<AnyPipeline, 'features' | 'input'>

/**
 * Lists the features in the order of the model's input. A one-hot feature `plan` with the values `a` and `b` becomes two features, `plan_a`
 * and `plan_b`, each 1 or 0.
 */
export const expandFeatures = (definition: Declared): readonly ComputedFeature[] =>
  Object.keys(definition.features).flatMap((name) => expandFeature(definition, name))

/** What one declared feature becomes: itself, or an indicator for each value. */
function expandFeature({ features, input }: Declared, name: string): readonly ComputedFeature[] {
  const feature = features[name]
  if (feature === undefined) return []
  if (typeof feature === 'function') return [{ name, compute: feature as ComputedFeature['compute'] }]
  const { oneHot } = feature
  const values = feature.values ?? input.columns[oneHot]?.values ?? []
  return values.map((value) => ({ name: `${name}_${value}`, compute: (row) => (row[oneHot] === value ? 1 : 0) }))
}

/** Names the same features, in the same order. */
export function featureNames(definition: Declared): readonly string[] {
  return expandFeatures(definition).map(({ name }) => name)
}

/** The features that each input of the model takes, where the definition lists them. */
export function featuresByInput(definition: Declared, lists: Readonly<Record<string, readonly string[]>>) {
  const expanded = (names: readonly string[]) => names.flatMap((name) => expandFeature(definition, name).map((one) => one.name))
  return Object.fromEntries(Object.entries(lists).map(([input, names]) => [input, expanded(names)]))
}
