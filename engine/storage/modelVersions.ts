/**
 * Remembers what each version of a pipeline's model is. It is written once, when the first attempt with results of that version is sealed,
 * and never changed: a version that means another file later would make two days of one version incomparable.
 */
import { jsonText, readJsonIfThere, writeExclusive } from '../files/fileSystem.js'
import type { AttemptRef } from '../protocol/documents/attempt.js'
import type { ModelFingerprint } from '../protocol/documents/manifest.js'
import { DaybreakError } from '../protocol/errors.js'
import { layout } from './layout.js'

interface ModelVersion {
  readonly version: string
  readonly sha256: string
  /** The attempt that was sealed with it first. */
  readonly date: string
  readonly attempt: string
}

/** Records the version of a sealed attempt, unless it is recorded. */
export async function recordVersion(home: string, { pipeline, date, attempt }: AttemptRef, model: ModelFingerprint): Promise<void> {
  const { version, sha256 } = model
  await writeExclusive(layout.modelVersion(home, pipeline, version), jsonText({ version, sha256, date, attempt } satisfies ModelVersion))
}

/** @throws ModelVersionChanged when a sealed attempt had another model of this version */
export async function mustBeVersion(
  home: string,
  pipeline: string,
  model: Pick<ModelFingerprint, 'file' | 'version' | 'sha256'>,
): Promise<void> {
  const known = await readJsonIfThere<ModelVersion>(layout.modelVersion(home, pipeline, model.version))
  if (!known || known.sha256 === model.sha256) return
  throw new DaybreakError(
    'ModelVersionChanged',
    `${model.file} is not the model that version ${JSON.stringify(model.version)} of ${pipeline} was before`,
    {
      details: [
        `sha256 now ${model.sha256}`,
        `sha256 then ${known.sha256}, in attempt ${known.attempt} of ${known.date}, the first of this version`,
      ],
      place: { file: model.file },
    },
  )
}
