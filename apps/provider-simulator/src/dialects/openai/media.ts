import { promptText } from '../../accounts/token-count.js';
import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { formParts, formText } from '../form.js';
import { countField, invalid, jsonOperation, reading, textField } from '../request-body.js';
import { seconds } from './common.js';

const onePixelPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** `POST /v1/images/generations`: pictures of one pixel. */
export const images = jsonOperation('images', (fields) =>
  reading({
    model: textField(fields, 'model') || 'gpt-image-1',
    prompt: promptText(fields['prompt']),
    cacheable: false,
    answer: ({ nowMs, usage }) =>
      json({
        created: seconds(nowMs),
        data: Array.from({ length: Math.min(countField(fields, 'n') ?? 1, 10) }, () => ({
          b64_json: onePixelPng,
        })),
        usage: {
          input_tokens: usage.input,
          input_tokens_details: { text_tokens: usage.input, image_tokens: 0 },
          output_tokens: usage.output,
          total_tokens: usage.input + usage.output,
        },
      }),
  }),
);

/** An MPEG frame header and silence: enough to be told apart from text. */
const silence = Buffer.alloc(4_096, 0);
silence.set([0xff, 0xfb, 0x90, 0x64]);

/** `POST /v1/audio/speech`: 4 KiB of binary. */
export const speech = jsonOperation('speech', (fields) =>
  reading({
    model: textField(fields, 'model'),
    prompt: promptText(fields['input']),
    cost: 'input',
    cacheable: false,
    answer: () => ({ kind: 'whole', contentType: 'audio/mpeg', body: silence }),
  }),
);

/** `POST /v1/audio/transcriptions`: a form with a file; 100 bytes of it count as a token. */
export const transcriptions: Operation = {
  name: 'transcriptions',
  read({ body }) {
    const parts = formParts(body);
    return reading({
      model: formText(parts, 'model'),
      inputTokens: Math.max(1, Math.ceil(body.length / 100)),
      cacheable: false,
      answer: ({ output, usage }) =>
        formText(parts, 'response_format') === 'text'
          ? { kind: 'whole', contentType: 'text/plain; charset=utf-8', body: `${output.text}\n` }
          : json({
              text: output.text,
              usage: {
                type: 'tokens',
                input_tokens: usage.input,
                input_token_details: { text_tokens: 0, audio_tokens: usage.input },
                output_tokens: usage.output,
                total_tokens: usage.input + usage.output,
              },
            }),
    });
  },
};

/** `POST /v1/images/edits` and `/variations`: forms with a picture. */
export const imageEdits: Operation = {
  name: 'images',
  read({ body }) {
    const parts = formParts(body);
    if (![...parts.values()].some(({ filename }) => filename !== '')) {
      return invalid("Missing required parameter: 'image'.", 'image');
    }
    return reading({
      model: formText(parts, 'model') || 'dall-e-2',
      prompt: formText(parts, 'prompt'),
      cacheable: false,
      answer: ({ nowMs }) => json({ created: seconds(nowMs), data: [{ b64_json: onePixelPng }] }),
    });
  },
};
