import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { documentCalls } from './data-plane/call-routes.js';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** Serves Swagger UI at `/docs` and the document at `/docs-json`. */
export function serveSwagger(app: NestFastifyApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Provider account pool')
    .setDescription(
      'An AI gateway: many provider accounts behind one key. Errors are listed in docs/failure-modes.md.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'pap_<env>_<id>_<secret>' })
    .build();
  const document = () => documentCalls(withIdempotencyKeys(SwaggerModule.createDocument(app, description)));
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
    swaggerOptions: { persistAuthorization: false },
  });
}

/** Every POST of the admin API takes one; said here once instead of on each route. */
function withIdempotencyKeys(document: OpenAPIObject): OpenAPIObject {
  for (const [path, { post }] of Object.entries(document.paths)) {
    if (post === undefined || !path.startsWith('/admin/')) continue;
    post.parameters = [...(post.parameters ?? []), idempotencyKey];
  }
  return document;
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description:
    'Sent again with the same body within 24 hours, a request that succeeded is not done again and gets its first answer; with another body it is refused with 409',
};
