/**
 * The error table has every failure that a user can meet, once. The command line, the report, the messages and the docs print from it. Code
 * throws `DaybreakError` with a code of this table; the code alone says whether it can heal, how the run ends and with which exit code.
 */

/** The one word at the top of a report. */
export type Verdict = 'pass' | 'warn' | 'held' | 'refused' | 'failed' | 'input-missing' | 'cancelled'

/** Exit codes of the command line. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  contract: 3,
  inputMissing: 4,
  refused: 5,
  noServer: 6,
  cancelled: 7,
  interrupted: 130,
} as const

interface ErrorEntry {
  /** May a further try help? Then the run's `retries` apply. */
  readonly retryable: boolean
  readonly exitCode: number
  /** How a run that meets it ends. */
  readonly verdict: Verdict
  /** What happened, in plain words, for somebody who does not know the product's inside. */
  readonly title: string
  /** What to do next. */
  readonly next: string
}

const entry = (exitCode: number, verdict: Verdict, title: string, next: string, retryable = false): ErrorEntry => ({
  retryable,
  exitCode,
  verdict,
  title,
  next,
})

export const ERRORS = {
  // the command
  UsageInvalid: entry(EXIT.usage, 'failed', 'The command cannot be understood', 'See daybreak --help.'),
  DateInvalid: entry(EXIT.usage, 'failed', 'This is not a calendar day', 'Write the data date as YYYY-MM-DD, such as 2026-11-23.'),
  PipelineUnknown: entry(
    EXIT.usage,
    'failed',
    'There is no such pipeline',
    'Check the name and --pipelines; each pipeline is a folder with a pipeline.ts.',
  ),
  RunConflict: entry(
    EXIT.usage,
    'failed',
    'This date is running already, and what you asked differs from that run',
    'Wait for it, or cancel it with daybreak cancel, then start yours.',
  ),
  AttemptUnknown: entry(
    EXIT.usage,
    'failed',
    'There is no such attempt',
    'Name one of those there are; daybreak status shows the last of each date.',
  ),
  AttemptRefused: entry(
    EXIT.usage,
    'failed',
    'This attempt cannot be published',
    'Name an attempt that ended with pass or warn, or run the date again.',
  ),
  // the definition
  DefinitionInvalid: entry(
    EXIT.usage,
    'failed',
    'The pipeline definition cannot be used',
    'Mend the lines named, then try daybreak check.',
  ),
  DefinitionChanged: entry(
    EXIT.failed,
    'failed',
    'Definition or model changed while the run was going on',
    'Run the date again: the new run uses one version throughout.',
  ),
  CodeChanged: entry(
    EXIT.failed,
    'failed',
    'The workers were upgraded while the run was going on',
    'The run inspects and scores again by itself; if not, run the date again.',
  ),
  // the schedule
  ScheduleUnfit: entry(
    EXIT.usage,
    'failed',
    'The schedule would miss a day or run one twice',
    'Choose another cron or time zone, then try daybreak schedule apply.',
  ),
  ScheduleMissing: entry(EXIT.usage, 'failed', 'There is no such schedule on the server', 'Make it with daybreak schedule apply.'),
  ScheduleChangedMeanwhile: entry(
    EXIT.failed,
    'failed',
    'Somebody else changed the schedule meanwhile',
    'Look with daybreak schedule show, then apply again.',
  ),
  // the model
  ModelBreaks: entry(
    EXIT.usage,
    'failed',
    'The model takes down or holds the process that runs it',
    'Export it again: smaller, with fewer steps, and without loops that may not end. daybreak check tries it anew.',
  ),
  ModelUnusable: entry(
    EXIT.usage,
    'failed',
    'The model file cannot be used',
    'Look at it with daybreak model, mend or export it again, then try daybreak check.',
  ),
  ModelMismatch: entry(
    EXIT.usage,
    'failed',
    'The model and the definition do not fit each other',
    'Compare the features with what daybreak model says of the file.',
  ),
  ModelVersionChanged: entry(
    EXIT.usage,
    'failed',
    'The model is another one than its version was before',
    'Give the new model a version of its own as model.version, or put the former file back.',
  ),
  GoldenRowsDiffer: entry(
    EXIT.usage,
    'failed',
    'The model does not give the answers its author recorded',
    'Check that model, golden rows and features belong together; export the model again.',
  ),
  ScoringFailed: entry(EXIT.failed, 'failed', 'The model failed while scoring', 'Look at the record named, then run the date again.'),
  RuntimeUnusable: entry(
    EXIT.failed,
    'failed',
    'The ONNX runtime cannot be loaded on this machine',
    'Use Linux with glibc (x64 or arm64), macOS (arm64) or Windows (x64); if this is one, install Daybreak again.',
  ),
  // the input
  InputNotReady: entry(EXIT.inputMissing, 'input-missing', 'The input is not there yet', 'The run looks again by itself.', true),
  InputMissing: entry(EXIT.inputMissing, 'input-missing', 'The input did not arrive', 'Deliver the file, then run the date again.'),
  InputUnreadable: entry(
    EXIT.failed,
    'failed',
    'The input cannot be read',
    'Check that the file is there and that the worker may read it; then run the date again.',
    true,
  ),
  InputChanged: entry(
    EXIT.failed,
    'failed',
    'The input changed while it was being scored',
    'Let the file be delivered under another name and renamed when complete, or write a .done file beside it; then run the date again.',
  ),
  InputRefused: entry(
    EXIT.contract,
    'failed',
    'The input is not a file this pipeline can read',
    'Mend or replace the file as described, then run the date again.',
  ),
  ContractBroken: entry(
    EXIT.contract,
    'failed',
    'The input breaks its contract',
    'Mend the file or the columns in the definition, then run the date again.',
  ),
  RejectBudgetExceeded: entry(
    EXIT.contract,
    'failed',
    'More rows were rejected than the budget allows',
    'Mend the rows that the file of rejects lists, or raise input.rejects in the definition; then run the date again.',
  ),
  DuplicateKeys: entry(
    EXIT.contract,
    'failed',
    'Keys occur more than once',
    "Mend the file, or set input.duplicates to 'warn'; then run the date again.",
  ),
  // the result
  AccountsDiffer: entry(
    EXIT.failed,
    'failed',
    'Rows read, predicted and rejected do not add up',
    'This is a defect: please report it with the manifest. Nothing was published.',
  ),
  ResultCheckFailed: entry(
    EXIT.refused,
    'refused',
    'The predictions failed a check',
    'Look at the check in the report; nothing was published.',
  ),
  AnomalyRefused: entry(
    EXIT.refused,
    'refused',
    'The predictions are unusual, and a rule says not to publish them',
    'Look at the rule in the report. If the day is right, change the rule and run the date again.',
  ),
  Held: entry(
    EXIT.refused,
    'held',
    'The day waits for somebody to look at it',
    'Look at the report, then say daybreak approve or daybreak reject.',
  ),
  NothingHeld: entry(
    EXIT.usage,
    'failed',
    'No attempt of this date waits for a decision',
    'Look at daybreak status; a decision that was made stands.',
  ),
  HoldExpired: entry(
    EXIT.refused,
    'held',
    'The time to approve this attempt is over',
    'Run the date again; what is still unusual is held again.',
  ),
  PublishedMeanwhile: entry(
    EXIT.failed,
    'failed',
    'Somebody else published this date meanwhile',
    'Look at what is published; run the date again with --rerun if it should be replaced.',
  ),
  // the place
  HomeUnusable: entry(
    EXIT.failed,
    'failed',
    'The output folder cannot be used',
    'Check the folder, its owner and the space left; then run the date again.',
    true,
  ),
  StorageDamaged: entry(
    EXIT.failed,
    'failed',
    'A file of the product is missing or damaged',
    'Run the date again; if it comes back, check the disk.',
  ),
  // the team
  ChannelFailed: entry(
    EXIT.failed,
    'failed',
    'A message could not be delivered',
    'Check the webhook or the mail server; the run itself is not affected.',
    true,
  ),
  ChannelUnclear: entry(
    EXIT.failed,
    'failed',
    'A channel took a message and did not say so',
    'Look whether it arrived; its key tells a double. The run itself is not affected.',
    true,
  ),
  ChannelRefused: entry(
    EXIT.failed,
    'failed',
    'A channel refused the message',
    'Check the webhook or the recipients; the run itself is not affected.',
  ),
  // Temporal
  ServerUnreachable: entry(
    EXIT.noServer,
    'failed',
    'No Temporal server answers',
    'Start one (docker compose up, or temporal server start-dev), set TEMPORAL_ADDRESS, or use --local.',
  ),
  ServerUnavailable: entry(
    EXIT.noServer,
    'failed',
    'A Temporal dev server could not be had',
    'Install the Temporal CLI or set TEMPORAL_CLI_PATH or TEMPORAL_ADDRESS; or install Go.',
  ),
  WorkerMissing: entry(
    EXIT.noServer,
    'failed',
    'No worker takes the run',
    'Start one with daybreak worker; the run stays queued and goes on then.',
  ),
  WorkerKeepsDying: entry(
    EXIT.failed,
    'failed',
    'Every worker that tried this step died',
    'Look at the memory limit and the log of the worker; then run the date again.',
  ),
  DeadlineExceeded: entry(
    EXIT.failed,
    'failed',
    'The run did not end before its deadline',
    'Look at the step it stood in; then run the date again.',
  ),
  RunTerminated: entry(EXIT.failed, 'failed', 'The run was terminated from outside', 'Run the date again.'),
  Cancelled: entry(EXIT.cancelled, 'cancelled', 'The run was cancelled', 'Run the date again when you want it.'),
  Interrupted: entry(EXIT.interrupted, 'cancelled', 'The run was interrupted', 'Run the date again; nothing was published.'),
  Unexpected: entry(
    EXIT.failed,
    'failed',
    'Something happened that the product does not know',
    'This is a defect: please report it with the report of the run.',
    true,
  ),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS
