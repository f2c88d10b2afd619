/** Puts the contract's rule ids into words. An id that is not known is shown as it stands, because a wrong sentence would be worse. */
const WORDS: Readonly<Record<string, string>> = {
  null: 'blank, but a value is needed',
  invalid: 'cannot be read as its type',
  min: 'below the smallest value allowed',
  max: 'above the largest value allowed',
  'number.invalid': 'not a number',
  'integer.invalid': 'not a whole number',
  'date.invalid': 'not a day of the declared form',
  'date.min': 'before the first day allowed',
  'date.max': 'after the last day allowed',
  'boolean.invalid': 'neither true nor false as declared',
  'category.unknown': 'not one of the declared values',
  'text.length': 'longer than allowed',
  'text.invalid': 'holds a NUL or half of a character',
  missing: 'the field is missing',
  type: 'a value of another type',
  'feature.error': 'a feature failed on this row',
  'feature.not-finite': 'a feature came out as NaN or infinite',
  'prediction.min': 'the prediction is below the smallest value allowed',
  'prediction.max': 'the prediction is above the largest value allowed',
  'score.not-finite': 'the model answered NaN or an infinite number',
  'row.fields': 'not as many fields as the header',
  'row.quote': 'a quote in the wrong place, or one that never closes',
  'row.line-end': 'a carriage return that ends no line',
  'row.size': 'larger than a record may be',
  'row.json': 'not one JSON object',
  'model.error': 'the model failed on this row',
  'prediction.unknown': 'the model answered a label that is none of the classes',
  'feature.unusable': 'a feature gave something the model cannot take',
}

/** What a rule id such as `number.max` says about a cell. */
export function ruleWords(rule: string): string {
  const last = rule.split('.').at(-1) ?? rule
  for (const id of [rule, last]) {
    if (Object.hasOwn(WORDS, id)) return WORDS[id] ?? rule
  }
  return rule
}
