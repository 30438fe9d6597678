import { describe, expect, it } from '@jest/globals';
import { setFormField } from './multipart-edit.js';

const type = 'multipart/form-data; boundary=frontier';
const audio = Buffer.from([0, 255, 13, 10, 45, 45, 102, 114, 13, 10]);
const form = (model: string) =>
  Buffer.concat([
    Buffer.from('--frontier\r\nContent-Disposition: form-data; name="file"; filename="model.wav"\r\n\r\n'),
    audio,
    Buffer.from(
      `\r\n--frontier\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n--frontier--\r\n`,
    ),
  ]);

describe('setFormField', () => {
  it('forwards the very same bytes when the field has the value already', () => {
    const body = form('whisper-1');
    expect(setFormField(body, type, 'model', 'whisper-1')).toBe(body);
  });

  it('changes the one field and no other byte', () => {
    expect(setFormField(form('alias'), type, 'model', 'whisper-large-v3')).toEqual(form('whisper-large-v3'));
  });

  it.each([
    ['no boundary', 'multipart/form-data'],
    ['another boundary', 'multipart/form-data; boundary="other"'],
  ])('leaves a form with %s to the provider', (_, contentType) => {
    const body = form('alias');
    expect(setFormField(body, contentType, 'model', 'x')).toBe(body);
  });
});
