import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What a page of Swagger UI needs: its own scripts, its style sheets, which are partly in the page, and its pictures. */
const policy = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
};

/** Tells browsers to run nothing but our own in our pages, and to show them in no frame. TLS ends in front of this process. */
export async function protectPages(app: NestFastifyApplication): Promise<void> {
  await app.register(helmet, { contentSecurityPolicy: policy, strictTransportSecurity: false });
}
