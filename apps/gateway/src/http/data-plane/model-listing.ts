import type { WireFormat } from '#ai-provider';

interface ModelListing {
  /** One model as the wire format shows it. */
  one(model: string): object;
  /** All models, on one page. */
  list(models: readonly string[]): object;
}

/** Routes have no date of birth in any catalogue; the field is required by the SDKs' types. */
const createdAt = '1970-01-01T00:00:00Z';

const openai = (id: string): object => ({ id, object: 'model', created: 0, owned_by: 'pool' });
const anthropic = (id: string): object => ({ type: 'model', id, display_name: id, created_at: createdAt });
const gemini = (id: string): object => ({
  name: `models/${id}`,
  displayName: id,
  supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens', 'embedContent'],
});

/** How each wire format lists models. */
export const modelListings: Readonly<Record<WireFormat, ModelListing>> = {
  openai: { one: openai, list: (models) => ({ object: 'list', data: models.map(openai) }) },
  anthropic: {
    one: anthropic,
    list: (models) => ({
      data: models.map(anthropic),
      has_more: false,
      first_id: models[0] ?? null,
      last_id: models.at(-1) ?? null,
    }),
  },
  gemini: { one: gemini, list: (models) => ({ models: models.map(gemini) }) },
};
