import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

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
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
    swaggerOptions: { persistAuthorization: false },
  });
}
