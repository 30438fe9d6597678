import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FormHead } from './form-head.js';

const type = 'multipart/form-data; boundary=----b';
const part = (head: string, value: string) =>
  `------b\r\ncontent-disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
const end = '------b--\r\n';

function headOf(form: string, cuts: readonly number[] = []): FormHead {
  const bytes = Buffer.from(form);
  const head = new FormHead(type);
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [at, from] of edges.slice(0, -1).entries()) head.add(bytes.subarray(from, edges[at + 1]));
  return head;
}

describe('the head of a form', () => {
  it('tells the model and where it stands, whether it stands before or behind the file', () => {
    const file = part('name="file"; filename="model"', 'sound\r\n--other\r\n------ in ------b');
    for (const form of [part('name="model"', 'm') + file + end, file + part('name=model', 'm') + end]) {
      const { model, isWhole, kept } = headOf(form);
      expect(model?.value).toBe('m');
      expect(kept.toString('utf8', model?.start, model?.end)).toBe('m');
      expect(isWhole).toBe(true);
      expect(kept.toString()).toBe(form);
    }
  });

  it('reads the same however the bytes arrive', () => {
    const form =
      part('name="stream"', 'true') +
      part('name="file"; filename=a', '\r\n------') +
      part('name="model"', 'é') +
      end;
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), (cuts) => {
        const head = headOf(form, cuts);
        expect([head.model?.value, head.asksForStream, head.isWhole]).toEqual(['é', true, true]);
        expect(head.kept.toString()).toBe(form);
      }),
    );
  });

  it('takes no file for a field, and finds nothing in a form without fields', () => {
    expect(headOf(part('name="model"; filename="x"', 'm') + end).model).toBeNull();
    expect(headOf(end)).toMatchObject({ model: null, isWhole: true });
    expect(headOf(part('name="model"', '') + end).model?.value).toBe('');
  });

  it('refuses what is no form, and a part whose head has no end', () => {
    expect(() => new FormHead('application/json')).toThrow(/multipart/);
    expect(() => new FormHead('multipart/form-data')).toThrow(/multipart/);
    expect(() => headOf('{"model":"m"} and more than a delimiter')).toThrow('The form cannot be read.');
    expect(() => headOf('------bXX')).toThrow('The form cannot be read.');
    expect(() => headOf(`------b\r\n${'x'.repeat(20_000)}`)).toThrow('The form cannot be read.');
  });

  it('never throws anything else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        try {
          headOf(`------b\r\n${a}\r\n\r\n${b}`);
        } catch (error) {
          expect((error as { code?: string }).code).toBe('invalid_request');
        }
      }),
    );
  });
});
