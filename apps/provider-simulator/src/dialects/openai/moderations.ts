import { promptText } from '../../accounts/token-count.js';
import { json } from '../answers.js';
import { jsonOperation, reading, textField } from '../request-body.js';

const categoryNames = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
];
const each = <T>(value: T) => Object.fromEntries(categoryNames.map((name) => [name, value]));
const result = {
  flagged: false,
  categories: each(false),
  category_scores: each(0.000_01),
  category_applied_input_types: each(['text']),
};

/** `POST /v1/moderations`: nothing is ever flagged. */
export const moderations = jsonOperation('moderations', (fields) => {
  const inputs: readonly unknown[] = Array.isArray(fields['input']) ? fields['input'] : [fields['input']];
  return reading({
    model: textField(fields, 'model') || 'omni-moderation-latest',
    prompt: promptText(inputs),
    cost: 'input',
    cacheable: false,
    answer: ({ id, model }) => json({ id: `modr-${id}`, model, results: inputs.map(() => result) }),
  });
});
