/**
 * Compares the labels that a model gives itself with those that follow from its scores. Predictions are made of scores alone. But when the
 * two take classes for each other, the columns of scores are not in the order the definition says, and every prediction would be of another
 * class.
 */
import type { Scores } from '../model/scores.js'
import type { OpenModel } from '../model/session.js'
import { DaybreakError } from '../protocol/errors.js'
import type { Block } from '../table/readBlocks.js'
import type { Problems } from './scoreRows.js'

/** A class must have this many records to tell anything. Fewer can be the noise of a model whose labels are not made of its scores. */
const TELLING_RECORDS = 10

/** Counts which classes the scores say, for each label that the model gives itself. */
export class OwnLabels {
  private readonly counts = new Map<number, Map<number, number>>()

  constructor(private readonly model: OpenModel) {}

  /** Adds the scored records of a block. A record with a label that is none of the classes is passed over. */
  add({ count, slot }: Block, problems: Problems, { label, own }: Scores): void {
    for (let record = 0; own && record < count; record += 1) {
      const [said, read] = [own[slot + record]!, label[slot + record]!]
      if (said < 0 || read < 0 || problems.has(record)) continue
      const row = this.counts.get(said) ?? new Map<number, number>()
      this.counts.set(said, row.set(read, (row.get(read) ?? 0) + 1))
    }
  }

  /**
   * Refuses a model whose scores exchange its classes: for each of its own labels one class has most of the scores, a different one for
   * each label, and some label gets another class than its own. Other differences are no error: a threshold, or probabilities made apart
   * from the labels, send the records of two labels to one class.
   * @param where the records, as the message calls them
   * @throws ModelMismatch
   */
  compare(where: string): void {
    const found = [...this.counts].map(([said, row]) => {
      const [read] = [...row].reduce((most, next) => (next[1] > most[1] ? next : most))
      return { said, read, records: [...row.values()].reduce((sum, records) => sum + records) }
    })
    const moved = found.filter(({ said, read }) => said !== read)
    const bijective = found.length > 1 && new Set(found.map(({ read }) => read)).size === found.length
    if (!bijective || !moved.some(({ records }) => records >= TELLING_RECORDS)) return
    const { description, classes, plan } = this.model
    const text = (index: number) => JSON.stringify(classes[index])
    const details = moved.map(
      ({ said, read, records }) => `Of ${records} records that it labels ${text(said)}, its scores make most ${text(read)}.`,
    )
    throw new DaybreakError(
      'ModelMismatch',
      `${description.file} contradicts itself: in ${where} its labels (output ${JSON.stringify(plan.ownLabels[0])}) and its scores (output ${JSON.stringify(plan.scores.output)}), as the definition reads them, take classes for each other`,
      {
        details,
        next: "Its columns of scores are not in the order of its classes, or hold something else. Declare the task with scores: 'label', or export the model with its probabilities.",
        place: { file: description.file },
      },
    )
  }
}
